import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import type { MonthFault } from "./closed-months.ts";
import {
  type Created,
  type CreateOptions,
  createSnapshot,
  type SnapshotRefusal,
  type SnapshotSource,
} from "./create-snapshot.ts";
import { type ListingCatalogue, listSnapshots, type SnapshotList } from "./list-snapshots.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import { type Thinned, type ThinOptions, thinSnapshots } from "./thin-snapshots.ts";
import type { PageMemory } from "./write-document.ts";

export interface ServerSnapshotsDeps {
  folder: SnapshotFolder;
  source: SnapshotSource;
  catalogue: ListingCatalogue;
  clock: Clock;
  random: RandomSource;
  onMonthFault(fault: MonthFault): void;
}

/** Snapshots of one open server: taken one after the other, listed in its catalogue. */
export class ServerSnapshots {
  readonly folder: SnapshotFolder;
  readonly #deps: ServerSnapshotsDeps;
  readonly #mailbox = new Mailbox();
  readonly #memory: PageMemory = new Map();

  constructor(deps: ServerSnapshotsDeps) {
    this.folder = deps.folder;
    this.#deps = deps;
  }

  /** @throws StoreFault when it cannot be written; nothing of it is listed then */
  take(options: CreateOptions): Promise<Result<Created, SnapshotRefusal>> {
    return this.#mailbox.post(async () => {
      const created = await createSnapshot({ ...this.#deps, memory: this.#memory }, options);
      if (created.ok && created.value.isNew) await this.list();
      return created;
    });
  }

  /**
   * A version to go back to, before something that may have to be undone; it is whole when this resolves.
   * @param work for people: `import`, `pruning USB`
   * @returns nothing where there is no organisation, and so nothing to lose; refused as `damaged` where
   *   the disk does not hold what was folded: then the work had better not begin
   * @throws StoreFault likewise
   */
  async snapshotBefore(work: string): Promise<Result<Created | undefined, "damaged">> {
    const taken = await this.take({ reason: `before ${work}`, unlessSame: false });
    if (taken.ok) return taken;
    return taken.refusal === "not-founded" ? done(undefined) : refuse(taken.refusal);
  }

  /**
   * Takes away what the policy does not keep; killed anywhere, what is listed can be restored.
   * @throws StoreFault when the disk refuses; the next time goes on
   */
  thin(options: ThinOptions): Promise<Thinned> {
    return this.#mailbox.post(async () => {
      const thinned = await thinSnapshots(this.folder, options);
      if (thinned.removed.length > 0) await this.list();
      return thinned;
    });
  }

  list(): Promise<SnapshotList> {
    return listSnapshots(this.folder, this.#deps.catalogue);
  }

  /** Writes the catalogue's list anew, from the manifests alone. */
  relist(): Promise<SnapshotList> {
    return listSnapshots(this.folder, this.#deps.catalogue, { isMistrusted: true });
  }
}

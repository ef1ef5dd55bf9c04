import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import type { Result } from "../../shared/outcome/result.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import {
  type Created,
  type CreateOptions,
  createSnapshot,
  type SnapshotRefusal,
  type SnapshotSource,
} from "./create-snapshot.ts";
import { type ListingCatalogue, listSnapshots, type SnapshotList } from "./list-snapshots.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { PageMemory } from "./write-document.ts";

export interface ServerSnapshotsDeps {
  folder: SnapshotFolder;
  source: SnapshotSource;
  catalogue: ListingCatalogue;
  clock: Clock;
  random: RandomSource;
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

  list(): Promise<SnapshotList> {
    return listSnapshots(this.folder, this.#deps.catalogue);
  }
}

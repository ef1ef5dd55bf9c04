import { listingOf } from "../snapshots/list-snapshots.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import type { ServerSnapshots } from "../snapshots/server-snapshots.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Log } from "./log.ts";

/**
 * Makes the catalogue's list of snapshots anew from their manifests where it was lost or damaged, names
 * others than are there, or says something else of the newest.
 */
export async function mendCatalogue(
  {
    ids,
    newest,
    catalogue,
    snapshots,
  }: {
    /** of the snapshots that are there */
    ids: readonly SnapshotId[];
    newest: Manifest | undefined;
    catalogue: Catalogue;
    snapshots: ServerSnapshots;
  },
  log: Log,
): Promise<void> {
  const damaged = catalogue.damaged ?? [];
  if (damaged.length > 0)
    log.warn({ damaged: damaged.join(), aside: "catalogue.json.damaged" }, "catalogue was damaged");
  const listed = catalogue.data().snapshots;
  const isSame = listed.length === ids.length && listed.every(({ id }, at) => id === ids[at]);
  const told = listed.at(-1);
  const isTrue = !newest || JSON.stringify(told) === JSON.stringify(listingOf(newest));
  if (isSame && isTrue) return;
  const made = isSame ? await snapshots.relist() : await snapshots.list();
  const { length: is } = made.snapshots;
  if (made.unreadable.length > 0)
    log.warn({ unreadable: made.unreadable.join() }, "manifests of snapshots cannot be read");
  if (JSON.stringify(made.snapshots) !== JSON.stringify(listed))
    log.warn({ was: listed.length, is }, "catalogue made anew from manifests");
}

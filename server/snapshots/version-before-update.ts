import type { Catalogue } from "../data/catalogue.ts";
import type { Log } from "../data/log.ts";
import type { ServerSnapshots } from "./server-snapshots.ts";

/** What a program says that does not know its own version. */
const unknownVersion = "0";

/**
 * Data that another version of this program had open last is kept as it was before this one writes. A
 * shop opens though that fails, and it is tried again at the next start.
 */
export async function versionBeforeUpdate(
  { catalogue, snapshots }: { catalogue: Catalogue; snapshots: ServerSnapshots },
  { version, log }: { version: string; log: Log },
): Promise<void> {
  const { servedBy } = catalogue.data();
  if (version === unknownVersion || servedBy === version) return;
  try {
    const from = servedBy ?? "an unknown version";
    const taken = await snapshots.snapshotBefore(`update from ${from} to ${version}`);
    if (!taken.ok) throw new Error(`the live store is ${taken.refusal}`);
    await catalogue.update((data) => {
      data.servedBy = version;
    });
    if (taken.value)
      log.info({ from, to: version, snapshot: taken.value.manifest.id }, "kept before update");
  } catch (error) {
    log.error({ from: servedBy, to: version, error: String(error) }, "not kept before update");
  }
}

import { liveFolder, type OpenFolder } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { verifyLive } from "../snapshots/verify-live.ts";
import { damaged, finished, type Outcome } from "./outcome.ts";
import { textOf } from "./snapshot-commands.ts";

/** Reads the whole live store back and names what is damaged. */
export async function verifyCommand({
  data,
  platform,
}: {
  data: OpenFolder;
  platform: ServerPlatform;
}): Promise<Outcome> {
  const { store, snapshotFolder, dir } = data;
  const { files, signatures, clock } = platform;
  const newest = (await snapshotFolder.ids()).at(-1);
  const report = await verifyLive({
    store,
    files,
    live: liveFolder(dir),
    signatures,
    nowMs: clock.nowMs(),
    newest: newest === undefined ? undefined : await readSnapshot(snapshotFolder, newest),
  });
  const { ok, damage, notes, missingKeys, checked } = report;
  const facts = [
    `${checked.documents} documents, ${checked.elements} elements, ${checked.authorityEntries} authority entries, ${checked.seals} seals, ${checked.keys} keys read`,
    ...notes.map((note) => `noted:\n${textOf(note)}`),
    ...(missingKeys.length > 0
      ? [`${missingKeys.length} members' keys are not here; a device may bring them`]
      : []),
  ];
  return ok
    ? finished(report, ["Everything is whole.", ...facts].join("\n"))
    : damaged(report, ["DAMAGED:", ...damage.map(textOf), ...facts].join("\n"));
}

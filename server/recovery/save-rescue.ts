import { dirname } from "node:path";
import { sealForRecovery } from "../../shared/access/recovery-age.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { type RescueSource, writeRescue } from "../../shared/replica/rescue-file.ts";
import type { Relay } from "../relay/relay.ts";
import type { Files } from "../storage/files.ts";
import { writeAll } from "../storage/whole-files.ts";

export interface SavedRescue {
  bytes: number;
  operations: number;
}

/** Writes a rescue file aside and puts it in place when it is whole and synced. */
export async function saveRescue(
  source: RescueSource,
  path: string,
  files: Files,
): Promise<SavedRescue> {
  const aside = `${path}.new`;
  const file = await files.open(aside);
  const saved: SavedRescue = { bytes: 0, operations: 0 };
  try {
    await file.truncate(0);
    const seal = (text: string) => sealForRecovery(source.authority.recovery.encrypt, text);
    const onProgress = ({ done }: { done: number }) => {
      saved.operations = done;
    };
    for await (const line of writeRescue(source, seal, onProgress)) {
      const bytes = utf8(line);
      await writeAll(file, bytes, saved.bytes);
      saved.bytes += bytes.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(aside, path);
  await files.syncFolder(dirname(path));
  return saved;
}

/** A server's own copy as a source. */
export function rescueSourceOfRelay(relay: Relay, nowMs: number): RescueSource {
  return {
    device: relay.device,
    nowMs,
    authority: relay.ledger.log,
    authorityTexts: async () => relay.ledger.authorityTexts,
    heads: () => relay.heads(),
    runsFrom: (chain, seq) => relay.runsFrom(chain, seq),
    runsApart: async () => {
      const runs = await Promise.all(relay.branches().map(({ head }) => relay.runOfBranch(head)));
      return runs.flatMap((run) => run ?? []);
    },
    keys: () => relay.keyring.entries(),
  };
}

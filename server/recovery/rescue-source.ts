import * as z from "zod/mini";
import { openWithRecovery } from "../../shared/access/recovery-age.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { operationRef } from "../../shared/journal/operation.ts";
import { linesOf, readRescue } from "../../shared/replica/rescue-file.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import type { Files } from "../storage/files.ts";
import type { RecoverySource, SourcePiece } from "./recovery-source.ts";

const readBytes = 256 * 1024;

/** A rescue file, a line at a time; what is damaged in one may be whole in another. */
export const rescueSource = (
  path: string,
  { files, recovery }: { files: Files; recovery: RecoveryKey },
): RecoverySource => ({
  name: path,
  kind: "rescue",
  async *pieces(): AsyncGenerator<SourcePiece> {
    for await (const piece of readRescue(linesOf(textOf(path, files)))) {
      if (piece.type === "header")
        yield { type: "promise", heads: piece.header.heads.map(([chain, next]) => [chain, next]) };
      else if (piece.type === "authority") yield { type: "log", entries: piece.entries };
      else if (piece.type === "runs") yield piece;
      else if (piece.type === "damaged") {
        const { line } = piece;
        yield { type: "damage", damage: { where: path, what: `line ${line} is damaged`, line } };
      } else if (piece.type === "keys") {
        const opened = await openWithRecovery(recovery, piece.sealed);
        yield { type: "keys", keys: readKeys(opened ?? "") };
      }
    }
  },
});

const keyEntries = z.array(z.tuple([operationRef, z.string().check(z.maxLength(64))]));

/** Anybody can seal for a card: what it opens is not believed for that. */
function readKeys(text: string): KeyEntry[] {
  try {
    return keyEntries.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

/** A file's text, a piece at a time. */
export async function* textOf(path: string, files: Files): AsyncGenerator<string> {
  const file = await files.open(path);
  try {
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(readBytes);
    for (let at = 0; ; ) {
      const read = await file.read(bytes, at);
      if (read === 0) break;
      at += read;
      yield decoder.decode(bytes.subarray(0, read), { stream: true });
    }
  } finally {
    await file.close();
  }
}

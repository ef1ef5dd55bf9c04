import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { openWithRecovery } from "../../shared/access/recovery-age.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { linesOf, type RescueHeader, readRescue } from "../../shared/replica/rescue-file.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import type { Files } from "../storage/files.ts";

/** What some rescue files hold together; nothing of it is checked but the authority log. */
export interface RescuedFiles {
  /** the longest log among them */
  authority: string[];
  state: AuthorityState | undefined;
  /** each run once */
  runs: Run[];
  keys: KeyEntry[];
  headers: RescueHeader[];
  damage: { file: string; line: number }[];
  /** files that do not belong to the organisation of the first */
  foreign: string[];
}

const readBytes = 256 * 1024;

/** Reads files one after the other; what is damaged in one may be whole in another. */
export async function readRescueFiles(
  paths: readonly string[],
  recovery: RecoveryKey,
  { files, signatures }: { files: Files; signatures: Signatures },
): Promise<RescuedFiles> {
  const found: RescuedFiles = {
    authority: [],
    state: undefined,
    runs: [],
    keys: [],
    headers: [],
    damage: [],
    foreign: [],
  };
  const seals = new Set<string>();
  for (const file of paths) {
    const entries: string[] = [];
    for await (const piece of readRescue(linesOf(textOf(file, files)))) {
      if (piece.type === "header") found.headers.push(piece.header);
      else if (piece.type === "damaged") found.damage.push({ file, line: piece.line });
      else if (piece.type === "authority") entries.push(...piece.entries);
      else if (piece.type === "runs") {
        for (const run of piece.runs)
          if (!seals.has(run.seal)) {
            seals.add(run.seal);
            found.runs.push(run);
          }
      } else if (piece.type === "keys") {
        const opened = await openWithRecovery(recovery, piece.sealed);
        if (opened !== undefined) found.keys.push(...(JSON.parse(opened) as KeyEntry[]));
      }
    }
    await takeLog(found, entries, file, signatures);
  }
  return found;
}

async function takeLog(
  found: RescuedFiles,
  entries: string[],
  file: string,
  signatures: Signatures,
): Promise<void> {
  if (entries.length === 0) return;
  const log = await readAuthorityLog(entries, signatures);
  if (!log.ok) return;
  if (found.state && found.state.org !== log.value.org) found.foreign.push(file);
  else if (entries.length > found.authority.length) {
    found.authority = entries;
    found.state = log.value;
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

import * as z from "zod/mini";
import { readEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { openWithRecovery } from "../../shared/access/recovery-age.ts";
import { type RecoveryKey, recoveryPublic } from "../../shared/access/recovery-key.ts";
import { operationRef } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { linesOf, type RescueHeader, readRescue } from "../../shared/replica/rescue-file.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import type { Files } from "../storage/files.ts";
import { isRecoveryKeyOf } from "./open-next-term.ts";

/** What some rescue files hold together; nothing of it is checked but the authority log. */
export interface RescuedFiles {
  /** the longest log among them that the card's owner signed; another only if there is none */
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
        for (const entry of readKeys(opened ?? "")) found.keys.push(entry);
      }
    }
    await takeLog(found, entries, { file, recovery, signatures });
  }
  const { state } = found;
  if (state) found.headers = found.headers.filter(({ org }) => org === state.org);
  return found;
}

const keyEntries = z.array(z.tuple([operationRef, z.string().check(z.maxLength(64))]));

/** Anybody can seal for a card: what it opens is not believed for that. */
function readKeys(text: string): KeyEntry[] {
  try {
    return keyEntries.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

async function takeLog(
  found: RescuedFiles,
  texts: readonly string[],
  { file, recovery, signatures }: { file: string; recovery: RecoveryKey; signatures: Signatures },
): Promise<void> {
  const log = await followLog(texts, recovery, signatures);
  if (!log) return;
  const isOurs = isRecoveryKeyOf(log.state, recovery);
  const before = found.state;
  const isBetter = !before || (isOurs && !isRecoveryKeyOf(before, recovery));
  const isSame = before?.org === log.state.org && before.recovery.sign === log.state.recovery.sign;
  if (isBetter || (isSame && log.entries.length > found.authority.length)) {
    found.authority = log.entries;
    found.state = log.state;
  } else if (!isSame) found.foreign.push(file);
}

/** The log as far as its entries are here, wherever in the file they stand and whatever is among them. */
async function followLog(
  texts: readonly string[],
  recovery: RecoveryKey,
  signatures: Signatures,
): Promise<{ entries: string[]; state: AuthorityState } | undefined> {
  const own = recoveryPublic(recovery).sign;
  const inOrder = [...new Set(texts)]
    .flatMap((text) => {
      const entry = readEntry(text);
      if (!entry) return [];
      const isOthers = entry.kind === "OrganisationFounded" && entry.body.recovery.sign !== own;
      return [{ text, rank: entry.seq * 2 + (isOthers ? 1 : 0) }];
    })
    .sort((a, b) => a.rank - b.rank);
  const entries: string[] = [];
  let state: AuthorityState | undefined;
  for (const { text } of inOrder) {
    const next = await appendEntry(state, text, signatures);
    if (!next.ok) continue;
    state = next.value;
    entries.push(text);
  }
  return state && { entries, state };
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

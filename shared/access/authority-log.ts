import { hashText } from "../journal/bytes.ts";
import type { Signatures } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { type AuthorityEntry, headOfEntry, readEntry, signedBytes } from "./authority-entry.ts";
import type { AuthorityState } from "./authority-state.ts";
import { type AuthorityFault, faultOf } from "./entry-faults.ts";
import { foldEntry, foundOrganisation } from "./fold-entry.ts";
import { dismissLost, foldLost, reinstateLost } from "./lost-entries.ts";
import { type ReplayedEntries, replayLost } from "./replay-lost.ts";

/**
 * Checks one entry against the log so far and folds it in.
 * @param state log so far, or undefined before entry 0; it is changed only when the entry is good
 * @returns the state after the entry
 */
export async function appendEntry(
  state: AuthorityState | undefined,
  text: string,
  signatures: Signatures,
): Promise<Result<AuthorityState, AuthorityFault>> {
  const entry = readEntry(text);
  if (!entry) return refuse("malformed");
  const expected = state ? { seq: state.heads.length, prev: state.lastHash } : { seq: 0, prev: "" };
  if (state && entry.org !== state.org) return refuse("other-organisation");
  if (entry.seq !== expected.seq || entry.prev !== expected.prev) return refuse("not-next");
  const signed = await signersOf(entry, signatures);
  if (!signed) return refuse("bad-signature");
  if (!state)
    return entry.kind === "OrganisationFounded" &&
      signed.has(`recovery ${entry.body.recovery.sign}`)
      ? done(foundOrganisation(entry, entry.body, text))
      : refuse("not-entitled");
  const fault = faultOf(state, entry, signed);
  if (fault) return refuse(fault);
  const isRecord = entry.kind === "LostEntriesRecorded";
  const lost = isRecord
    ? await replayLost(state, entry.body, { append: appendEntry, signatures })
    : done(undefined);
  if (!lost.ok) return lost;
  fold(state, entry, lost.value);
  state.heads.push(headOfEntry(entry.seq, text));
  state.lastHash = hashText(text);
  state.texts.push(text);
  return done(state);
}

function fold(state: AuthorityState, entry: AuthorityEntry, lost?: ReplayedEntries): void {
  if (lost) foldLost(state, lost, entry.seq);
  else if (entry.kind === "EntriesReinstated") reinstateLost(state, entry.body.through, entry.seq);
  else if (entry.kind === "EntriesDismissed") dismissLost(state, entry.body.through);
  else foldEntry(state, entry);
}

/** Follows a whole log from entry 0. */
export async function readAuthorityLog(
  texts: readonly string[],
  signatures: Signatures,
): Promise<Result<AuthorityState, AuthorityFault>> {
  let state: AuthorityState | undefined;
  for (const text of texts) {
    const next = await appendEntry(state, text, signatures);
    if (!next.ok) return next;
    state = next.value;
  }
  return state ? done(state) : refuse("malformed");
}

/** @returns `by key` of every signature, or undefined when one of them is bad */
async function signersOf(
  entry: AuthorityEntry,
  signatures: Signatures,
): Promise<Set<string> | undefined> {
  const { sigs, ...unsigned } = entry;
  const bytes = signedBytes(unsigned);
  for (const { key, sig } of sigs)
    if (!(await signatures.verify(key, bytes, sig))) return undefined;
  return new Set(sigs.map(({ by, key }) => `${by} ${key}`));
}

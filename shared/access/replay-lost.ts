import { type AuthorityHead, seqOfHead } from "../journal/operation.ts";
import type { Signatures } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { type AuthorityBody, headOfEntry, readEntry } from "./authority-entry.ts";
import { type AuthorityState, type LostEntry, type Rights, termAt } from "./authority-state.ts";
import type { AuthorityFault } from "./entry-faults.ts";
import { lostPath } from "./lost-path.ts";

/** What lost entries said in the log that held them. */
export interface ReplayedEntries {
  fresh: [AuthorityHead, Omit<LostEntry, "standing">][];
  /** that log, to its end */
  log: AuthorityState;
}

interface ReplayTools {
  append(
    state: AuthorityState | undefined,
    text: string,
    signatures: Signatures,
  ): Promise<Result<AuthorityState, AuthorityFault>>;
  signatures: Signatures;
}

/** For entries that were verified when they came. */
const trusting: Signatures = { verify: () => Promise.resolve(true) };

/**
 * Checks lost entries as the log stood where they parted from it: each must be the next one there, and
 * signed by those who were entitled there.
 */
export async function replayLost(
  state: AuthorityState,
  { after, entries }: AuthorityBody<"LostEntriesRecorded">,
  { append, signatures }: ReplayTools,
): Promise<Result<ReplayedEntries, AuthorityFault>> {
  const path = lostPath(state, after) ?? [];
  const common = path[0]?.after ?? after;
  const commonSeq = seqOfHead(common);
  // A log parts from ours only where a server died: what follows in ours is of a later term.
  if (state.heads[commonSeq] !== common || commonSeq >= state.openedSeq)
    return refuse("unknown-subject");
  const shared = state.texts.slice(0, commonSeq + 1);
  const before = await follow(undefined, shared, append, trusting);
  const beginning = await follow(undefined, shared, append, trusting);
  if (!before.ok || !beginning.ok) return refuse("malformed");
  const known = path.map(({ text }) => text);
  const there = await follow(beginning.value, known, append, trusting);
  const log = there.ok ? await follow(there.value, entries, append, signatures) : there;
  if (!log.ok) return log;
  const fresh: ReplayedEntries["fresh"] = [];
  let last = after;
  for (const [index, text] of entries.entries()) {
    const head = headOfEntry(seqOfHead(after) + 1 + index, text);
    const entry = readEntry(text);
    if (!entry) return refuse("malformed");
    if (state.lost.has(head) || state.heads[entry.seq] === head) return refuse("already-used");
    const rights = rightsOf(log.value);
    const term = termAt(log.value, entry.seq);
    fresh.push([
      head,
      { text, entry, after: last, term, commonSeq, before: rightsOf(before.value), rights },
    ]);
    last = head;
  }
  return done({ fresh, log: log.value });
}

async function follow(
  state: AuthorityState | undefined,
  texts: readonly string[],
  append: ReplayTools["append"],
  signatures: Signatures,
): Promise<Result<AuthorityState, AuthorityFault>> {
  let at = state;
  for (const text of texts) {
    const next = await append(at, text, signatures);
    if (!next.ok) return next;
    at = next.value;
  }
  return at ? done(at) : refuse("malformed");
}

const rightsOf = ({ devices, staff, stores }: AuthorityState): Rights => ({
  devices,
  staff,
  stores,
});

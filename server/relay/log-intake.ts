import { headOfEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry, readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { openThrough } from "../../shared/access/lost-path.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { type AuthorityHead, seqOfHead } from "../../shared/journal/operation.ts";
import type { Clock, Signatures, Signer } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { Mailbox } from "../../shared/replica/mailbox.ts";
import type { RaiseAlarm } from "./alarms.ts";
import type { DocumentTails } from "./document-tails.ts";
import { trusting } from "./trusting.ts";

export interface LogIntakeDeps {
  mailbox: Mailbox;
  signatures: Signatures;
  clock: Clock;
  alarm: RaiseAlarm;
  /** this server's own identity */
  device: string;
  signer: Signer;
  tails: Pick<DocumentTails, "take">;
  ledger(): Ledger;
  barred(): string | undefined;
  isSuspended(): boolean;
  appendAuthority(texts: readonly string[]): Promise<Result<string, string>>;
}

/** Characters of lost entries that one entry of ours carries, unless a single one has more. */
const carriedLengthMax = 48 * 1024;
/** Lost entries that are kept for good, whoever brings them. */
const lostEntriesMax = 2000;
const lostLengthMax = 1024 * 1024;

/**
 * Takes in what somebody holds of the authority log and this server does not. Entries are signed by
 * those entitled, so it does not matter who brings them. What goes on from our log was lost here, and is
 * appended; what parted from it before our term was left behind by a recovery, and is kept in it.
 */
export class LogIntake {
  readonly #deps: LogIntakeDeps;

  constructor(deps: LogIntakeDeps) {
    this.#deps = deps;
  }

  /**
   * @param heads of somebody's log, from entry 0
   * @returns how many of them we know, how many are in our log, and whether the owner has still to say
   * what becomes of the others
   */
  compare(heads: readonly AuthorityHead[]): { known: number; held: number; open: boolean } {
    const { authority } = this.#deps.ledger();
    if (!authority) return { known: 0, held: 0, open: false };
    let held = 0;
    while (held < heads.length && authority.heads[held] === heads[held]) held++;
    let known = held;
    while (held > 0 && known < heads.length && authority.lost.has(heads[known] ?? "")) known++;
    const left = openThrough(authority, heads[known - 1] ?? "") ?? [];
    return { known, held, open: left.some(({ standing }) => standing === "open") };
  }

  /**
   * @param after the entry that these follow
   * @returns why nothing, or not all, was taken
   */
  async take(after: AuthorityHead, entries: readonly string[]): Promise<Result<void, string>> {
    const { authority } = this.#deps.ledger();
    if (!authority) return refuse("not-founded");
    if (after !== authority.heads.at(-1))
      return this.#deps.mailbox.post(() => this.#record(after, entries));
    const taken = await this.#deps.tails.take(authorityDocument, seqOfHead(after) + 1, entries);
    return taken.code === undefined ? done(undefined) : refuse(taken.code);
  }

  /** Keeps lost entries, some in each of ours: what they restrict is in force when this resolves. */
  async #record(after: AuthorityHead, entries: readonly string[]): Promise<Result<void, string>> {
    const { barred, isSuspended, alarm, ledger } = this.#deps;
    const why = barred() ?? (isSuspended() ? "store-rolled-back" : undefined);
    if (why !== undefined) return refuse(why);
    const fresh = unknownOf(ledger().log, after, entries);
    if (!isWithinBounds(ledger().log, fresh.entries)) return refuse("too-many");
    let at = fresh.after;
    for (const part of partsOf(fresh.entries)) {
      const recorded = await this.#recordPart(at, part);
      if (!recorded.ok) return recorded;
      at = headOfEntry(seqOfHead(at) + part.length, part.at(-1) ?? "");
    }
    if (fresh.entries.length > 0)
      alarm({
        kind: "lost-entries",
        detail: { after: fresh.after, entries: fresh.entries.length },
      });
    return done(undefined);
  }

  async #recordPart(after: AuthorityHead, entries: string[]): Promise<Result<void, string>> {
    const { ledger, signatures, signer, device, clock, appendAuthority } = this.#deps;
    const { authorityTexts, log } = ledger();
    const proposal = { kind: "LostEntriesRecorded", body: { after, entries } } as const;
    const text = await signEntry(
      log,
      proposal,
      [{ by: `device:${device}`, signer }],
      clock.nowMs(),
    );
    const trial = await readAuthorityLog(authorityTexts, trusting);
    const appended = trial.ok ? await appendEntry(trial.value, text, signatures) : trial;
    if (!appended.ok) return appended;
    const stored = await appendAuthority([text]);
    return stored.ok ? done(undefined) : stored;
  }
}

/** Without those at the beginning that are known already. */
function unknownOf(
  { heads, lost }: AuthorityState,
  after: AuthorityHead,
  entries: readonly string[],
): { after: AuthorityHead; entries: string[] } {
  let last = after;
  for (const [index, text] of entries.entries()) {
    const seq = seqOfHead(after) + 1 + index;
    const head = headOfEntry(seq, text);
    if (!lost.has(head) && heads[seq] !== head)
      return { after: last, entries: entries.slice(index) };
    last = head;
  }
  return { after: last, entries: [] };
}

function isWithinBounds({ lost }: AuthorityState, entries: readonly string[]): boolean {
  const kept = [...lost.values()].reduce((sum, { text }) => sum + text.length, 0);
  const length = entries.reduce((sum, text) => sum + text.length, kept);
  return lost.size + entries.length <= lostEntriesMax && length <= lostLengthMax;
}

function* partsOf(entries: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let length = 0;
  for (const text of entries) {
    if (part.length > 0 && length + text.length > carriedLengthMax) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(text);
    length += text.length;
  }
  if (part.length > 0) yield part;
}

import {
  type ChainId,
  chainOf,
  citedSequence,
  type Operation,
  type OperationRef,
  readStoredOperation,
  refOf,
  splitRef,
  writeOperation,
} from "../journal/operation.ts";
import { assert } from "../outcome/assert.ts";
import { Shared } from "../state-pages/graph.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import type { Claim } from "../stored-value/credit-claims.ts";
import { isMadeAtOnce, makerOf } from "../stored-value/value-line.ts";
import type { Books } from "./books.ts";
import { type AnyRule, faultOfForm, faultOfNeed, ruleByKind } from "./kind-rules.ts";

/** Where an operation stands on this replica. */
export type Standing = "counted" | "waiting" | "refused" | "quarantined" | "unknown-kind";

export interface Exception {
  ref: OperationRef;
  kind: string;
  standing: Exclude<Standing, "counted">;
  reason: string;
}

interface Pending {
  ref: OperationRef;
  operation: Operation;
  rule: AnyRule;
  body: unknown;
  /** what it asks of its author's purse */
  claims: readonly Claim[];
  /** its rule was asked, with everything there that it needs, and found nothing */
  isFaultless: boolean;
  /** it counts or is refused: for good */
  isDecided: boolean;
}

const noClaims: readonly Claim[] = [];

/** What is kept of something that waits; as it is read back, claims are the purses' own. */
interface PendingParts {
  text: string;
  claims: readonly Claim[];
  isFaultless: boolean;
}

const partsOf = ({ operation, claims, isFaultless }: Pending) => ({
  text: writeOperation(operation),
  claims: claims.map((claim) => new Shared(claim)),
  isFaultless,
});

/** First and last of each stretch. */
function rangesOf(numbers: Iterable<number>): number[] {
  const ranges: number[] = [];
  for (const each of [...numbers].sort((a, b) => a - b))
    if (each === (ranges.at(-1) ?? Number.NaN) + 1) ranges[ranges.length - 1] = each;
    else ranges.push(each, each);
  return ranges;
}

function ofRanges(ranges: readonly number[]): Set<number> {
  const numbers = new Set<number>();
  for (let at = 0; at < ranges.length; at += 2)
    for (let each = ranges[at] as number; each <= (ranges[at + 1] as number); each++)
      numbers.add(each);
  return numbers;
}

/**
 * Counts operations: each when everything that it names counts, whatever the order of arrival.
 * `enter` must be called in sequence for each chain, with operations that the judge accepted.
 */
export class JournalFold {
  readonly #books: Books;
  readonly #counted = new Map<ChainId, Set<number>>();
  readonly #exceptions = new Map<OperationRef, Exception>();
  /** what waits, by its own reference and by the operations that it needs */
  readonly #pending = new Map<OperationRef, Pending>();
  readonly #waitersByNeed = new Map<OperationRef, Pending[]>();
  readonly #openBatches = new Map<OperationRef, Pending[]>();
  /** what something became known of, to be looked at next */
  #due: Pending[] = [];
  /** what was taken from kept entries, which name it several times */
  readonly #taken = new WeakMap<PendingParts, Pending>();

  constructor(books: Books) {
    this.#books = books;
  }

  isCounted(ref: OperationRef): boolean {
    const { chain, seq } = splitRef(ref);
    return this.#counted.get(chain)?.has(seq) ?? false;
  }

  exceptions(): Iterable<Exception> {
    return this.#exceptions.values();
  }

  exception(ref: OperationRef): Exception | undefined {
    return this.#exceptions.get(ref);
  }

  setAside(operation: Operation, standing: "quarantined" | "unknown-kind", reason: string): void {
    this.#except(refOf(operation), operation.kind, standing, reason);
    this.#work();
  }

  enter(operation: Operation, late: boolean): void {
    const ref = refOf(operation);
    const rule = ruleByKind[operation.kind];
    const body = rule?.read(operation.body);
    if (rule && body !== undefined)
      this.#receive(
        { ref, operation, rule, body, claims: noClaims, isFaultless: false, isDecided: false },
        late,
      );
    else this.#except(ref, operation.kind, "refused", "malformed");
    this.#work();
  }

  /** A device was replaced or a chain went on: what waited for that may now be decided. */
  settleSuccessions(): void {
    this.#books.purses.settleSuccessions();
    this.#work();
  }

  /** What counts, what does not, and what waits, entry by entry; between two operations. */
  *entries(): Generator<StateEntry> {
    assert(this.#due.length === 0, "nothing is being decided");
    for (const [chain, counted] of this.#counted) yield ["counted", [chain, rangesOf(counted)]];
    for (const exception of this.#exceptions.values()) yield ["exceptions", exception];
    const written = new Map<Pending, Shared>();
    const kept = (pending: Pending): Shared => {
      const known = written.get(pending) ?? new Shared(partsOf(pending));
      written.set(pending, known);
      return known;
    };
    for (const pending of this.#pending.values()) yield ["pending", kept(pending)];
    for (const [need, waiters] of this.#waitersByNeed) {
      const waiting = waiters.filter(({ isDecided }) => !isDecided);
      if (waiting.length > 0) yield ["waiters", [need, waiting.map(kept)]];
    }
    for (const [batch, pendings] of this.#openBatches)
      for (const pending of pendings) yield ["batches", [batch, kept(pending)]];
  }

  /** @returns false for an entry of somebody else, or of a kind that nobody knows here */
  take([section, value]: StateEntry): boolean {
    if (section === "counted") {
      const [chain, ranges] = value as [ChainId, number[]];
      this.#counted.set(chain, ofRanges(ranges));
    } else if (section === "exceptions") {
      const exception = value as Exception;
      this.#exceptions.set(exception.ref, exception);
    } else if (section === "pending") {
      const pending = this.#pendingOf(value as PendingParts);
      this.#pending.set(pending.ref, pending);
    } else if (section === "waiters") {
      const [need, parts] = value as [OperationRef, PendingParts[]];
      this.#waitersByNeed.set(
        need,
        parts.map((each) => this.#pendingOf(each)),
      );
    } else if (section === "batches") {
      const [batch, parts] = value as [OperationRef, PendingParts];
      const kept = this.#openBatches.get(batch) ?? [];
      this.#openBatches.set(batch, kept);
      kept.push(this.#pendingOf(parts));
    } else return false;
    return true;
  }

  #pendingOf(parts: PendingParts): Pending {
    const known = this.#taken.get(parts);
    if (known) return known;
    const operation = readStoredOperation(parts.text);
    const rule = operation && ruleByKind[operation.kind];
    assert(operation && rule, "what waits is of a kind that is known here");
    const { claims, isFaultless } = parts;
    const body = rule.read(operation.body);
    const ref = refOf(operation);
    const pending = { ref, operation, rule, body, claims, isFaultless, isDecided: false };
    this.#taken.set(parts, pending);
    return pending;
  }

  #receive(pending: Pending, late: boolean): void {
    const { rule, body } = pending;
    const batch = rule.batch?.(body);
    if (rule.closes) this.#closeBatch(pending, rule.closes);
    else if (batch !== undefined) this.#keepForBatch(pending, batch);
    else this.#start(pending, late);
  }

  #keepForBatch(pending: Pending, batch: OperationRef): void {
    if (splitRef(batch).chain !== chainOf(pending.operation)) {
      this.#except(pending.ref, pending.operation.kind, "refused", "not-its-batch");
      return;
    }
    const kept = this.#openBatches.get(batch);
    if (kept) kept.push(pending);
    else this.#openBatches.set(batch, [pending]);
    this.#except(pending.ref, pending.operation.kind, "waiting", "batch-open");
  }

  #closeBatch(closing: Pending, closes: NonNullable<AnyRule["closes"]>): void {
    const { operation, body } = closing;
    const batch = closes.batch(body);
    // Nobody ends what another chain has begun.
    if (splitRef(batch).chain !== chainOf(operation)) {
      this.#except(closing.ref, operation.kind, "refused", "not-its-batch");
      return;
    }
    const kept = this.#openBatches.get(batch) ?? [];
    this.#openBatches.delete(batch);
    if (!closes.isWhole(body, kept, this.#books)) {
      for (const each of [...kept, closing])
        this.#except(each.ref, each.operation.kind, "refused", "batch-incomplete");
      return;
    }
    this.#start(closing, false);
    for (const each of kept) this.#start(each, false);
  }

  /** What is not sound in itself claims nothing. */
  #start(pending: Pending, late: boolean): void {
    const { operation, rule, body, ref } = pending;
    const debits = rule.claims(body);
    const fault = faultOfForm(rule, operation, { body, debits });
    if (fault !== undefined) {
      this.#refuse(pending, fault);
      return;
    }
    if (debits.length > 0) {
      const by = { spender: chainOf(operation), citing: citedSequence(operation), late };
      pending.claims = debits.map((line) => this.#books.purses.claim(ref, line, by));
    }
    this.#due.push(pending);
  }

  /** Decides what can be decided, and what that decides, until nothing more follows. */
  #work(): void {
    for (let at = 0; ; at++) {
      for (const { operation } of this.#books.purses.takeDecided()) {
        const claimant = this.#pending.get(operation);
        if (claimant) this.#due.push(claimant);
      }
      const next = this.#due[at];
      if (!next) break;
      if (!next.isDecided) this.#decide(next);
    }
    if (this.#due.length > 0) this.#due = [];
  }

  #decide(pending: Pending): void {
    const { rule, body, claims } = pending;
    const needs = rule.needs(body).filter((ref) => !this.isCounted(ref));
    const waiting = claims.filter(({ verdict }) => verdict === "waiting");
    const fault =
      claims.find(isRefused)?.verdict ??
      this.#faultOfNeeds(pending, needs) ??
      this.#faultOfCredits(waiting) ??
      (needs.length === 0 ? this.#faultByRule(pending) : undefined);
    if (fault !== undefined) this.#refuse(pending, fault);
    else if (needs.length + waiting.length === 0) this.#count(pending);
    else this.#wait(pending, needs, waiting);
  }

  /** Whether what it needs, as far as it is known here, can never count, or not as what it takes it for. */
  #faultOfNeeds({ rule, body }: Pending, needs: readonly OperationRef[]): string | undefined {
    for (const need of needs) {
      const known = this.#exceptions.get(need);
      if (!known) continue;
      const isForMember = rule.members(body, this.#books).includes(need);
      const fault = faultOfNeed(known, isForMember);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Whether a credit can never come: its maker cannot count, or counts and made no such credit. */
  #faultOfCredits(waiting: readonly Claim[]): string | undefined {
    for (const { credit } of waiting) {
      const maker = makerOf(credit);
      const known = this.#exceptions.get(maker);
      const fault = known && faultOfNeed(known, false);
      if (fault !== undefined) return fault;
      const isMade = isMadeAtOnce(credit) && this.isCounted(maker);
      if (isMade && !this.#books.purses.has(credit)) return "not-that-credit";
    }
    return undefined;
  }

  /** Asked once, when everything that the operation needs counts. */
  #faultByRule(pending: Pending): string | undefined {
    if (pending.isFaultless) return undefined;
    const { operation, rule, body } = pending;
    const fault = rule.fault(operation, body, this.#books);
    pending.isFaultless = fault === undefined;
    return fault;
  }

  #wait(pending: Pending, needs: readonly OperationRef[], waiting: readonly Claim[]): void {
    const { ref, operation } = pending;
    if (!this.#pending.has(ref)) {
      this.#pending.set(ref, pending);
      for (const need of new Set([...needs, ...waiting.map(({ credit }) => makerOf(credit))])) {
        const waiters = this.#waitersByNeed.get(need);
        if (waiters) waiters.push(pending);
        else this.#waitersByNeed.set(need, [pending]);
      }
    }
    this.#except(ref, operation.kind, "waiting", needs[0] ?? waiting[0]?.credit ?? "");
  }

  /** For good: what it asked for is free again. */
  #refuse(pending: Pending, reason: string): void {
    pending.isDecided = true;
    this.#pending.delete(pending.ref);
    this.#books.purses.free(pending.claims);
    this.#except(pending.ref, pending.operation.kind, "refused", reason);
  }

  #count(pending: Pending): void {
    const { ref, operation, rule, body } = pending;
    pending.isDecided = true;
    this.#pending.delete(ref);
    const { chain, seq } = splitRef(ref);
    const counted = this.#counted.get(chain);
    if (counted) counted.add(seq);
    else this.#counted.set(chain, new Set([seq]));
    this.#exceptions.delete(ref);
    this.#books.purses.spend(pending.claims);
    rule.apply(operation, body, this.#books);
    for (const member of rule.members(body, this.#books)) {
      this.#books.members.get(member)?.operations.push(ref);
      this.#books.changedMembers.add(member);
    }
    const batch = rule.batch?.(body);
    if (operation.kind === "MemberAdded" && batch !== undefined)
      this.#books.imports.get(batch)?.members.push(ref);
    this.#wakeWaiters(ref);
    this.#waitersByNeed.delete(ref);
  }

  #wakeWaiters(need: OperationRef): void {
    for (const waiter of this.#waitersByNeed.get(need) ?? []) this.#due.push(waiter);
  }

  #except(
    ref: OperationRef,
    kind: string,
    standing: Exclude<Standing, "counted">,
    reason: string,
  ): void {
    const before = this.#exceptions.get(ref)?.standing;
    this.#exceptions.set(ref, { ref, kind, standing, reason });
    // Who needs it learns what it is, and whether it can ever count.
    if (before !== standing) this.#wakeWaiters(ref);
  }
}

const isRefused = ({ verdict }: Claim): boolean => verdict !== "waiting" && verdict !== "reserved";

import type { ImportClosed, PurchasesImported } from "../imports/import-kinds.ts";
import {
  type ChainId,
  chainOf,
  citedSequence,
  type Operation,
  type OperationRef,
  refOf,
  splitRef,
} from "../journal/operation.ts";
import type { OpeningBalanceImported } from "../stored-value/value-kinds.ts";
import type { CreditRef, ValueLine } from "../stored-value/value-line.ts";
import { creditRef, isCredit, isSoundLine, returnedCreditRef } from "../stored-value/value-line.ts";
import type { Books } from "./books.ts";
import { type AnyRule, ruleByKind } from "./kind-rules.ts";

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
  credits: CreditRef[];
}

/**
 * Counts operations: each when everything that it names counts, whatever the order of arrival.
 * `enter` must be called in sequence for each chain, with operations that the judge accepted.
 */
export class JournalFold {
  readonly #books: Books;
  readonly #counted = new Map<ChainId, Set<number>>();
  readonly #exceptions = new Map<OperationRef, Exception>();
  readonly #pending = new Map<OperationRef, Pending>();
  readonly #waitersByKey = new Map<string, Set<OperationRef>>();
  readonly #openBatches = new Map<OperationRef, Pending[]>();
  readonly #creditsToSettle = new Set<CreditRef>();

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
  }

  enter(operation: Operation, late: boolean): void {
    const ref = refOf(operation);
    const rule = ruleByKind[operation.kind];
    const body = rule?.read(operation.body);
    if (!rule || body === undefined) {
      this.#except(ref, operation.kind, "refused", "malformed");
      return;
    }
    const credits = rule.claims(body).map((line) => line.credit as CreditRef);
    const pending = { ref, operation, rule, body, credits };
    const batch = rule.batch?.(body);
    if (operation.kind === "ImportClosed") this.#closeBatch(pending, body as ImportClosed);
    else if (batch !== undefined) this.#keepForBatch(pending, batch);
    else this.#start(pending, late);
  }

  /** A device was replaced or a chain went on: what waited for that may now be decided. */
  settleSuccessions(): void {
    for (const credit of [...this.#creditsToSettle]) {
      this.#books.purses.settle(credit);
      this.#wake(credit);
      if (!this.#waitersByKey.has(credit)) this.#creditsToSettle.delete(credit);
    }
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

  #closeBatch(closing: Pending, stated: ImportClosed): void {
    const kept = this.#openBatches.get(stated.batch) ?? [];
    this.#openBatches.delete(stated.batch);
    if (splitRef(stated.batch).chain !== chainOf(closing.operation) || !isComplete(kept, stated)) {
      for (const each of [...kept, closing])
        this.#except(each.ref, each.operation.kind, "refused", "batch-incomplete");
      return;
    }
    this.#start(closing, false);
    for (const each of kept) this.#start(each, false);
  }

  #start(pending: Pending, late: boolean): void {
    const { operation, rule, body, ref } = pending;
    const spender = chainOf(operation);
    for (const line of rule.claims(body) as readonly ValueLine[]) {
      // A claim takes effect on its purse even if the operation is refused afterwards.
      if (line.credit === undefined || !isSoundLine(line)) {
        this.#except(ref, operation.kind, "refused", "unsound-line");
        return;
      }
    }
    if (new Set(pending.credits).size !== pending.credits.length) {
      this.#except(ref, operation.kind, "refused", "credit-named-twice");
      return;
    }
    const citing = citedSequence(operation);
    for (const line of rule.claims(body) as readonly ValueLine[]) {
      this.#books.purses.claim(ref, line, { spender, citing, late });
      this.#books.purses.settle(line.credit as CreditRef);
    }
    this.#attempt(pending);
  }

  #attempt(pending: Pending): void {
    const queue = [pending];
    for (let next = queue.shift(); next; next = queue.shift())
      if (this.#countIfReady(next)) queue.push(...this.#wokenBy(next));
  }

  /** @returns whether it now counts */
  #countIfReady(pending: Pending): boolean {
    const { ref, operation, rule, body, credits } = pending;
    if (this.isCounted(ref)) return false;
    const missing = [...rule.needs(body)].filter((need) => !this.isCounted(need));
    const { purses } = this.#books;
    for (const credit of credits) {
      const outcome = purses.outcome(ref, credit);
      if (outcome === "waiting") {
        missing.push(credit);
        this.#creditsToSettle.add(credit);
      } else if (outcome !== "good") {
        this.#pending.delete(ref);
        this.#except(ref, operation.kind, "refused", outcome);
        return false;
      }
    }
    if (missing.length > 0) {
      this.#pending.set(ref, pending);
      for (const key of missing) {
        const waiters = this.#waitersByKey.get(key);
        if (waiters) waiters.add(ref);
        else this.#waitersByKey.set(key, new Set([ref]));
      }
      this.#except(ref, operation.kind, "waiting", missing[0] as string);
      return false;
    }
    this.#pending.delete(ref);
    const fault = rule.fault(operation, body, this.#books);
    if (fault !== undefined) {
      this.#except(ref, operation.kind, "refused", fault);
      return false;
    }
    this.#count(pending);
    return true;
  }

  #count({ ref, operation, rule, body }: Pending): void {
    const { chain, seq } = splitRef(ref);
    const counted = this.#counted.get(chain);
    if (counted) counted.add(seq);
    else this.#counted.set(chain, new Set([seq]));
    this.#exceptions.delete(ref);
    rule.apply(operation, body, this.#books);
    for (const member of rule.members(body, this.#books)) {
      this.#books.members.get(member)?.operations.push(ref);
      this.#books.changedMembers.add(member);
    }
    const batch = rule.batch?.(body);
    if (operation.kind === "MemberAdded" && batch !== undefined)
      this.#books.imports.get(batch)?.members.push(ref);
  }

  #wokenBy({ ref, operation, body }: Pending): Pending[] {
    const keys: string[] = [ref, ...creditsMadeBy(operation, body, this.#books)];
    for (const key of keys) if (key !== ref) this.#books.purses.settle(key);
    return keys.flatMap((key) => this.#take(key));
  }

  #wake(key: string): void {
    for (const pending of this.#take(key)) this.#attempt(pending);
  }

  #take(key: string): Pending[] {
    const waiters = this.#waitersByKey.get(key);
    this.#waitersByKey.delete(key);
    return [...(waiters ?? [])].flatMap((ref) => this.#pending.get(ref) ?? []);
  }

  #except(
    ref: OperationRef,
    kind: string,
    standing: Exclude<Standing, "counted">,
    reason: string,
  ): void {
    this.#exceptions.set(ref, { ref, kind, standing, reason });
  }
}

function creditsMadeBy(operation: Operation, body: unknown, books: Books): CreditRef[] {
  const ref = refOf(operation);
  if (operation.kind === "OperationReversed") {
    const { target } = body as { target: OperationRef };
    return (books.sales.get(target)?.value ?? []).map((_, index) =>
      returnedCreditRef(target, index),
    );
  }
  const lines = (body as { value?: readonly ValueLine[] }).value ?? [];
  return lines.flatMap((line, index) => (isCredit(line) ? [creditRef(ref, index)] : []));
}

/** Whether what the closing operation states is what came before it. */
function isComplete(kept: readonly Pending[], stated: ImportClosed): boolean {
  let members = 0;
  let opening = 0;
  let purchases = 0;
  let purchased = 0;
  for (const { operation, body } of kept) {
    if (operation.kind === "MemberAdded") members++;
    if (operation.kind === "OpeningBalanceImported") {
      const { principal, bonus } = body as OpeningBalanceImported;
      opening += principal + bonus;
    }
    if (operation.kind === "PurchasesImported") {
      const list = (body as PurchasesImported).purchases;
      purchases += list.length;
      purchased += list.reduce((sum, { amount }) => sum + amount, 0);
    }
  }
  return (
    kept.length === stated.operations &&
    members === stated.members &&
    opening === stated.opening &&
    purchases === stated.purchases &&
    purchased === stated.purchased
  );
}

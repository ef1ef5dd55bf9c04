import type { CanonicalValue } from "../../shared/journal/canonical-json.ts";
import { chainOf, type Operation, refOf, splitRef } from "../../shared/journal/operation.ts";
import { Books } from "../../shared/replica/books.ts";
import { JournalFold } from "../../shared/replica/fold-journal.ts";
import { keptClasses } from "../../shared/replica/kept-ledger.ts";
import { Graph, type Plain, type Shape } from "../../shared/state-pages/graph.ts";
import type { Succession } from "../../shared/stored-value/purses.ts";
import { startMs } from "./organisation.ts";

export type Body = { readonly [key: string]: CanonicalValue | undefined };

/** An operation that nobody sealed, for the fold alone. */
export function operationOf(chain: string, seq: number, kind: string, body: Body): Operation {
  const [device = "", store = ""] = chain.split("@");
  return {
    v: 1,
    org: "testorg",
    store,
    term: 1,
    device,
    staff: "boss",
    seq,
    auth: `1:${"a".repeat(22)}`,
    att: true,
    hlc: [startMs + seq, 0],
    date: "2026-11-23",
    kind,
    // As it is read from text: without a zero below zero.
    body: JSON.parse(JSON.stringify(body)) as Body,
  };
}

/** `heir` goes on with the purse of `old`, once so many operations of `old` are here. */
export interface Inheritance {
  old: string;
  heir: string;
  next: number;
  /** where `old` was replaced without knowing: has what that took in afterwards */
  server?: string;
}

/** The fold without chains, seals and rights: only what counts, and for how much. */
export class BareFold {
  readonly books: Books;
  readonly fold: JournalFold;
  readonly #entered = new Map<string, number>();
  readonly #inheritance: Inheritance | undefined;

  constructor(inheritance?: Inheritance) {
    this.#inheritance = inheritance;
    const succession: Succession = {
      generation: (purse, spender) => {
        if (purse === spender) return 0;
        return inheritance?.old === purse && inheritance.heir === spender ? 1 : undefined;
      },
      isSettled: (_, generation) =>
        generation === 0 ||
        (this.#entered.get(inheritance?.old ?? "") ?? 0) >= (inheritance?.next ?? 0),
      keeper: (maker, purse) =>
        inheritance?.server !== undefined &&
        purse === inheritance.old &&
        splitRef(maker).chain === purse &&
        splitRef(maker).seq >= inheritance.next
          ? inheritance.server
          : purse,
      answerable: () => inheritance?.server ?? inheritance?.heir ?? "srv1@s1",
    };
    this.books = new Books(succession);
    this.fold = new JournalFold(this.books);
  }

  enter(operations: Iterable<Operation>, late = false): this {
    for (const operation of operations) {
      this.#entered.set(chainOf(operation), operation.seq + 1);
      this.fold.enter(operation, late);
      this.fold.settleSuccessions();
    }
    return this;
  }

  /** Another one that goes on from what this one keeps, written as text and read back. */
  kept(): BareFold {
    const again = new BareFold(this.#inheritance);
    for (const [chain, next] of this.#entered) again.#entered.set(chain, next);
    const writing = new Graph(keptClasses);
    const entries = [...this.books.entries(), ...this.fold.entries()].map(
      ([section, value]) => [section, writing.write(value)] as const,
    );
    const text = JSON.stringify([writing.shapes(), entries]);
    const [shapes, read] = JSON.parse(text) as [Shape[], [string, Plain][]];
    const reading = new Graph(keptClasses, shapes);
    for (const [section, plain] of read) {
      const entry = [section, reading.read(plain)] as const;
      if (!again.books.take(entry) && !again.fold.take(entry)) throw new Error(section);
    }
    return again;
  }

  standing(ref: string): string {
    if (this.fold.isCounted(ref)) return "counted";
    const exception = this.fold.exception(ref);
    if (!exception) return "unheard of";
    return exception.standing === "waiting"
      ? "waiting"
      : `${exception.standing}: ${exception.reason}`;
  }

  /** What is left of a credit and what of that nobody has asked for yet, face value in fen. */
  leftOf(credit: string): { left: number; free: number } {
    const { purses } = this.books;
    for (const member of purses.members()) {
      const left = purses.allFragments(member).find(({ ref }) => ref === credit);
      if (!left) continue;
      const free = purses.fragments(member, left.purse).find(({ ref }) => ref === credit);
      return {
        left: left.leftPrincipal + left.leftBonus,
        free: (free?.leftPrincipal ?? 0) + (free?.leftBonus ?? 0),
      };
    }
    return { left: 0, free: 0 };
  }

  /** Everything that replicas must agree about, as text. */
  state(operations: readonly Operation[]): string {
    const { books } = this;
    const fragments = [...books.purses.members()].flatMap((member) => [
      ...books.purses.allFragments(member),
      ...books.purses.fragments(member, "a@s1"),
    ]);
    return JSON.stringify({
      standings: operations.map((operation) => {
        const ref = refOf(operation);
        return `${ref} ${this.standing(ref).split(":")[0]}`;
      }),
      accounts: books.accounts.accounts(),
      balances: [...books.balances]
        .map(([member, { principal, bonus }]) => `${member} ${principal}+${bonus}`)
        .sort(),
      left: fragments
        .map((left) => `${left.ref} ${left.purse} ${left.leftPrincipal}+${left.leftBonus}`)
        .sort(),
    });
  }

  /** What must hold at any time; says what does not. */
  complaints(): string[] {
    const { purses, balances } = this.books;
    return [...purses.members()].flatMap((member) => {
      const all = purses.allFragments(member);
      const principal = all.reduce((sum, left) => sum + left.leftPrincipal, 0);
      const bonus = all.reduce((sum, left) => sum + left.leftBonus, 0);
      const shown = balances.get(member) ?? { principal: 0, bonus: 0 };
      const isSum = shown.principal === principal && shown.bonus === bonus;
      return [
        ...all
          .filter((left) => left.leftPrincipal < 0 || left.leftBonus < 0)
          .map(({ ref }) => `${ref} is below zero`),
        ...(isSum ? [] : [`${member} is shown ${JSON.stringify(shown)}, purses hold ${principal}`]),
      ];
    });
  }
}

/** One order of arrival: each chain in its own order, chains anyhow; the same for the same seed. */
export function interleaved(operations: readonly Operation[], seed: number): Operation[] {
  const random = randomOf(seed);
  const chains = new Map<string, Operation[]>();
  for (const operation of operations) {
    const chain = chains.get(chainOf(operation)) ?? [];
    chains.set(chainOf(operation), chain);
    chain.push(operation);
  }
  const order: Operation[] = [];
  for (let left = [...chains.values()]; left.length > 0; ) {
    const chain = left[random(left.length)] as Operation[];
    // A device that was away brings several at once.
    order.push(...chain.splice(0, 1 + random(4)));
    left = left.filter(({ length }) => length > 0);
  }
  return order;
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed + 1) * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

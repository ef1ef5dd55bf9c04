import { expect, test } from "vitest";
import { type Operation, refOf } from "../../shared/journal/operation.ts";
import { BareFold, interleaved, operationOf, randomOf } from "../harness/bare-fold.ts";
import { effort, patience } from "../harness/effort.ts";
import {
  memberAdded,
  moved,
  saleOf,
  type TestLine,
  toppedUp,
  voided,
} from "../harness/value-bodies.ts";

const chains = ["a@s1", "b@s1", "c@s1"] as const;
const histories = effort(200, 20_000);
const orders = 6;

test(
  "what counts, and what is left, does not depend on what came first; no purse goes below zero on the way [SV10] [SV11] [J3]",
  () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < histories; seed++) {
      const { operations, inheritance } = historyOf(seed);
      const first = fold(operations, inheritance, seed * orders);
      for (let order = 1; order < orders; order++)
        expect(
          fold(operations, inheritance, seed * orders + order).state(operations),
          `seed ${seed}, order ${order}`,
        ).toBe(first.state(operations));
      for (const operation of operations) {
        const standing = first.standing(refOf(operation));
        seen.set(standing, (seen.get(standing) ?? 0) + 1);
      }
    }
    // A history in which nothing is refused, or everything is, would prove nothing.
    for (const standing of [
      "counted",
      "waiting",
      "refused: overspent",
      "refused: not-own-purse",
      "refused: not-that-credit",
      "refused: not-a-member",
      "refused: builds-on-uncounted",
      "refused: tenders-do-not-sum",
      "refused: another-members-value",
    ])
      expect(seen.get(standing) ?? 0, standing).toBeGreaterThan(histories / 20);
  },
  patience(120_000),
);

test(
  "kept after any operation and gone on from, it comes to the same [KS1]",
  () => {
    for (let seed = 0; seed < histories; seed++) {
      const { operations, inheritance } = historyOf(seed);
      const expected = fold(operations, inheritance, seed).state(operations);
      let folded = new BareFold(inheritance);
      for (const operation of interleaved(operations, seed))
        folded = folded.enter([operation]).kept();
      expect(folded.complaints(), `seed ${seed}`).toEqual([]);
      expect(folded.state(operations), `seed ${seed}`).toBe(expected);
    }
  },
  patience(120_000),
);

interface History {
  operations: Operation[];
  inheritance: { old: string; heir: string; next: number };
}

function fold(
  operations: readonly Operation[],
  inheritance: History["inheritance"],
  seed: number,
): BareFold {
  const folded = new BareFold(inheritance);
  for (const operation of interleaved(operations, seed)) {
    folded.enter([operation]);
    expect(folded.complaints(), `order ${seed} at ${refOf(operation)}`).toEqual([]);
  }
  return folded;
}

interface Held extends TestLine {
  member: string;
  credit: string;
}

/** What three devices may record, of which some are mistaken, some dishonest, and one inherits. */
class Shop {
  readonly operations: Operation[] = [];
  readonly #random: (below: number) => number;
  readonly #next = new Map<string, number>(chains.map((chain) => [chain, 0]));
  readonly #members: string[] = [];
  readonly #sales: { ref: string; member: string; lines: readonly TestLine[] }[] = [];
  readonly #credits: Held[] = [];

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  length(chain: string): number {
    return this.#next.get(chain) ?? 0;
  }

  record(chain: string): void {
    const what = this.#random(20);
    if (this.#members.length === 0 || what === 0) this.#addMember(chain);
    else if (what <= 4) this.#topUp(chain);
    else if (what <= 13) this.#sell(chain);
    else if (what <= 16) this.#move(chain);
    else if (what === 17) this.#void(chain);
    else this.#reverse(chain);
  }

  #push(chain: string, kind: string, body: Parameters<typeof operationOf>[3]): string {
    const seq = this.length(chain);
    this.#next.set(chain, seq + 1);
    this.operations.push(operationOf(chain, seq, kind, body));
    return `${chain}:${seq}`;
  }

  #addMember(chain: string): void {
    this.#members.push(this.#push(chain, "MemberAdded", memberAdded));
  }

  #topUp(chain: string): void {
    const [member, fen] = [this.#someMember(), 1 + this.#random(20)];
    const paid = this.#rarely() ? fen + 1 : fen;
    const lot = this.#push(
      chain,
      "ToppedUp",
      toppedUp(chain, this.length(chain), member, fen, paid),
    );
    this.#credits.push({ purse: chain, lot, fen, member, credit: `${lot}#0` });
  }

  #sell(chain: string): void {
    const debits = this.#debits(chain, 1 + this.#random(3));
    const isTheft = this.#rarely();
    const member = (isTheft ? undefined : debits[0]?.member) ?? this.#someMember();
    const lines = debits.filter((each) => each.member === member || isTheft);
    const paid = -lines.reduce((sum, { fen }) => sum + fen, 0);
    const body = saleOf(member, lines.map(plain), paid);
    const wrong = { ...body, tenders: [{ tender: "stored-value", amount: paid + 1 }] };
    const ref = this.#push(chain, "SaleRecorded", this.#rarely() ? wrong : body);
    this.#sales.push({ ref, member, lines });
  }

  #move(chain: string): void {
    const debits = this.#debits(chain, 1 + this.#random(3));
    const to = this.#pick(chains) ?? chain;
    const credits = debits.map(({ lot, fen }) => ({ purse: to, lot, fen: -fen }));
    const ref = this.#push(chain, "ValueMoved", moved([...debits.map(plain), ...credits]));
    debits.forEach(({ member, lot, fen }, index) => {
      const credit = `${ref}#${debits.length + index}`;
      this.#credits.push({ purse: to, lot, fen: -fen, member, credit });
    });
  }

  #void(chain: string): void {
    const [debit] = this.#debits(chain, 1);
    if (debit) this.#push(chain, "LotsVoided", voided([plain(debit)]));
  }

  #reverse(chain: string): void {
    const sale = this.#pick(this.#sales);
    if (!sale) return;
    this.#push(chain, "OperationReversed", { target: sale.ref, reason: "x" });
    sale.lines.forEach((line, index) => {
      const credit = `~${sale.ref}#${index}`;
      this.#credits.push({ ...line, fen: -line.fen, member: sale.member, credit });
    });
  }

  /** Mostly of the chain's own purse, mostly what the credit held. */
  #debits(chain: string, count: number): Held[] {
    const isHeir = (purse: string) => chain === "c@s1" && purse === "b@s1";
    const own = this.#credits.filter(
      ({ purse }) => purse === chain || isHeir(purse) || this.#rarely(),
    );
    const chosen = new Set(Array.from({ length: count }, () => this.#pick(own)));
    return [...chosen].flatMap((held) => {
      if (!held) return [];
      const fen = -Math.max(1, this.#random(held.fen + 3) - this.#random(2));
      return [{ ...held, fen, credit: this.#rarely() ? `${held.lot}#3` : held.credit }];
    });
  }

  /** Sometimes somebody who was never added, somebody yet to come, or no member at all. */
  #someMember(): string {
    if (!this.#rarely()) return this.#pick(this.#members) ?? "";
    return `${this.#pick([...chains, "gone@s1"])}:${this.#random(25)}`;
  }

  #rarely = (): boolean => this.#random(12) === 0;

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#random(Math.max(1, items.length))];
  }
}

const plain = ({ purse, lot, fen, credit }: TestLine): TestLine => ({
  purse,
  lot,
  fen,
  ...(credit === undefined ? {} : { credit }),
});

/** `b` stops somewhere, and `c` goes on with its purse. */
function historyOf(seed: number): History {
  const random = randomOf(seed);
  const shop = new Shop(random);
  const length = 20 + random(30);
  const isOver = random(length);
  for (let at = 0; at < length; at++)
    shop.record(
      at > isOver ? (["a@s1", "c@s1"][random(2)] as string) : (chains[random(3)] as string),
    );
  const { operations } = shop;
  return { operations, inheritance: { old: "b@s1", heir: "c@s1", next: shop.length("b@s1") } };
}

import { describe, expect, it } from "vitest";
import { BareFold, operationOf } from "../harness/bare-fold.ts";
import { cashSale, memberAdded, moved, saleOf, toppedUp } from "../harness/value-bodies.ts";

const many = 20_000;
/**
 * Only against hanging: a second of CPU suffices where nothing is gone through again and again. Not of
 * the wall clock, so that a busy machine proves nothing.
 */
const hangsCpuMs = 5_000;
const till = "a@s1";
const other = "b@s1";
const member = `${till}:0`;
const lot = `${till}:1`;
const credit = `${till}:2#1`;

const shop = (fen: number) => [
  operationOf(till, 0, "MemberAdded", memberAdded),
  operationOf(till, 1, "ToppedUp", toppedUp(till, 1, member, fen)),
  operationOf(
    till,
    2,
    "ValueMoved",
    moved([
      { purse: till, lot, fen: -fen, credit: `${lot}#0` },
      { purse: other, lot, fen },
    ]),
  ),
];

const sales = (named: (seq: number) => string = () => member) =>
  Array.from({ length: many }, (_, seq) =>
    operationOf(
      other,
      seq,
      "SaleRecorded",
      saleOf(named(seq), [{ purse: other, lot, fen: -1, credit }]),
    ),
  );

function withoutHanging(work: () => void): void {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(hangsCpuMs);
}

describe("twenty thousand claims on one credit [SV11]", { timeout: 60_000 }, () => {
  it("that comes last: as many count as it holds", () => {
    const made = sales();
    withoutHanging(() => {
      const books = new BareFold().enter(made).enter(shop(many / 2));
      expect(books.standing(`${other}:${many / 2 - 1}`)).toBe("counted");
      expect(books.standing(`${other}:${many / 2}`)).toBe("refused: overspent");
      expect(books.leftOf(credit)).toEqual({ left: 0, free: 0 });
    });
  });

  it("each of which waits for something of its own, decided from the last to the first", () => {
    const third = "c@s1";
    const made = sales((seq) => `${third}:${many - 1 - seq}`);
    const strangers = Array.from({ length: many }, (_, seq) =>
      operationOf(third, seq, "SaleRecorded", cashSale(member, 1)),
    );
    withoutHanging(() => {
      const books = new BareFold()
        .enter(shop(many / 2))
        .enter(made)
        .enter(strangers);
      expect(books.standing(`${other}:0`)).toBe("refused: not-a-member");
      expect(books.leftOf(credit)).toEqual({ left: many / 2, free: many / 2 });
    });
  });

  it("by a successor, of whose predecessor one operation is missing", () => {
    const heirs = { old: other, heir: "c@s1", next: 1 };
    const made = sales().map((operation) => ({ ...operation, device: "c" }));
    withoutHanging(() => {
      const books = new BareFold(heirs).enter(shop(many)).enter(made);
      expect(books.leftOf(credit)).toEqual({ left: many, free: 0 });
      books.enter([operationOf(other, 0, "SaleRecorded", cashSale(member, 1))]);
      expect(books.leftOf(credit)).toEqual({ left: 0, free: 0 });
    });
  });
});

it("one sale is taken back sixty thousand times, once [SV8]", { timeout: 60_000 }, () => {
  const sale = `${till}:3`;
  const often = 3 * many;
  const reversals = Array.from({ length: often }, (_, seq) =>
    operationOf(other, seq, "OperationReversed", { target: sale, reason: "x" }),
  );
  withoutHanging(() => {
    const books = new BareFold()
      .enter(shop(5))
      .enter([operationOf(till, 3, "SaleRecorded", cashSale(member, 7))])
      .enter(reversals);
    expect(books.books.sales.get(sale)?.reversedBy.sorted()).toHaveLength(often);
    expect(books.books.sales.get(sale)?.reversedBy.first).toBe(`${other}:0`);
    expect(books.books.accounts.fen("revenue")).toBe(0);
  });
});

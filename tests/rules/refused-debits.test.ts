import { describe, expect, it } from "vitest";
import type { Operation } from "../../shared/journal/operation.ts";
import { BareFold, interleaved, operationOf } from "../harness/bare-fold.ts";
import {
  cashSale,
  memberAdded,
  moved,
  saleOf,
  type TestLine,
  toppedUp,
  voided,
} from "../harness/value-bodies.ts";

const till = "a@s1";
const other = "b@s1";
const member = `${till}:0`;
const lot = `${till}:1`;
const credit = `${lot}#0`;

/** A member with 100 fen in the purse of one till, and whatever else that till records. */
const shop = (...more: Operation[]): Operation[] => [
  operationOf(till, 0, "MemberAdded", memberAdded),
  operationOf(till, 1, "ToppedUp", toppedUp(till, 1, member, 100)),
  ...more,
];

const take = (fen: number, more: Partial<TestLine> = {}): TestLine => ({
  purse: till,
  lot,
  fen: -fen,
  credit,
  ...more,
});

const sale = (seq: number, fen: number) =>
  operationOf(till, seq, "SaleRecorded", saleOf(member, [take(fen)]));

/** The same in forty orders of arrival, nothing below zero on the way; @returns the books at the end */
function inAnyOrder(operations: readonly Operation[], inheritance?: { next: number }): BareFold {
  const heirs = inheritance && { old: till, heir: other, next: inheritance.next };
  let books: BareFold | undefined;
  for (let seed = 0; seed < 40; seed++) {
    const folded = new BareFold(heirs);
    for (const operation of interleaved(operations, seed)) {
      folded.enter([operation]);
      expect(folded.complaints(), `order ${seed}`).toEqual([]);
    }
    books ??= folded;
    expect(folded.state(operations), `order ${seed}`).toBe(books.state(operations));
  }
  return books as BareFold;
}

describe("an operation that is not sound in itself claims nothing [SV10]", () => {
  it.each<[string, Operation, string]>([
    [
      "a sale whose tenders do not add up",
      operationOf(till, 2, "SaleRecorded", {
        ...saleOf(member, [take(100)]),
        tenders: [{ tender: "stored-value", amount: 99 }],
      }),
      "tenders-do-not-sum",
    ],
    [
      "a sale that takes more than it says",
      operationOf(till, 2, "SaleRecorded", saleOf(member, [take(100)], 1)),
      "stored-value-does-not-fit",
    ],
    [
      "a sale that hides a discount",
      operationOf(till, 2, "SaleRecorded", {
        ...saleOf(member, [take(100)]),
        items: [{ name: "x", quantity: 1, list: 300, discount: 0, payable: 100 }],
      }),
      "discount-does-not-fit",
    ],
    [
      "a move that puts in less than it takes out",
      operationOf(till, 2, "ValueMoved", moved([take(100), { purse: other, lot, fen: 99 }])),
      "does-not-balance",
    ],
    [
      "a move into another term",
      operationOf(till, 2, "ValueMoved", {
        value: [
          ...(moved([take(100)])["value"] as []),
          { purse: other, lot, store: "s1", term: 2, principal: 100, bonus: 0 },
        ],
      }),
      "other-term",
    ],
    [
      "a voiding by nobody",
      { ...operationOf(till, 2, "LotsVoided", voided([take(100)])), staff: "" },
      "not-permitted",
    ],
    [
      "a sale that names one credit twice",
      operationOf(till, 2, "SaleRecorded", saleOf(member, [take(50), take(50)])),
      "credit-named-twice",
    ],
  ])("%s: refused, and the value can be spent", (_, unsound, reason) => {
    const books = inAnyOrder(shop(unsound, sale(3, 100)));
    expect(books.standing(`${till}:2`)).toBe(`refused: ${reason}`);
    expect(books.standing(`${till}:3`)).toBe("counted");
    expect(books.leftOf(credit)).toEqual({ left: 0, free: 0 });
  });

  it("is refused at once, whatever else it names", () => {
    const unsound = operationOf(till, 2, "SaleRecorded", {
      ...saleOf(`${other}:9`, [take(100)], 1),
    });
    expect(new BareFold().enter(shop(unsound)).standing(`${till}:2`)).toBe(
      "refused: stored-value-does-not-fit",
    );
  });
});

describe("what is refused frees what it claimed [SV10]", () => {
  it("one of its claims is too much: the others are free again", () => {
    const second = `${till}:2`;
    const both = saleOf(member, [take(60), take(11, { lot: second, credit: `${second}#0` })]);
    const books = inAnyOrder(
      shop(
        operationOf(till, 2, "ToppedUp", toppedUp(till, 2, member, 10)),
        operationOf(till, 3, "SaleRecorded", both),
        sale(4, 100),
      ),
    );
    expect(books.standing(`${till}:3`)).toBe("refused: overspent");
    expect(books.standing(`${till}:4`)).toBe("counted");
  });

  it("one of its claims is on another's purse: its own part is free again", () => {
    const theirs = { purse: other, lot: `${other}:0`, credit: `${other}:0#0` };
    const books = inAnyOrder([
      ...shop(
        operationOf(till, 2, "SaleRecorded", saleOf(member, [take(60), take(5, theirs)])),
        sale(3, 100),
      ),
      operationOf(other, 0, "ToppedUp", toppedUp(other, 0, member, 10)),
    ]);
    expect(books.standing(`${till}:2`)).toBe("refused: not-own-purse");
    expect(books.standing(`${till}:3`)).toBe("counted");
  });

  it("it takes another member's value", () => {
    const stranger = operationOf(other, 0, "MemberAdded", memberAdded);
    const theft = operationOf(till, 2, "SaleRecorded", saleOf(`${other}:0`, [take(60)]));
    const books = inAnyOrder([...shop(theft, sale(3, 100)), stranger]);
    expect(books.standing(`${till}:2`)).toBe("refused: another-members-value");
    expect(books.standing(`${till}:3`)).toBe("counted");
  });

  it("it names as its member what adds none, and says so only when that has come", () => {
    const wrong = operationOf(till, 2, "SaleRecorded", saleOf(`${other}:0`, [take(60)]));
    const noMember = operationOf(other, 0, "SaleRecorded", cashSale(member, 5));
    const operations = [...shop(wrong, sale(3, 50), sale(4, 70)), noMember];
    const waiting = new BareFold().enter(operations.slice(0, -1));
    // 40 are enough for nobody, 100 for the second, whatever becomes of the first.
    expect(waiting.standing(`${till}:2`)).toBe("waiting");
    expect(waiting.standing(`${till}:3`)).toBe("waiting");
    expect(waiting.leftOf(credit)).toEqual({ left: 100, free: 0 });
    const books = inAnyOrder(operations);
    expect(books.standing(`${till}:2`)).toBe("refused: not-a-member");
    expect(books.standing(`${till}:3`)).toBe("counted");
    expect(books.standing(`${till}:4`)).toBe("refused: overspent");
    expect(books.leftOf(credit)).toEqual({ left: 50, free: 50 });
  });

  it("a move of many members' value, one of which was never there, holds up nobody's", () => {
    const lost = `${other}:1`;
    const books = inAnyOrder([
      ...shop(
        operationOf(
          till,
          2,
          "ValueMoved",
          moved([
            take(100),
            { purse: "srv1@s1", lot, fen: 100 },
            { purse: till, lot: lost, fen: -5, credit: `${other}:2#1` },
            { purse: "srv1@s1", lot: lost, fen: 5 },
          ]),
        ),
        sale(3, 100),
      ),
      operationOf(other, 0, "SaleRecorded", cashSale(member, 5)),
      operationOf(other, 1, "ToppedUp", toppedUp(other, 1, `${other}:0`, 5)),
      operationOf(
        other,
        2,
        "ValueMoved",
        moved([
          { purse: other, lot: lost, fen: -5, credit: `${lost}#0` },
          { purse: till, lot: lost, fen: 5 },
        ]),
      ),
    ]);
    expect(books.standing(`${other}:1`)).toBe("refused: not-a-member");
    expect(books.standing(`${other}:2`)).toBe("refused: builds-on-uncounted");
    expect(books.standing(`${till}:2`)).toBe("refused: builds-on-uncounted");
    expect(books.standing(`${till}:3`)).toBe("counted");
  });

  it("it spends a credit that its maker never made", () => {
    const ghost = take(5, { credit: `${lot}#7` });
    const books = inAnyOrder(
      shop(operationOf(till, 2, "SaleRecorded", saleOf(member, [take(60), ghost])), sale(3, 100)),
    );
    expect(books.standing(`${till}:2`)).toBe("refused: not-that-credit");
    expect(books.standing(`${till}:3`)).toBe("counted");
  });

  it("a lot is not voided in the name of an undoing that undoes no import", () => {
    const undo = operationOf(till, 2, "SaleRecorded", cashSale(member, 5));
    const theft = { ...operationOf(till, 3, "LotsVoided", voided([take(100)], `${till}:2`)) };
    const books = inAnyOrder(shop(undo, { ...theft, staff: "" }, sale(4, 100)));
    expect(books.standing(`${till}:3`)).toBe("refused: other-batch");
    expect(books.standing(`${till}:4`)).toBe("counted");
  });
});

describe("a claim that cannot be decided yet [SV11]", () => {
  const unknown = `${other}:5`;
  const doubtful = (seq: number, fen: number) =>
    operationOf(till, seq, "SaleRecorded", saleOf(unknown, [take(fen)]));

  it("keeps its part, and leaves the rest to those behind it", () => {
    const books = new BareFold().enter(shop(doubtful(2, 60), sale(3, 40), sale(4, 1)));
    expect(books.standing(`${till}:2`)).toBe("waiting");
    expect(books.standing(`${till}:3`)).toBe("counted");
    expect(books.standing(`${till}:4`)).toBe("waiting");
    expect(books.leftOf(credit)).toEqual({ left: 60, free: 0 });
  });

  it("does not keep waiting who could not have it anyway", () => {
    const books = new BareFold().enter(shop(doubtful(2, 60), sale(3, 101)));
    expect(books.standing(`${till}:3`)).toBe("refused: overspent");
  });

  it("comes to count before those behind it: then they have less", () => {
    const found = `${other}:0`;
    const books = inAnyOrder([
      ...shop(
        operationOf(till, 2, "SaleRecorded", cashSale(found, 5)),
        operationOf(till, 3, "ToppedUp", toppedUp(till, 3, found, 7)),
        operationOf(
          till,
          4,
          "ValueMoved",
          moved([
            take(60),
            { purse: other, lot, fen: 60 },
            { purse: till, lot: `${till}:3`, fen: -7, credit: `${till}:3#0` },
            { purse: other, lot: `${till}:3`, fen: 7 },
          ]),
        ),
        sale(5, 41),
        sale(6, 40),
      ),
      operationOf(other, 0, "MemberAdded", memberAdded),
    ]);
    expect(books.standing(`${till}:4`)).toBe("counted");
    expect(books.standing(`${till}:5`)).toBe("refused: overspent");
    expect(books.standing(`${till}:6`)).toBe("counted");
  });

  it("of a successor waits for what came before the cut, and is not lent to its next sale", () => {
    const heirs = (seq: number, fen: number) =>
      operationOf(other, seq, "SaleRecorded", saleOf(member, [take(fen)]));
    const before = new BareFold({ old: till, heir: other, next: 3 });
    before.enter([...shop(), heirs(0, 70)]);
    expect(before.standing(`${other}:0`)).toBe("waiting");
    expect(before.leftOf(credit)).toEqual({ left: 100, free: 30 });
    const books = inAnyOrder([...shop(sale(2, 40)), heirs(0, 70), heirs(1, 60)], { next: 3 });
    expect(books.standing(`${till}:2`)).toBe("counted");
    expect(books.standing(`${other}:0`)).toBe("refused: overspent");
    expect(books.standing(`${other}:1`)).toBe("counted");
  });
});

describe("who tops up and who buys is a member [SV12]", () => {
  const named = `${other}:0`;
  const kinds: readonly [string, Operation][] = [
    ["a top-up", operationOf(till, 2, "ToppedUp", toppedUp(till, 2, named, 10))],
    ["a sale", operationOf(till, 2, "SaleRecorded", cashSale(named, 10))],
  ];

  it.each(kinds)("%s waits for a member that is not here, and then counts", (_, operation) => {
    const books = new BareFold().enter(shop(operation));
    expect(books.standing(`${till}:2`)).toBe("waiting");
    books.enter([operationOf(other, 0, "MemberAdded", memberAdded)]);
    expect(books.standing(`${till}:2`)).toBe("counted");
  });

  it.each(kinds)("%s for what adds no member is refused", (_, operation) => {
    const noMember = operationOf(other, 0, "SaleRecorded", cashSale(member, 3));
    const books = inAnyOrder([...shop(operation), noMember]);
    expect(books.standing(`${till}:2`)).toBe("refused: not-a-member");
    expect(books.books.accounts.fen("tender/cash")).toBe(103);
  });

  it.each(kinds)("%s for what adds no member and does not count either", (_, operation) => {
    const waiting = operationOf(other, 0, "SaleRecorded", cashSale("zz@s1:4", 3));
    const books = inAnyOrder([...shop(operation), waiting]);
    expect(books.standing(named)).toBe("waiting");
    expect(books.standing(`${till}:2`)).toBe("refused: not-a-member");
  });

  it("a top-up or a sale for itself is refused at once", () => {
    const itself = `${till}:2`;
    for (const operation of [
      operationOf(till, 2, "ToppedUp", toppedUp(till, 2, itself, 10)),
      operationOf(till, 2, "SaleRecorded", cashSale(itself, 10)),
    ])
      expect(inAnyOrder(shop(operation)).standing(itself)).toBe("refused: not-a-member");
  });

  it.each(kinds)("%s for a member who is quarantined builds on nothing", (_, operation) => {
    const quarantined = operationOf(other, 0, "MemberAdded", memberAdded);
    const after = new BareFold().enter(shop(operation));
    after.fold.setAside(quarantined, "quarantined", "after-cut");
    const before = new BareFold();
    before.fold.setAside(quarantined, "quarantined", "after-cut");
    before.enter(shop(operation));
    for (const books of [after, before])
      expect(books.standing(`${till}:2`)).toBe("refused: builds-on-uncounted");
  });

  it.each(kinds)("%s for a member whom the owner may still admit waits", (_, operation) => {
    const books = new BareFold().enter(shop(operation));
    const added = operationOf(other, 0, "MemberAdded", memberAdded);
    books.fold.setAside(added, "quarantined", "rights-not-reinstated");
    expect(books.standing(`${till}:2`)).toBe("waiting");
  });

  it.each(kinds)("%s for what a later version may have added waits", (_, operation) => {
    const books = new BareFold().enter(shop(operation));
    books.fold.setAside(operationOf(other, 0, "MemberBorn", {}), "unknown-kind", "MemberBorn");
    expect(books.standing(`${till}:2`)).toBe("waiting");
  });

  it("an opening balance for what adds no member is refused", () => {
    const { tenders: _, ...body } = toppedUp(till, 3, named, 10);
    const stated = { operations: 1, members: 0, opening: 10, purchases: 0, purchased: 0 };
    const batch = `${till}:2`;
    const books = inAnyOrder([
      ...shop(
        operationOf(till, 2, "ImportOpened", { sources: [{ name: "x", hash: "x", rows: 1 }] }),
        operationOf(till, 3, "OpeningBalanceImported", { ...body, batch, note: "" }),
        operationOf(till, 4, "ImportClosed", { batch, ...stated }),
      ),
      operationOf(other, 0, "SaleRecorded", cashSale(member, 3)),
    ]);
    expect(books.standing(`${till}:3`)).toBe("refused: not-a-member");
    expect(books.books.balances.size).toBe(1);
  });
});

import { expect, test } from "vitest";
import { BareFold, operationOf } from "../harness/bare-fold.ts";
import { memberAdded, moved, toppedUp } from "../harness/value-bodies.ts";

const till = "a@s1";
const old = "srv1@s1";
const heir = "srv2@s1";
const member = `${till}:0`;
const lot = `${till}:1`;
const atHome = `${till}:2#1`;

const give = (chain: string, seq: number, fen: number) =>
  operationOf(
    chain,
    seq,
    "ValueMoved",
    moved([
      { purse: old, lot, fen: -fen, credit: atHome },
      { purse: till, lot, fen },
    ]),
  );

/** 100 fen went home to a server, and its successor gave all of it out again. */
const shop = [
  operationOf(till, 0, "MemberAdded", memberAdded),
  operationOf(till, 1, "ToppedUp", toppedUp(till, 1, member, 100)),
  operationOf(
    till,
    2,
    "ValueMoved",
    moved([
      { purse: till, lot, fen: -100, credit: `${lot}#0` },
      { purse: old, lot, fen: 100 },
    ]),
  ),
];

test("what a closed server had given out is told by the operation that gave it, whatever came first [ID5]", () => {
  const succeeded = [give(heir, 0, 100)];
  const late = [give(old, 0, 30), give(old, 1, 12)];
  const orders = [
    new BareFold({ old, heir, next: 0 }).enter(shop).enter(succeeded).enter(late, true),
    new BareFold({ old, heir, next: 0 }).enter(late, true).enter(succeeded).enter(shop),
    new BareFold({ old, heir, next: 0 }).enter(late, true).enter(shop).enter(succeeded),
  ];
  for (const { books } of orders) {
    const disputed = books.purses.disputed();
    expect(disputed).toMatchObject([{ ref: atHome, member, leftPrincipal: -42, leftBonus: 0 }]);
    expect(disputed[0]?.late).toEqual([
      { operation: `${old}:0`, principal: -30, bonus: 0 },
      { operation: `${old}:1`, principal: -12, bonus: 0 },
    ]);
    expect(books.balances.get(member)).toMatchObject({ principal: 100, bonus: 0 });
  }
});

test("what is refused for its own fault is not given out, however late [SV10]", () => {
  const unsound = operationOf(
    old,
    0,
    "ValueMoved",
    moved([
      { purse: old, lot, fen: -30, credit: atHome },
      { purse: till, lot: `${till}:9`, fen: 30 },
    ]),
  );
  const { books } = new BareFold({ old, heir, next: 0 }).enter(shop).enter([unsound], true);
  expect(books.purses.disputed()).toEqual([]);
  expect(books.purses.allFragments(member)).toMatchObject([{ leftPrincipal: 100, late: [] }]);
});

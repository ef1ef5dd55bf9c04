import fc from "fast-check";
import { expect, test } from "vitest";
import { saleOf, tendersOf } from "../../client/journeys/check-out/sale-of.ts";

test("tenders always sum to the amount, and stored value never goes below zero", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.integer({ min: -100, max: 1e9 }),
      fc.boolean(),
      (amountFen, balanceFen, stored) => {
        const tenders = tendersOf({ amountFen, balanceFen, stored, rest: "cash" });
        const fromValue = tenders.find(({ tender }) => tender === "stored-value")?.amount ?? 0;
        expect(tenders.reduce((sum, { amount }) => sum + amount, 0)).toBe(amountFen);
        expect(tenders.every(({ amount }) => amount > 0)).toBe(true);
        expect(fromValue).toBeLessThanOrEqual(Math.max(0, balanceFen));
      },
    ),
  );
});

test("what the balance does not cover is paid by the other tender", () => {
  const sale = saleOf(
    { amountFen: 150_00, balanceFen: 120_00, stored: true, rest: "wechat" },
    "d@s:1",
    " 洗剪吹 ",
  );
  expect(sale.tenders).toEqual([
    { tender: "stored-value", amount: 120_00 },
    { tender: "wechat", amount: 30_00 },
  ]);
  expect(sale.note).toBe("洗剪吹");
});

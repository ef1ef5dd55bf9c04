import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planImport } from "../../shared/imports/plan-import.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { mapped, mappedBy, nobodyKnown, planOf, rejectsOf, warningsOf } from "./import-samples.ts";

const members = (...rows: string[]) => ["卡号,姓名,手机,余额,赠金", ...rows].join("\n");
const purchases = (...rows: string[]) => ["单号,卡号,手机,消费金额,消费时间", ...rows].join("\n");

describe("a member's row is refused, never guessed, when it says wrongly", () => {
  it.each([
    ["no card and no phone", ",孟文,,5,", "no-card-or-phone"],
    ["a negative balance", "A,孟文,,-5.00,", "negative-balance"],
    ["a negative bonus", "A,孟文,,5,-1", "negative-balance"],
    ["a balance with three decimals", "A,孟文,,5.001,", "too-many-decimals"],
    ["a balance above 2^53 fen", "A,孟文,,90071992547409.93,", "too-large"],
    ["a balance that is no number", "A,孟文,,五元,", "not-a-number"],
    ["a name of 10,000 characters", `A,${"名".repeat(10_000)},,5,`, "too-long"],
    ["a card in scientific notation", "6.22E+15,孟文,13800138000,5,", "card-rounded"],
    ["a rounded phone and no card", ",孟文,1.38E+10,5,", "phone-rounded"],
    ["a masked phone and no card", ",孟文,138****8000,5,", "phone-masked"],
    ["a cell too many", "A,孟,文,,5,", "wrong-cell-count"],
    ["a cell too few", "A,孟文,5", "wrong-cell-count"],
    ["the old system's total line", "合计,,,5,", "total-line"],
  ])("%s", async (_what, row, reason) => {
    const plan = await planOf({ members: members("B,于磊,,7,1", row) });
    expect(rejectsOf(plan)).toEqual([[3, reason]]);
    expect(plan.rejects[0]?.cells).toEqual(row.split(","));
    expect(plan.totals).toMatchObject({ members: 1, openingFen: 700, openingBonusFen: 100 });
  });

  it("names the column at fault", async () => {
    const plan = await planOf({ members: members("A,孟文,,5.001,") });
    expect(plan.rejects[0]?.column).toBe("余额");
  });

  it("refuses the later rows of a card, and the row of a card that is there already", async () => {
    const known = { cards: new Set(["K"]), phones: new Set(["13800138000"]) };
    const plan = await planOf({
      members: members(
        "A,孟文,,5,",
        "A,于磊,,6,",
        "K,丁一,,7,",
        ",丁二,13800138000,8,",
        "B,丁三,13800138000,9,",
      ),
      known,
    });
    expect(rejectsOf(plan)).toEqual([
      [3, "duplicate-card"],
      [4, "already-a-member"],
      [5, "already-a-member"],
    ]);
    expect(warningsOf(plan)).toEqual([["phone-already-a-member", [6]]]);
    expect(plan.totals).toMatchObject({ members: 2, openingFen: 1400 });
  });

  it("does not let a second row take the card of one that was refused", async () => {
    const plan = await planOf({
      members: members("A,孟文,,-5,", "A,孟文,,5,"),
      purchases: purchases("1,A,,9.00,2024-01-01"),
    });
    expect(rejectsOf(plan)).toEqual([
      [2, "negative-balance"],
      [3, "duplicate-card"],
      [2, "member-rejected"],
    ]);
  });

  it("refuses the row with which a sum would no longer be exact", async () => {
    const rows = Array.from({ length: 4001 }, (_, index) => `C${index},x,,1000000000,`);
    const plan = await planOf({ members: members(...rows) });
    expect(plan.rejects.every(({ reason }) => reason === "too-large")).toBe(true);
    expect(plan.rejects.length).toBeGreaterThan(0);
    expect(plan.totals.openingFen).toBe(plan.totals.members * 100_000_000_000);
  });
});

describe("what only describes a member is kept and warned of", () => {
  it("a rounded or wrong phone beside a card", async () => {
    const plan = await planOf({ members: members("A,孟文,1.38E+10,5,", "B,于磊,老王,5,") });
    expect(plan.rejects).toEqual([]);
    expect(warningsOf(plan)).toEqual([
      ["phone-rounded", [2]],
      ["not-a-phone", [3]],
    ]);
    expect(plan.members[0]?.fields).toEqual({ card: "A", name: "孟文", "extra.手机": "1.38E+10" });
  });

  it("a phone that members share", async () => {
    const plan = await planOf({
      members: members("A,孟文,138-0013-8000,5,", "B,于磊,+86 13800138000,5,"),
    });
    expect(plan.totals.members).toBe(2);
    expect(warningsOf(plan)).toEqual([["duplicate-phone", [3]]]);
  });

  it("lunar birthdays, as they were written", async () => {
    const text = "卡号,余额,生日\nA,5,农历八月初五\nB,5,8-15\n";
    const plan = await planOf({ members: text });
    expect(plan.members.map(({ fields }) => fields)).toEqual([
      { card: "A", "extra.生日": "农历八月初五" },
      { card: "B", birthday: "08-15" },
    ]);
    expect(warningsOf(plan)).toEqual([["date-kept-as-text", [2]]]);
  });

  it("a control total that is no amount", async () => {
    const plan = await planOf({ members: "卡号,余额,累计消费\nA,5,很多\nB,5,\n" });
    expect(plan.members.map(({ spentFen }) => spentFen)).toEqual([undefined, undefined]);
    expect(plan.members[0]?.fields["extra.累计消费"]).toBe("很多");
    expect(warningsOf(plan)).toEqual([["control-not-readable", [2]]]);
  });

  it("cards whose leading zeros may be lost", async () => {
    const plan = await planOf({ members: members("00001,甲,,1,", "00002,乙,,1,", "3,丙,,1,") });
    expect(warningsOf(plan)).toEqual([["card-widths-differ", [4]]]);
  });

  it("ID numbers, and ones that a spreadsheet rounded", async () => {
    const plan = await planOf({
      members: "卡号,余额,身份证号\nA,5,110101199001011000\nB,5,110101199001011234\n",
    });
    expect(plan.members[0]?.fields["extra.身份证号"]).toBe("110101199001011000");
    expect(warningsOf(plan)).toEqual([
      ["number-rounded", [2]],
      ["id-number-column", [2, 3]],
    ]);
  });

  it("columns without a home, by their heading, HTML and all", async () => {
    const plan = await planOf({
      members: "卡号,余额,剩余次数,备注,备注,__proto__\nA,5,7,<b>贵宾</b>,二,恶\n",
    });
    expect(plan.members[0]?.fields).toEqual({
      card: "A",
      note: "<b>贵宾</b>",
      "extra.剩余次数": "7",
      "extra.备注 (2)": "二",
      "extra.__proto__": "恶",
    });
  });

  it("gathers ten thousand warnings into one", async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `C${index},x,老王,1,`);
    const plan = await planOf({ members: members(...rows) });
    expect(plan.warnings).toHaveLength(1);
    expect(plan.warnings[0]).toMatchObject({ code: "not-a-phone", count: 10_000, column: "手机" });
    expect(plan.warnings[0]?.rows).toHaveLength(100);
  });
});

describe("a purchase goes to its member or is refused", () => {
  const shop = members(
    "A,孟文,13800138001,5,",
    "B,于磊,13800138002,5,",
    "C,丁一,13800138002,5,",
    ",丁二,13800138003,5,",
  );

  it.each([
    ["by card", "1,A,,9.00,2024-01-01", 0],
    ["by phone", "1,,13800138001,9.00,2024-01-01", 0],
    ["by card rather than by phone", "1,B,13800138001,9.00,2024-01-01", 1],
    ["by phone when the card is unknown", "1,Z,13800138003,9.00,2024-01-01", 3],
    ["by card when the phone is rounded", "1,A,1.38E+10,9.00,2024-01-01", 0],
    ["of 0.00", "1,A,,0.00,2024-01-01", 0],
  ])("%s", async (_how, row, index) => {
    const plan = await planOf({ members: shop, purchases: purchases(row) });
    expect(plan.rejects).toEqual([]);
    expect(plan.members.map((member) => member.purchases.length)).toEqual(
      [0, 1, 2, 3].map((each) => (each === index ? 1 : 0)),
    );
  });

  it.each([
    ["unknown-member", "1,Z,,9.00,2024-01-01"],
    ["unknown-member", "1,,13900139000,9.00,2024-01-01"],
    ["ambiguous-phone", "1,,13800138002,9.00,2024-01-01"],
    ["no-card-or-phone", "1,,,9.00,2024-01-01"],
    ["phone-rounded", "1,,1.38E+10,9.00,2024-01-01"],
    ["no-amount", "1,A,,,2024-01-01"],
    ["negative-amount", "1,A,,-9.00,2024-01-01"],
    ["too-many-decimals", "1,A,,9.005,2024-01-01"],
    ["too-large", "1,A,,90071992547409.93,2024-01-01"],
    ["not-a-number", "1,A,,九元,2024-01-01"],
    ["no-date", "1,A,,9.00,"],
    ["not-a-date", "1,A,,9.00,昨天"],
  ])("%s: %s", async (reason, row) => {
    const fine = "0,A,,1.00,2024-01-01";
    const plan = await planOf({ members: shop, purchases: purchases(fine, row) });
    expect(rejectsOf(plan)).toEqual([[3, reason]]);
    expect(plan.totals).toMatchObject({ purchases: 1, purchasesFen: 100 });
  });

  it("is refused when the member is there already: history comes with its member only", async () => {
    const plan = await planOf({
      members: shop,
      purchases: purchases("1,K,,9.00,2024-01-01"),
      known: { cards: new Set(["K"]), phones: new Set() },
    });
    expect(rejectsOf(plan)).toEqual([[2, "already-a-member"]]);
  });

  it("warns of receipts that repeat and of names that differ", async () => {
    const plan = await planOf({
      members: members("A,孟文,,5,"),
      purchases: "单号,卡号,姓名,消费金额,消费时间\n1,A,孟文,9,2024-01-01\n1,A,于磊,9,2024-01-01\n",
    });
    expect(plan.totals.purchases).toBe(2);
    expect(warningsOf(plan)).toEqual([
      ["duplicate-receipt", [3]],
      ["name-differs", [3]],
    ]);
  });

  it("is refused when the sum of purchases would no longer be exact", async () => {
    const rows = Array.from({ length: 4001 }, (_, row) => `${row},A,,1000000000,2024-01-01`);
    const plan = await planOf({ members: shop, purchases: purchases(...rows) });
    expect(new Set(rejectsOf(plan).map(([, reason]) => reason))).toEqual(new Set(["too-large"]));
    expect(plan.totals.purchasesFen).toBe(plan.totals.purchases * 100_000_000_000);
  });

  it("moves no stored value", async () => {
    const alone = await planOf({ members: shop });
    const withHistory = await planOf({
      members: shop,
      purchases: purchases("1,A,,9.00,2024-01-01"),
    });
    expect(withHistory.totals.openingFen).toBe(alone.totals.openingFen);
  });
});

describe("a mapping that a person corrected", () => {
  it("decides what columns are", async () => {
    const text = "甲,乙,丙\nA,5.00,x\n";
    const plan = await planImport({
      members: mappedBy(text, { 0: "card", 1: "bonusBalance", 2: "ignore" }),
      known: nobodyKnown,
    });
    expect(plan.ok && plan.value.members[0]).toMatchObject({
      fields: { card: "A" },
      openingFen: 0,
      openingBonusFen: 500,
    });
  });

  it("is refused while it makes no sense, before any row is read", async () => {
    const plan = await planImport({
      members: mappedBy("甲,乙\nA,5.00\n", { 0: "name" }),
      known: nobodyKnown,
    });
    expect(plan).toEqual({
      ok: false,
      refusal: {
        code: "bad-mapping",
        file: "members",
        faults: [{ code: "no-card-or-phone-column" }],
      },
    });
  });
});

describe("whatever the file", () => {
  const row = fc.record({
    card: fc.constantFrom("A", "B", "C", "D", "E", ""),
    balance: fc.integer({ min: -1000, max: 5_000_000 }),
  });

  it("every row is either planned or rejected, and the totals are those of the planned", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        const text = members(
          ...rows.map(({ card, balance }) => `${card},x,,"${formatYuan(balance)}",0`),
        );
        const plan = await planImport({ members: mapped(text, "members"), known: nobodyKnown });
        if (!plan.ok) throw new Error(plan.refusal.code);
        const seen = [...plan.value.members, ...plan.value.rejects].map((each) => each.row);
        expect(seen.sort((a, b) => a - b)).toEqual(rows.map((_, index) => index + 2));
        const planned = plan.value.members.map(
          ({ row: at }) => rows[at - 2]?.balance ?? Number.NaN,
        );
        expect(plan.value.totals.openingFen).toBe(planned.reduce((sum, fen) => sum + fen, 0));
      }),
      { numRuns: 60 },
    );
  });
});

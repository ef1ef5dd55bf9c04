import { describe, expect, it } from "vitest";
import { checkMapping, guessColumns } from "../../shared/imports/column-mapping.ts";
import { membersBytes, purchasesBytes, tableOf } from "./import-samples.ts";

/** Guess for a heading line over two rows of harmless values. */
function guessOf(headings: string, ...rows: string[]) {
  const filler = headings.replace(/[^,]+/g, "x");
  const table = tableOf([headings, ...(rows.length > 0 ? rows : [filler, filler])].join("\n"));
  const { kind, mapping, doubt } = guessColumns(table);
  const byHeading = Object.fromEntries(
    table.headings.map((heading, column) => [heading, mapping[column]]),
  );
  return { kind, byHeading, doubt };
}

describe("the columns of the till's exports are found", () => {
  it("of members", () => {
    const { kind, mapping } = guessColumns(tableOf(membersBytes));
    expect(kind).toBe("members");
    expect(Object.values(mapping)).toEqual([
      "ignore",
      "card",
      "name",
      "birthday",
      "cardType",
      "level",
      "phone",
      "balance",
      "spent",
      "totalPoints",
      "storeLabel",
      "openedOn",
    ]);
  });

  it("of purchases", () => {
    const { kind, mapping } = guessColumns(tableOf(purchasesBytes));
    expect(kind).toBe("purchases");
    expect(Object.values(mapping)).toEqual([
      "receipt",
      "card",
      "quantity",
      "amount",
      "tender",
      "operator",
      "at",
      "note",
    ]);
  });

  it("of the member template that other systems hand out", () => {
    const { kind, byHeading } = guessOf(
      "卡号,姓名,手机号（必填）,性别,微信号,收货地址,生日",
      "A1,孟文,17933386801,男,wx,北京,1990-01-01",
    );
    expect(kind).toBe("members");
    expect(Object.values(byHeading)).toEqual([
      "card",
      "name",
      "phone",
      "gender",
      "wechat",
      "address",
      "birthday",
    ]);
  });

  it("of the desktop till's database", () => {
    const members = guessOf("hykh,hyxm,xb,yddh,hyje,knje,hyjf,kmc,klxmc,jrrq,bzxx");
    expect(members.kind).toBe("members");
    expect(members.byHeading).toMatchObject({ hyje: "spent", knje: "balance", hyjf: "points" });
    const purchases = guessOf(
      "hykh,xfje,dzhje,xfrq,czy",
      "1,10.00,9.00,1997-01-01,a",
      "1,10.00,8.00,1997-01-02,a",
    );
    expect(purchases.kind).toBe("purchases");
    expect(purchases.byHeading).toMatchObject({ dzhje: "amount", xfje: "keep", xfrq: "at" });
  });
});

describe("synonyms", () => {
  it.each([
    ["card", "卡号 会员号 会员卡号 会员编号"],
    ["name", "姓名 名称 会员姓名"],
    ["phone", "手机 手机号 手机号码 电话 移动电话 联系方式"],
    ["level", "等级 级别 卡类型 会员类型"],
    ["balance", "余额 剩余金额 卡内金额 帐户余额 账户余额 储值余额 充值余额"],
    ["bonusBalance", "赠送 赠送金额 赠金"],
    ["points", "积分 会员积分 积分余额"],
    ["totalPoints", "累计积分"],
    ["openedOn", "开卡日期 办卡日期 登记日期"],
    ["validUntil", "有效期 到期日期"],
  ])("%s: %s", (field, headings) => {
    for (const heading of headings.split(" ")) {
      const other = field === "card" ? "手机" : "卡号";
      expect([heading, guessOf(`${other},${heading}`).byHeading[heading]]).toEqual([
        heading,
        field,
      ]);
    }
  });

  it("never takes 累计积分 for points that can be spent", () => {
    expect(guessOf("卡号,累计积分,积分").byHeading).toMatchObject({
      累计积分: "totalPoints",
      积分: "points",
    });
  });

  it("does not mind brackets, stars, colons, spaces and capitals", () => {
    expect(guessOf("* 卡 号：,余额(元),Phone").byHeading).toEqual({
      "* 卡 号：": "card",
      "余额(元)": "balance",
      Phone: "phone",
    });
  });

  it("keeps what it does not know instead of dropping it", () => {
    expect(guessOf("卡号,剩余次数,推荐人").byHeading).toMatchObject({
      剩余次数: "keep",
      推荐人: "keep",
    });
  });

  it("takes principal for the balance where a total stands beside it, so bonus counts once", () => {
    expect(guessOf("卡号,余额,本金余额,赠金余额", "A,15,10,5").byHeading).toMatchObject({
      余额: "keep",
      本金余额: "balance",
      赠金余额: "bonusBalance",
    });
  });

  it("looks at the values where two headings want one field", () => {
    const { byHeading } = guessOf(
      "卡号,金额,日期,时间",
      "A,1.00,2024-01-01,10:00",
      "A,2.00,2024-01-02,11:00",
    );
    expect(byHeading).toMatchObject({ 日期: "at", 时间: "keep" });
  });
});

describe("when headings do not tell", () => {
  it("finds card, name, phone and gender by their looks, and never a balance", () => {
    const rows = [
      "00000101,孟文,17933386801,男,5.00",
      "00000107,侯娟华,18269847391,女,7.50",
      "00000109,严晓磊,19498409698,男,0.00",
    ];
    const { kind, byHeading } = guessOf(rows[0] ?? "", ...rows.slice(1));
    expect(kind).toBe("members");
    expect(Object.values(byHeading)).toEqual(["card", "name", "phone", "gender", "keep"]);
  });

  it("finds amount and date of purchases by their looks", () => {
    const rows = [
      "00000101,29.33,1997-01-01 10:16:07",
      "00000101,29.73,1997-01-18 10:23:53",
      "00000102,14.96,1997-08-02 17:08:23",
    ];
    const { kind, byHeading } = guessOf(rows[0] ?? "", ...rows.slice(1));
    expect(kind).toBe("purchases");
    expect(Object.values(byHeading)).toEqual(["card", "amount", "at"]);
  });

  it("does not take a count of rows for a card", () => {
    const rows = Array.from({ length: 1200 }, (_, index) => `${index + 1},x`);
    expect(guessOf("甲,乙", ...rows).byHeading["甲"]).toBe("keep");
  });

  it("says that it does not know rather than guess", () => {
    expect(guessOf("甲,乙,丙")).toMatchObject({ kind: undefined, doubt: "no-known-heading" });
  });

  it("does not take a list of top-ups for members or purchases", () => {
    const headings =
      "序号,单号,店铺,经手人,会员,手机号码,充值方案,帐户余额,充值金额,赠送金额,累积余额,备注,充值日期";
    expect(guessOf(headings)).toMatchObject({ kind: undefined, doubt: "top-up-list" });
  });

  it("tells purchases with balances beside them from members", () => {
    const { kind } = guessOf(
      "卡号,消费金额,日期,余额,积分,等级,店铺",
      "A,1.00,2024-01-01,9,1,金卡,总店",
      "A,1.00,2024-01-02,8,2,金卡,总店",
    );
    expect(kind).toBe("purchases");
  });
});

describe("checkMapping", () => {
  it.each([
    ["members", { 0: "name" }, ["no-card-or-phone-column"]],
    ["purchases", { 0: "card" }, ["no-amount-column", "no-date-column"]],
    ["members", { 0: "card", 1: "balance", 2: "balance" }, ["used-twice"]],
    ["members", { 0: "card", 1: "amount" }, ["not-for-this-file"]],
    ["members", { 0: "phone", 1: "keep", 2: "ignore" }, []],
    ["purchases", { 0: "phone", 1: "amount", 2: "at" }, []],
  ] as const)("%s %j → %j", (kind, mapping, codes) => {
    expect(checkMapping(kind, mapping).map(({ code }) => code)).toEqual(codes);
  });

  it("leaves a member room for its own fields", () => {
    expect(checkMapping("members", { 0: "card" }, 41)).toEqual([{ code: "too-many-kept-columns" }]);
    expect(checkMapping("members", { 0: "card", 1: "ignore" }, 41)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { planImport } from "../../shared/imports/plan-import.ts";
import {
  dryRun,
  gb18030,
  mapped,
  membersBytes,
  nobodyKnown,
  planOf,
  purchasesBytes,
  utf8,
} from "./import-samples.ts";

const controlTotals = {
  members: 2357,
  openingFen: 93_161_822,
  openingBonusFen: 0,
  purchases: 6919,
  purchasesFen: 24_409_194,
  spentControlFen: 24_409_194,
  spentDifferenceFen: 0,
  membersWithSpentDifference: 0,
};

const plan = await planOf({ members: membersBytes, purchases: purchasesBytes });

describe("the till's own export", () => {
  it("comes to the old system's totals to the fen, and nothing is rejected", () => {
    expect(plan.totals).toEqual(controlTotals);
    expect(plan.rejects).toEqual([]);
    expect(plan.warnings).toEqual([]);
  });

  it("has totals that are the sums of what would be written", () => {
    const sum = (numbers: number[]) =>
      Number(numbers.reduce((all, each) => all + BigInt(each), 0n));
    expect(sum(plan.members.map(({ openingFen }) => openingFen))).toBe(93_161_822);
    const purchases = plan.members.flatMap((member) => member.purchases);
    expect(purchases).toHaveLength(6919);
    expect(sum(purchases.map(({ amountFen }) => amountFen))).toBe(24_409_194);
    expect(new Set(plan.members.map(({ fields }) => fields["card"])).size).toBe(2357);
  });

  it("keeps every column of a member, the ones without a home too", () => {
    expect(plan.members[1]).toMatchObject({
      row: 3,
      fields: {
        card: "00000002",
        name: "侯娟华",
        birthday: "1976-08-24",
        cardType: "积分卡",
        level: "普通会员",
        phone: "18269847391",
        totalPoints: "75",
        storeLabel: "万达店",
        openedOn: "1997-01-01",
      },
      openingFen: 0,
      spentFen: 7511,
    });
  });

  it("trims the spaces that the till pads names with", () => {
    expect(plan.members[5]?.fields["name"]).toBe("龚强超");
    expect(plan.members.every(({ fields }) => fields["name"]?.trim() === fields["name"])).toBe(
      true,
    );
  });

  it("gives each purchase to its member with time, tender and operator", () => {
    expect(plan.members[0]?.purchases).toHaveLength(4);
    expect(plan.members[0]?.purchases[1]).toEqual({
      row: 3,
      amountFen: 2973,
      at: "1997-01-18 10:23:53",
      details: {
        receipt: "XF19970118000002",
        quantity: "2",
        tender: "现金",
        operator: "小李",
      },
    });
  });

  it("counts members by store label", () => {
    expect(plan.storeLabels).toEqual([
      { label: "人民路店", members: 804 },
      { label: "万达店", members: 777 },
      { label: "总店", members: 776 },
    ]);
  });

  it("takes purchases of 0.00 as history", () => {
    const free = plan.members.flatMap(({ purchases }) =>
      purchases.filter(({ amountFen }) => amountFen === 0),
    );
    expect(free.length).toBe(gb18030(purchasesBytes).match(/,0\.00,/g)?.length);
    expect(free.length).toBeGreaterThan(0);
  });

  it("imports members without a phone, by their card", () => {
    const without = plan.members.filter(({ fields }) => fields["phone"] === undefined);
    expect(without).toHaveLength(41);
  });
});

describe("the same export in another form gives an equal plan", () => {
  const forms: [string, (text: string) => Uint8Array][] = [
    ["UTF-8 without a byte order mark", (text) => utf8(text)],
    ["UTF-8 with a byte order mark", (text) => utf8(`\uFEFF${text}`)],
    ["UTF-16LE, as spreadsheets save Unicode text", (text) => utf16(text, true)],
    ["UTF-16BE", (text) => utf16(text, false)],
    ["line feeds only", (text) => utf8(text.replaceAll("\r\n", "\n"))],
    ["carriage returns only", (text) => utf8(text.replaceAll("\r\n", "\r"))],
    ["semicolons", (text) => utf8(text.replaceAll(",", ";"))],
    ["tabs", (text) => utf8(text.replaceAll(",", "\t"))],
    ["no line end after the last row", (text) => utf8(text.trimEnd())],
    ["blank lines at the end", (text) => utf8(`${text}\r\n\r\n,,,\r\n`)],
    ["every cell in quotes", (text) => utf8(text.replace(/[^,\r\n]+/g, '"$&"'))],
    ["a trailing comma on every line", (text) => utf8(text.replaceAll("\r\n", ",\r\n"))],
  ];

  it.each(forms)("%s", async (_form, convert) => {
    const again = await planOf({
      members: convert(gb18030(membersBytes)),
      purchases: convert(gb18030(purchasesBytes)),
    });
    expect(again).toEqual(plan);
  });
});

describe("one file without the other", () => {
  it("keeps 累计消费 for people to see when no purchases come, and calls it no difference", async () => {
    const alone = await planOf({ members: membersBytes });
    expect(alone.totals).toEqual({ ...controlTotals, purchases: 0, purchasesFen: 0 });
    expect(alone.members[5]?.fields["spentBefore"]).toBe("1107.04");
    expect(plan.members[5]?.fields["spentBefore"]).toBeUndefined();
  });

  it("refuses purchases of nobody, each with its row", async () => {
    const alone = await planOf({ purchases: purchasesBytes });
    expect(alone.members).toEqual([]);
    expect(alone.rejects).toHaveLength(6919);
    expect(alone.rejects[0]).toMatchObject({
      file: "purchases",
      row: 2,
      reason: "unknown-member",
      column: "会员卡号",
    });
  });

  it("imports nobody twice: the same files again are all known", async () => {
    const known = {
      cards: new Set(plan.members.map(({ fields }) => fields["card"] ?? "")),
      phones: new Set<string>(),
    };
    const again = await planOf({ members: membersBytes, purchases: purchasesBytes, known });
    expect(again.totals.members + again.totals.purchases).toBe(0);
    expect(new Set(again.rejects.map(({ reason }) => reason))).toEqual(
      new Set(["already-a-member"]),
    );
    expect(again.rejects).toHaveLength(2357 + 6919);
  });
});

describe("a control total that does not come out", () => {
  it("is told to the fen and by member when a purchase is missing", async () => {
    const lines = gb18030(purchasesBytes).split("\r\n");
    const short = [...lines.slice(0, 1), ...lines.slice(2)].join("\r\n");
    const { totals, warnings } = await planOf({ members: membersBytes, purchases: utf8(short) });
    expect(totals.purchasesFen).toBe(24_409_194 - 2933);
    expect(totals.spentDifferenceFen).toBe(2933);
    expect(totals.membersWithSpentDifference).toBe(1);
    expect(warnings).toEqual([{ file: "members", code: "spent-difference", count: 1, rows: [2] }]);
  });

  it("is not hidden by an equal and opposite difference of another member", async () => {
    const members = "卡号,余额,累计消费\nA1,0,10.00\nA2,0,20.00\n";
    const purchases = "卡号,消费金额,消费时间\nA1,20,2024-01-01\nA2,10,2024-01-02\n";
    const { totals } = await planOf({ members, purchases });
    expect(totals.spentDifferenceFen).toBe(0);
    expect(totals.membersWithSpentDifference).toBe(2);
  });
});

describe("a dry run that is watched", () => {
  it("tells progress from nothing to everything, and pauses on the way", async () => {
    const seen: [number, number][] = [];
    let pauses = 0;
    await dryRun(
      { members: membersBytes, purchases: purchasesBytes },
      {
        onProgress: (rowsDone, rowsTotal) => seen.push([rowsDone, rowsTotal]),
        pause: async () => void pauses++,
        rowsPerPause: 1000,
      },
    );
    expect(seen[0]).toEqual([0, 9276]);
    expect(seen.at(-1)).toEqual([9276, 9276]);
    expect(seen.map(([at]) => at)).toEqual([...seen.map(([at]) => at)].sort((a, b) => a - b));
    expect(pauses).toBe(seen.length);
    expect(pauses).toBe(11);
  });

  it.each([0, 1, 5, 10])("stopped at pause %i leaves nothing", async (pausesBefore) => {
    let pauses = 0;
    const sources = { members: membersBytes, purchases: purchasesBytes };
    const stopped = await dryRun(sources, {
      shouldStop: () => pauses > pausesBefore,
      pause: async () => void pauses++,
      rowsPerPause: 1000,
    });
    expect(stopped).toEqual({ ok: false, refusal: { code: "stopped" } });
    expect(await planOf(sources)).toEqual(plan);
  });

  it("does not change the tables it reads", async () => {
    const members = mapped(membersBytes, "members");
    const before = structuredClone(members);
    await planImport({ members, known: nobodyKnown });
    expect(members).toEqual(before);
  });
});

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + text.length * 2));
  view.setUint16(0, 0xfeff, littleEndian);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(2 + at * 2, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

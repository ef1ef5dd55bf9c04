import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { guessColumns } from "../../shared/imports/column-mapping.ts";
import { importMessages } from "../../shared/imports/import-messages.ts";
import { cleanCell } from "../../shared/imports/read-table.ts";
import { writeRejects } from "../../shared/imports/rejects-file.ts";
import { planOf, rejectsOf, tableOf } from "./import-samples.ts";

const members = [
  "卡号,姓名,余额,备注",
  "A,孟文,5.00,",
  "B,于磊,-5.00,=1+1",
  'C,"丁,一",5.001,"说""好""了"',
  "A,丁二,7.00,+8613800138000",
  "D,丁三",
].join("\n");

const rejectsFile = async (language: "zh" | "en") => {
  const { rejects } = await planOf({ members });
  return writeRejects({ headings: tableOf(members).headings, rejects, language });
};

describe("the rejects file", () => {
  it("says where each row stood and why it was refused, before its cells", async () => {
    const text = await rejectsFile("zh");
    expect(text.startsWith("\uFEFF原文件行号,未导入原因,卡号,姓名,余额,备注\r\n")).toBe(true);
    const rows = tableOf(text).rows.map(({ cells }) => cells);
    expect(rows.map(([row]) => row)).toEqual(["3", "4", "5", "6"]);
    expect(rows[0]?.[1]).toBe(`余额: ${importMessages["negative-balance"].zh}`);
    expect(rows[1]?.slice(2)).toEqual(["C", "丁,一", "5.001", '说"好"了']);
  });

  it("is read like the original: the same rows are refused for the same reasons", async () => {
    for (const language of ["zh", "en"] as const) {
      const text = await rejectsFile(language);
      const table = tableOf(text);
      expect(Object.values(guessColumns(table).mapping).slice(0, 2)).toEqual(["ignore", "ignore"]);
      const again = await planOf({
        members: text,
        known: { cards: new Set("A"), phones: new Set() },
      });
      expect(rejectsOf(again)).toEqual([
        [2, "negative-balance"],
        [3, "too-many-decimals"],
        [4, "already-a-member"],
        [5, "wrong-cell-count"],
      ]);
      expect(again.rejects[0]?.cells.slice(2)).toEqual(["B", "于磊", "-5.00", "=1+1"]);
    }
  });

  it("put right and imported with the rest comes to the whole, without its two columns", async () => {
    const first = await planOf({ members });
    const corrected = (await rejectsFile("zh"))
      .replace("'-5.00", "5.00")
      .replace("5.001", "5.01")
      .replace(",A,丁二", ",E,丁二")
      .replace("D,丁三", "D,丁三,1.00,");
    const second = await planOf({
      members: corrected,
      known: { cards: new Set(["A"]), phones: new Set() },
    });
    expect(second.rejects).toEqual([]);
    expect(first.totals.members + second.totals.members).toBe(5);
    expect(first.totals.openingFen + second.totals.openingFen).toBe(500 + 500 + 501 + 700 + 100);
    expect(Object.keys(second.members[1]?.fields ?? {}).sort()).toEqual(["card", "name", "note"]);
  });

  it("starts no cell with what a spreadsheet would run", () => {
    const cells = ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"];
    const text = writeRejects({
      headings: cells,
      rejects: [{ file: "members", row: 2, cells, reason: "too-long" }],
      language: "en",
    });
    const written = Papa.parse<string[]>(text, { delimiter: ",", newline: "\r\n" }).data.flat();
    expect(written.filter((cell) => cell.includes("1"))).toHaveLength(12);
    expect(written.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it("gives every cell back as it was read", () => {
    const cell = fc
      .string({ unit: fc.constantFrom(..."=+-@'\"0a张,;\n\r\t ") })
      .map((raw) => cleanCell(raw));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 3, maxLength: 3 }), (cells) => {
        const text = writeRejects({
          headings: ["卡号", "姓名", "备注"],
          rejects: [{ file: "members", row: 2, cells, reason: "too-long" }],
          language: "zh",
        });
        expect(tableOf(text).rows[0]?.cells.slice(2)).toEqual(cells);
      }),
      { numRuns: 500 },
    );
  });
});

describe("messages", () => {
  it("say what to do in Chinese and in English, for every code", () => {
    for (const [code, { zh, en }] of Object.entries(importMessages)) {
      expect([code, /\p{Script=Han}/u.test(zh) && zh.endsWith("。")]).toEqual([code, true]);
      expect([code, /^[A-Z].*\.$/.test(en) && !/\p{Script=Han}/u.test(en)]).toEqual([code, true]);
    }
  });
});

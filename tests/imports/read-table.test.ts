import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { type Delimiter, parseCsv } from "../../shared/imports/parse-csv.ts";
import { readTable, type TableOptions } from "../../shared/imports/read-table.ts";

const read = (text: string, options?: TableOptions) => {
  const table = readTable(text, options);
  if (!table.ok) throw new Error(table.refusal);
  return table.value;
};
const cellsOf = (text: string, options?: TableOptions) =>
  read(text, options).rows.map(({ cells }) => cells);

describe("parseCsv", () => {
  const delimiter = fc.constantFrom<Delimiter>(",", ";", "\t");
  const cell = fc
    .array(fc.constantFrom("a", "张", '"', ",", ";", "\t", "\n", "\r\n", " ", "=", "'", "1.00"), {
      maxLength: 8,
    })
    .map((parts) => parts.join(""));

  it("reads back every table that papaparse writes", () => {
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1 });
    fc.assert(
      fc.property(table, delimiter, fc.constantFrom("\n", "\r\n"), (rows, mark, newline) => {
        const text = Papa.unparse(rows, { delimiter: mark, newline });
        expect(parseCsv(text, mark)).toEqual(rows);
      }),
    );
  });

  it("reads text without quotes as papaparse reads it", () => {
    const line = fc.array(fc.constantFrom("a", "张", ",", " ", "1"), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const text = lines.map((parts) => parts.join("")).join("\n");
        expect(parseCsv(text, ",")).toEqual(
          Papa.parse(text, { delimiter: ",", newline: "\n" }).data,
        );
      }),
    );
  });

  it("loses no character to a stray quote", () => {
    const line = fc.array(fc.constantFrom("a", '"', ",", " "), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(line, (parts) => {
        const text = parts.join("");
        const kept = parseCsv(text, ",").flat().join("").replace(/[", ]/g, "");
        expect(kept).toBe(text.replace(/[", ]/g, ""));
      }),
    );
  });

  it("takes a quote that is never closed as a character, not the rest of the file", () => {
    const rows = Array.from({ length: 500 }, (_, index) => `${index},name ${index}`);
    rows[3] = '3,"好又多';
    const records = parseCsv(rows.join("\n"), ",");
    expect(records).toHaveLength(500);
    expect(records[3]).toEqual(["3", '"好又多']);
    expect(records[4]).toEqual(["4", "name 4"]);
  });

  it("stays quick on a file of nothing but open quotes", () => {
    expect(parseCsv('"a,'.repeat(200_000), ",")[0]?.length).toBe(200_001);
    expect(parseCsv('"a,\n'.repeat(100_000), ",")).toHaveLength(100_000);
  });
});

describe("the delimiter is found", () => {
  it.each<[Delimiter, string]>([
    [",", '卡号,姓名,余额\n1,孟文,"1,234.50"\n'],
    [";", "卡号;姓名;余额\n1;孟文;1,234.50\n2;于磊;2,345.60\n"],
    ["\t", "卡号\t姓名\t地址\n1\t孟文\t总店,二楼\n2\t于磊\t总店,三楼\n"],
    [",", "手机号\n13800138000\n"],
  ])("%j", (delimiter, text) => {
    expect(read(text).delimiter).toBe(delimiter);
  });

  it("can be corrected", () => {
    expect(read("a;b,c\n1;2,3\n", { delimiter: ";" }).headings).toEqual(["a", "b,c"]);
  });

  it("is told by the spreadsheet's own first line, which is no heading", () => {
    const table = read("sep=;\r\n卡号;姓名\r\n1;孟文\r\n");
    expect(table).toMatchObject({ delimiter: ";", headings: ["卡号", "姓名"] });
    expect(table.rows).toEqual([{ row: 3, cells: ["1", "孟文"] }]);
  });
});

describe("headings and rows", () => {
  it("trims cells, drops blank lines, and counts rows as a spreadsheet does", () => {
    const text = '卡号 ,姓名\n\n1, 孟文　\u00A0\n , \n2,"两\n行"\n3,丁\n';
    expect(read(text).headings).toEqual(["卡号", "姓名"]);
    expect(read(text).rows).toEqual([
      { row: 3, cells: ["1", "孟文"] },
      { row: 5, cells: ["2", "两\n行"] },
      { row: 6, cells: ["3", "丁"] },
    ]);
  });

  it("takes off what keeps a number a text in spreadsheets", () => {
    expect(cellsOf('卡号,手机,备注\n="00012",\'00013800,\t007\n')).toEqual([
      ["00012", "00013800", "007"],
    ]);
  });

  it("names headings that repeat or are missing", () => {
    const { headings } = read("卡号,备注,备注,,备注 (2)\n1,a,b,c,d\n");
    expect(headings).toEqual(["卡号", "备注", "备注 (2)", "列 4", "备注 (2) (2)"]);
    expect(new Set(headings).size).toBe(5);
  });

  it("keeps rows of a wrong length, with a fault and their cells", () => {
    expect(read("卡号,姓名,余额\n1,孟文\n2,于,磊,5\n3,丁,6,,\n").rows).toEqual([
      { row: 2, cells: ["1", "孟文"], fault: "wrong-cell-count" },
      { row: 3, cells: ["2", "于", "磊", "5"], fault: "wrong-cell-count" },
      { row: 4, cells: ["3", "丁", "6", "", ""], fault: "wrong-cell-count" },
    ]);
  });

  it("does not take a row that a comma shifted for one with a blank at its end", () => {
    const table = read("卡号,姓名,余额,赠金\n1,孟,文,5,\n2,丁,5,\n");
    expect(table.rows.map(({ fault }) => fault)).toEqual(["wrong-cell-count", undefined]);
    const habit = read("卡号,姓名,余额,\n1,孟文,5,\n2,丁,6,\n3,于,磊,6,\n");
    expect(habit.headings).toEqual(["卡号", "姓名", "余额"]);
    expect(habit.rows.map(({ fault }) => fault)).toEqual([
      undefined,
      undefined,
      "wrong-cell-count",
    ]);
  });

  it("marks a row in which stray quotes hide another", () => {
    const text = '卡号,姓名,余额\n1,"孟文,5\n2,于磊",6\n3,丁,7\n';
    expect(read(text).rows).toEqual([
      { row: 2, cells: ["1", "孟文,5\n2,于磊", "6"], fault: "quote-left-open" },
      { row: 3, cells: ["3", "丁", "7"] },
    ]);
  });

  it("passes over a title line above the headings", () => {
    const table = read("会员资料表,,,\n卡号,姓名,余额,备注\n1,孟文,5,\n");
    expect(table.headings).toEqual(["卡号", "姓名", "余额", "备注"]);
    expect(table.rows.map(({ row }) => row)).toEqual([3]);
  });

  it("does not lose the first member of a file without headings", () => {
    const table = read("00000001,孟文,17933386801\n00000002,侯娟华,18269847391\n");
    expect(table.hasHeadings).toBe(false);
    expect(table.headings).toEqual(["列 1", "列 2", "列 3"]);
    expect(table.rows).toHaveLength(2);
    const sparse = read("00000001,,,\n00000002,侯娟华,18269847391,5.00\n");
    expect(sparse.rows.map(({ row }) => row)).toEqual([1, 2]);
    const corrected = read("甲,乙\n丙,丁\n", { hasHeadings: false });
    expect(corrected.rows.map(({ row }) => row)).toEqual([1, 2]);
  });

  it.each([
    ["no-rows", "卡号,姓名\n"],
    ["no-rows", "\n\n,,\n"],
    ["too-many-columns", `${"列,".repeat(201)}列\n${"1,".repeat(201)}1\n`],
  ])("refuses %s", (refusal, text) => {
    expect(readTable(text)).toEqual({ ok: false, refusal });
  });
});

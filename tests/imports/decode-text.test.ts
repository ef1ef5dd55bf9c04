import { describe, expect, it } from "vitest";
import { decodeText, importBytesMax } from "../../shared/imports/decode-text.ts";
import { gb18030, membersBytes, utf8 } from "./import-samples.ts";

const refusalOf = (bytes: Uint8Array | number[]) => {
  const decoded = decodeText(Uint8Array.from(bytes));
  return decoded.ok ? "read" : decoded.refusal;
};
const warningsOf = (text: string) => {
  const decoded = decodeText(utf8(text));
  return decoded.ok && decoded.value.warnings;
};

describe("the encoding is found", () => {
  it("reads the till's GB18030 and says so", () => {
    const decoded = decodeText(membersBytes);
    expect(decoded).toMatchObject({ ok: true, value: { encoding: "gb18030", warnings: [] } });
    expect(decoded.ok && decoded.value.text.split("\r\n")[0]).toBe(
      "序号,会员卡号,名称,生日,类型,等级,联系方式,余额,累计消费,累计积分,所在店铺,日期",
    );
  });

  it("reads UTF-8 with and without a mark alike, and leaves the mark out", () => {
    const plain = decodeText(utf8("卡号,姓名"));
    expect(plain).toEqual({
      ok: true,
      value: { text: "卡号,姓名", encoding: "utf-8", warnings: [] },
    });
    expect(decodeText(utf8("\uFEFF卡号,姓名"))).toEqual(plain);
  });

  it.each([
    ["utf-16le", [0xff, 0xfe, 0x61, 0x53, 0xf7, 0x53]],
    ["utf-16be", [0xfe, 0xff, 0x53, 0x61, 0x53, 0xf7]],
  ])("reads marked %s", (encoding, bytes) => {
    expect(decodeText(Uint8Array.from(bytes))).toMatchObject({
      ok: true,
      value: { encoding, text: "卡号" },
    });
  });

  it("reads the rare characters of names that only GB18030 has", () => {
    // four bytes each; the second is beyond the basic plane
    const bytes = Uint8Array.from([0x82, 0x30, 0xb7, 0x31, 0x95, 0x34, 0xb2, 0x35]);
    expect(decodeText(bytes)).toMatchObject({
      ok: true,
      value: { encoding: "gb18030", text: "㛃𠮷" },
    });
  });

  it("takes a person's word for the encoding, and marks what it could not read", () => {
    const forced = decodeText(membersBytes, "utf-8");
    expect(forced).toMatchObject({
      ok: true,
      value: { encoding: "utf-8", warnings: ["damaged-text"] },
    });
    const oneBadByte = Uint8Array.from([...utf8("卡号,姓名\n1,"), 0xff, ...utf8("文\n")]);
    expect(refusalOf(oneBadByte)).toBe("unknown-encoding");
    expect(decodeText(oneBadByte, "utf-8")).toMatchObject({
      ok: true,
      value: { text: "卡号,姓名\n1,\uFFFD文\n", warnings: ["damaged-text"] },
    });
  });
});

describe("what is not text is refused with what to do", () => {
  it.each([
    ["empty-file", []],
    ["empty-file", [0xef, 0xbb, 0xbf, 0x0d, 0x0a]],
    ["spreadsheet-file", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
    ["spreadsheet-file", [0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]],
    ["database-file", [0, 1, 0, 0, ...utf8("Standard Jet DB")]],
    ["binary-file", [0x25, 0x50, 0x44, 0x46, 0x2d]],
    ["binary-file", [0x41, 0x00, 0x42]],
    ["web-page-file", [...utf8("\n<html><table><tr><td>卡号</td></tr></table>")]],
    ["unknown-encoding", [0x41, 0xff, 0xfe, 0xff]],
    ["unknown-encoding", [0xef, 0xbb, 0xbf, 0xb5]],
  ])("%s", (refusal, bytes) => {
    expect(refusalOf(bytes)).toBe(refusal);
  });

  it("refuses more than 64 MiB without reading it", () => {
    expect(decodeText(new Uint8Array(importBytesMax + 1))).toEqual({
      ok: false,
      refusal: "file-too-large",
    });
  });
});

describe("text that was damaged before it came is warned of", () => {
  const headings = "会员卡号,姓名,余额\n0001,孟文,1.00";
  it.each([
    ["U+FFFD", "姓\uFFFD,1"],
    ["锟斤拷", "锟斤拷锟斤拷,1"],
    ["UTF-8 read as Latin-1", new TextDecoder("windows-1252").decode(utf8(headings))],
    ["UTF-8 read as GBK", gb18030(utf8(headings))],
  ])("%s", (_how, text) => {
    expect(warningsOf(text)).toEqual(["damaged-text"]);
  });

  it("is not seen in names of Chinese, accents, emoji or HTML", () => {
    expect(warningsOf("姓名\n孟文\ncafé “Zoë”\n😀👨‍👩‍👧\n<b>欧阳</b>\n龚强超  ")).toEqual([]);
  });
});

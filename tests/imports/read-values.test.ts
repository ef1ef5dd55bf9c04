import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cleanText,
  looksRounded,
  readAmount,
  readBirthday,
  readCard,
  readDate,
  readDay,
  readPhone,
  readText,
} from "../../shared/imports/read-values.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { amountFenMax } from "../../shared/stored-value/value-line.ts";

const outcome = <Value>(read: { ok: true; value: Value } | { ok: false; refusal: string }) =>
  read.ok ? read.value : read.refusal;

describe("amounts", () => {
  it.each<[string, number | string]>([
    ["", 0],
    [" ", 0],
    ["-", 0],
    ["0.00", 0],
    ["-0", 0],
    ["1,234.50", 123_450],
    ["￥1,234.50", 123_450],
    ["¥ 35", 3500],
    ["35.5元", 3550],
    ["RMB 12.30", 1230],
    ["１２．３０", 1230],
    ["￥-5.00", -500],
    ["-￥5.00", -500],
    ["12.3400", 1234],
    ["12.3400元", 1234],
    ["12.345", "too-many-decimals"],
    ["12.340", "too-many-decimals"],
    ["12.3456", "too-many-decimals"],
    ["1.000", "too-many-decimals"],
    ["931618.2199999999", "too-many-decimals"],
    ["1E+05", "not-a-number"],
    ["1234,50", "not-a-number"],
    ["(5.00)", "not-a-number"],
    ["十元", "not-a-number"],
    ["5 000", "not-a-number"],
    ["<b>5</b>", "not-a-number"],
    ["1000000000.00", amountFenMax],
    ["1000000000.01", "too-large"],
    ["90071992547409.93", "too-large"],
    ["9".repeat(400), "too-large"],
  ])("%j → %s", (text, expected) => {
    expect(outcome(readAmount(text))).toBe(expected);
  });

  it("reads every amount in every way of writing it, to the fen", () => {
    const fen = fc.integer({ min: -amountFenMax, max: amountFenMax });
    const style = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.replaceAll(",", ""),
      (text) => `￥${text}`,
      (text) => `${text}元`,
      (text) => `  ${text}\u3000`,
      (text) => `${text}00`,
    );
    fc.assert(
      fc.property(fen, style, (amount, write) => {
        expect(outcome(readAmount(write(formatYuan(amount))))).toBe(amount === 0 ? 0 : amount);
      }),
    );
  });

  it("never gives anything but whole fen within bounds, or a refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.,-+eE￥元 ") }), (text) => {
        const read = readAmount(text);
        if (!read.ok) return;
        expect(Number.isSafeInteger(read.value)).toBe(true);
        expect(Math.abs(read.value)).toBeLessThanOrEqual(amountFenMax);
      }),
    );
  });
});

describe("dates", () => {
  it.each([
    ["1997/1/1", "1997-01-01"],
    ["1997-01-01", "1997-01-01"],
    ["1997.1.1", "1997-01-01"],
    ["19970101", "1997-01-01"],
    ["1997年1月1日", "1997-01-01"],
    ["1997年01月01日 08:05", "1997-01-01 08:05:00"],
    ["1997/1/1 0:00:00", "1997-01-01 00:00:00"],
    ["1997-01-18 10:23:53", "1997-01-18 10:23:53"],
    ["1997-01-18T10:23:53.120", "1997-01-18 10:23:53"],
    ["19970118102353", "1997-01-18 10:23:53"],
    ["2011/5/3 下午 3:20:00", "2011-05-03 15:20:00"],
    ["2011/5/3 12:20:00 AM", "2011-05-03 00:20:00"],
    ["2011/5/3 13:20 AM", "not-a-date"],
    ["35431", "1997-01-01"],
    ["45351", "2024-02-29"],
    ["35448.4332523148", "1997-01-18 10:23:53"],
    ["", ""],
    ["0000-00-00 00:00:00", ""],
    ["1997/2/29", "not-a-date"],
    ["2000/2/29", "2000-02-29"],
    ["1900-2-29", "not-a-date"],
    ["1997/13/1", "not-a-date"],
    ["1997/1/1 24:00", "not-a-date"],
    ["1997-1-110:16", "not-a-date"],
    ["97/1/1", "not-a-date"],
    ["1/2/1997", "not-a-date"],
    ["99999", "not-a-date"],
    ["1997", "not-a-date"],
    ["农历八月初五", "not-a-date"],
  ])("%j → %s", (text, expected) => {
    expect(outcome(readDate(text))).toBe(expected);
  });

  const day = fc
    .date({
      min: new Date("1927-06-01T00:00:00Z"),
      max: new Date("2100-12-31T23:59:59Z"),
      noInvalidDate: true,
    })
    .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

  it("reads every day in every way of writing it", () => {
    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [year, month, dayOfMonth] = [
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ];
        const serial = Math.floor((date.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000);
        for (const text of [
          iso,
          `${year}/${month}/${dayOfMonth}`,
          `${year}.${month}.${dayOfMonth}`,
          `${year}年${month}月${dayOfMonth}日`,
          iso.replaceAll("-", ""),
          String(serial),
        ]) {
          expect([text, outcome(readDate(text))]).toEqual([text, iso]);
        }
      }),
    );
  });

  it("reads every second, from a spreadsheet's fraction of a day too", () => {
    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 19).replace("T", " ");
        const serial = (date.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000;
        expect(outcome(readDate(iso))).toBe(iso);
        const bySerial = outcome(readDate(serial.toFixed(10)));
        expect(bySerial.length === 10 ? `${bySerial} 00:00:00` : bySerial).toBe(iso);
      }),
    );
  });

  it("gives a real day or refuses, whatever the digits", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-/.:年月日 ") }), (text) => {
        const read = readDate(text);
        if (!read.ok || read.value === "") return;
        const real = new Date(`${read.value.slice(0, 10)}T00:00:00Z`);
        expect(real.toISOString().slice(0, 10)).toBe(read.value.slice(0, 10));
      }),
    );
  });

  it("leaves the time off where only a day is wanted", () => {
    expect(outcome(readDay("1997/1/1 0:00:00"))).toBe("1997-01-01");
  });

  it.each([
    ["8-15", "08-15"],
    ["08月15日", "08-15"],
    ["2/29", "02-29"],
    ["2/30", "not-a-date"],
    ["1976-08-24", "1976-08-24"],
    ["农历1976-08-24", "not-a-date"],
  ])("birthday %j → %s", (text, expected) => {
    expect(outcome(readBirthday(text))).toBe(expected);
  });
});

describe("phones, cards and long numbers", () => {
  it.each([
    ["17933386801", "17933386801"],
    ["179 3338 6801", "17933386801"],
    ["179-3338-6801", "17933386801"],
    ["+86 179 3338 6801", "17933386801"],
    ["008617933386801", "17933386801"],
    ["１７９３３３８６８０１", "17933386801"],
    ["17933386801.0", "17933386801"],
    ["(010)8888-8888", "01088888888"],
    ["", ""],
    ["无", ""],
    ["1.38E+10", "phone-rounded"],
    ["1.79333868E10", "phone-rounded"],
    ["179****6801", "phone-masked"],
    ["17933386801/18269847391", "not-a-phone"],
    ["老王的手机", "not-a-phone"],
  ])("phone %j → %s", (text, expected) => {
    expect(outcome(readPhone(text))).toBe(expected);
  });

  it.each([
    ["00000001", "00000001"],
    [" VIP 0001 ", "VIP0001"],
    ["6.22E+15", "card-rounded"],
    ["1".repeat(65), "too-long"],
  ])("card %j → %s", (text, expected) => {
    expect(outcome(readCard(text))).toBe(expected);
  });

  it("knows a number that a spreadsheet rounded", () => {
    expect(looksRounded("110101199001011000")).toBe(true);
    expect(looksRounded("1.10101E+17")).toBe(true);
    expect(looksRounded("110101199001011234")).toBe(false);
    expect(looksRounded("11010119900101X000")).toBe(false);
    expect(looksRounded("000000000000000")).toBe(false);
  });
});

describe("text", () => {
  it("takes out what cannot be seen and leaves HTML, emoji and families as they are", () => {
    expect(cleanText("孟\u0000文\u0007")).toBe("孟文");
    expect(cleanText("a\r\nb\tc")).toBe("a b c");
    expect(cleanText("\u202Eevil\u202C\uD800")).toBe("evil");
    expect(cleanText("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
    expect(cleanText("王😀👨‍👩‍👧")).toBe("王😀👨‍👩‍👧");
  });

  it("counts characters, not halves of emoji", () => {
    expect(readText("😀".repeat(80), 80).ok).toBe(true);
    expect(outcome(readText("😀".repeat(81), 80))).toBe("too-long");
    expect(outcome(readText("名".repeat(10_000), 80))).toBe("too-long");
  });
});

import { type Fen, type MoneyFault, parseYuan, zeroFen } from "../money/fen.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { amountFenMax } from "../stored-value/value-line.ts";

export const nameCharsMax = 80;
const cardCharsMax = 64;
export const textCharsMax = 500;
export const noteCharsMax = 2000;

export type PhoneFault = "phone-rounded" | "phone-masked" | "not-a-phone";

/** Takes out control and direction characters and halves of pairs; line breaks and tabs become spaces. HTML is just text. */
export const cleanText = (text: string): string =>
  text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(/[\p{Cc}\p{Cs}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu, "")
    .trim();

/** @param charsMax counted in code points */
export function readText(text: string, charsMax = textCharsMax): Result<string, "too-long"> {
  const clean = cleanText(text);
  if (clean.length > charsMax && [...clean].length > charsMax) return refuse("too-long");
  return done(clean);
}

/** Blank is 0; at most what one money line may carry. Up to two decimals; four where the last two are 0, as databases write money. */
export function readAmount(text: string): Result<Fen, MoneyFault> {
  const plain = cleanText(text)
    .normalize("NFKC")
    .replace(/^(-?)\s*(?:[¥￥]|rmb|cny)\s*(-?)/i, "$1$2")
    .replace(/(\.\d\d)00(?=\s*元?$)/, "$1");
  if (plain === "" || plain === "-") return done(zeroFen);
  const amount = parseYuan(plain);
  return amount.ok && Math.abs(amount.value) > amountFenMax ? refuse("too-large") : amount;
}

/** @returns digits only, `+86` taken off; "" for what means no phone */
export function readPhone(text: string): Result<string, PhoneFault> {
  const plain = cleanText(text).normalize("NFKC");
  if (/^(|0|-|\/|无|没有|null)$/i.test(plain)) return done("");
  if (isExponent(plain)) return refuse("phone-rounded");
  if (/^\d+\*+\d*$/.test(plain)) return refuse("phone-masked");
  const digits = plain.replace(/\.0$/, "").replace(/[\s()-]/g, "");
  const local = /^(?:\+|00)?86(1\d{10})$/.exec(digits)?.[1] ?? digits.replace(/^\+/, "");
  return /^\d{5,20}$/.test(local) ? done(local) : refuse("not-a-phone");
}

/** Zeros that a spreadsheet took off the front of a card number cannot be put back. */
export function readCard(text: string): Result<string, "card-rounded" | "too-long"> {
  const plain = cleanText(text).normalize("NFKC").replace(/\s/g, "");
  if (isExponent(plain)) return refuse("card-rounded");
  return plain.length > cardCharsMax ? refuse("too-long") : done(plain);
}

const isExponent = (text: string): boolean => /^\d(\.\d+)?e\+?\d+$/i.test(text);

/** Spreadsheets keep 15 digits: `1.38E+10`, or an ID or bank card number that ends in 000. */
export const looksRounded = (text: string): boolean =>
  isExponent(text) || /^\d{13,}000$/.test(text);

/**
 * @returns `yyyy-mm-dd`, with ` hh:mm:ss` where the text has a time; "" for blank. Two-digit years and
 * day-first dates are refused rather than guessed.
 */
export function readDate(text: string): Result<string, "not-a-date"> {
  const plain = cleanText(text).normalize("NFKC");
  if (plain === "" || plain === "-" || /^0000-00-00/.test(plain)) return done("");
  if (/^\d{5}(\.\d+)?$/.test(plain)) return fromSerialDate(Number(plain));
  const compact = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$/.exec(plain);
  if (compact) return dateFrom(compact.slice(1));
  const spelt = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]\s*(.+))?$/.exec(
    plain
      .replace(/\s*[年月]\s*/g, "-")
      .replace(/\s*日/, " ")
      .trim(),
  );
  if (!spelt) return refuse("not-a-date");
  if (spelt[4] === undefined) return dateFrom(spelt.slice(1, 4));
  const time =
    /^(上午|下午|AM|PM)?\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(上午|下午|AM|PM)?$/i.exec(
      spelt[4],
    );
  if (!time) return refuse("not-a-date");
  const hour = hourOfDay(Number(time[2]), time[1] ?? time[5]);
  return dateFrom([...spelt.slice(1, 4), String(hour), time[3], time[4] ?? "0"]);
}

/** As `readDate`, without the time. */
export function readDay(text: string): Result<string, "not-a-date"> {
  const read = readDate(text);
  return read.ok ? done(read.value.slice(0, 10)) : read;
}

/** A day, or `mm-dd` where the year was not told. Lunar dates are not guessed. */
export function readBirthday(text: string): Result<string, "not-a-date"> {
  const plain = cleanText(text).normalize("NFKC");
  const short = /^(\d{1,2})(?:[-/.]|\s*月\s*)(\d{1,2})\s*日?$/.exec(plain);
  if (!short) return readDay(plain);
  const leapYear = dateFrom(["2000", short[1], short[2]]);
  return leapYear.ok ? done(leapYear.value.slice(5)) : leapYear;
}

function dateFrom(parts: readonly (string | undefined)[]): Result<string, "not-a-date"> {
  const [year = 0, month = 0, day = 0, hour, minute, second] = parts.map((part) =>
    part === undefined ? undefined : Number(part),
  );
  const isDay =
    year >= 1900 && year <= 2100 && month >= 1 && day >= 1 && day <= daysIn(year, month);
  if (!isDay) return refuse("not-a-date");
  const date = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
  if (hour === undefined || minute === undefined || second === undefined) return done(date);
  if (hour > 23 || minute > 59 || second > 59) return refuse("not-a-date");
  return done(`${date} ${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`);
}

const twoDigits = (number: number): string => String(number).padStart(2, "0");

const daysIn = (year: number, month: number): number =>
  [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** @returns 99, which is no hour, for a 12-hour clock's 13 */
function hourOfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  const afternoon = /下午|pm/i.test(half);
  if (hour > 12) return afternoon && hour < 24 ? hour : 99;
  return (hour % 12) + (afternoon ? 12 : 0);
}

/** Days since 1899-12-30, as spreadsheets count them; five digits begin in 1927. */
function fromSerialDate(serial: number): Result<string, "not-a-date"> {
  const seconds = Math.round(serial * 86_400);
  const iso = new Date(Date.UTC(1899, 11, 30) + seconds * 1000).toISOString();
  const time = seconds % 86_400 === 0 ? [] : iso.slice(11, 19).split(":");
  return dateFrom([...iso.slice(0, 10).split("-"), ...time]);
}

declare const fen: unique symbol;

/** Integer fen (1/100 yuan), within ±2^53. */
export type Fen = number & { readonly [fen]: true };

export type MoneyFault = "not-a-number" | "too-many-decimals" | "too-large";

const isFen = (value: unknown): value is Fen => Number.isSafeInteger(value);

/** @throws RangeError when the value is not a safe integer: a caller's mistake, never user input */
export function toFen(value: number): Fen {
  if (!isFen(value)) throw new RangeError(`not an amount in fen: ${value}`);
  return value === 0 ? (0 as Fen) : value;
}

export const zeroFen = 0 as Fen;

export const addFen = (...amounts: readonly number[]): Fen =>
  toFen(amounts.reduce((sum, amount) => sum + amount, 0));

/**
 * Reads what people type: `35`, `35.5`, `1,234.50`, `￥35`, `35元`, full-width digits.
 * @returns fen; a sign is kept, so callers decide whether negative is allowed
 */
export function parseYuan(
  text: string,
): { ok: true; value: Fen } | { ok: false; refusal: MoneyFault } {
  const plain = text
    .normalize("NFKC")
    .trim()
    .replace(/^[¥$]\s*/, "")
    .replace(/\s*元$/, "")
    .replace(/(?<=\d),(?=\d{3}(\D|$))/g, "");
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(plain);
  if (!match) return { ok: false, refusal: "not-a-number" };
  const [, sign, whole = "", decimals = ""] = match;
  if (decimals.length > 2) return { ok: false, refusal: "too-many-decimals" };
  const digits = `${whole}${decimals.padEnd(2, "0")}`.replace(/^0+(?=\d)/, "");
  const value = Number(digits) * (sign === "-" ? -1 : 1);
  if (digits.length > 16 || !isFen(value)) return { ok: false, refusal: "too-large" };
  return { ok: true, value: toFen(value) };
}

/** `123450` → `1,234.50`; the currency sign is the caller's. */
export function formatYuan(amount: number): string {
  const sign = amount < 0 ? "-" : "";
  const digits = String(Math.abs(amount)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${whole}.${digits.slice(-2)}`;
}

/**
 * Splits `amount` in proportion to `weights`, by largest remainder, so that the parts sum to it exactly.
 * @param weights non-negative integers with a positive sum
 * @returns one part per weight, fen
 */
export function allocate(amount: Fen, weights: readonly number[]): Fen[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (total <= 0n) throw new RangeError("allocate needs a positive weight");
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = exact.map((share) => share / total);
  let rest = BigInt(amount) - parts.reduce((sum, part) => sum + part, 0n);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share % total }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    );
  for (const { index } of byRemainder) {
    if (rest <= 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    rest -= 1n;
  }
  return parts.map((part) => toFen(Number(part)));
}

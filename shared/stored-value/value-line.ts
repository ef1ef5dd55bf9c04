import * as z from "zod/mini";
import type { ChainId, OperationRef } from "../journal/operation.ts";

/**
 * `ref#index` for what an operation puts in; `~ref#index` for what a reversal of it gives back;
 * `!ref#index` for a debt, which only what settles it may name.
 */
export type CreditRef = string;

const ref = /[a-z0-9]{1,32}@[a-z0-9]{1,32}:\d{1,15}/;
/** ¥1,000,000,000: far above any card, far below 2^53. */
export const amountFenMax = 100_000_000_000;
const delta = z.number().check(z.int(), z.minimum(-amountFenMax), z.maximum(amountFenMax));

/**
 * A change of one purse by one lot. A positive line is a new credit; a negative one spends the
 * credit that it names. Store and term are the lot's and the credit's, for who has no older history.
 */
const namedBy = (credit: RegExp) => ({
  purse: z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/)),
  lot: z.string().check(z.regex(new RegExp(`^${ref.source}$`))),
  /** store that issued the lot */
  store: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  /** term in which the credit was made */
  term: z.number().check(z.int(), z.minimum(1)),
  principal: delta,
  bonus: delta,
  credit: z.optional(z.string().check(z.regex(credit))),
});
export const valueLine = z.strictObject(namedBy(new RegExp(`^~?${ref.source}#\\d{1,4}$`)));
/** What is settled of a debt, as a debit of it. */
const settledLine = z.strictObject(namedBy(new RegExp(`^!${ref.source}#\\d{1,4}$`)));
export type ValueLine = z.infer<typeof valueLine>;

const valueLinesMax = 400;
export const valueLines = z.array(valueLine).check(z.maxLength(valueLinesMax));
export const settledLines = z.array(settledLine).check(z.maxLength(valueLinesMax));

export const creditRef = (operation: OperationRef, index: number): CreditRef =>
  `${operation}#${index}`;
export const returnedCreditRef = (operation: OperationRef, index: number): CreditRef =>
  `~${operation}#${index}`;
export const debtRef = (operation: OperationRef, index: number): CreditRef =>
  `!${operation}#${index}`;

/** The operation that makes a credit; of what is given back, the sale that first took it. */
export const makerOf = (credit: CreditRef): OperationRef =>
  credit.slice(/^[~!]/.test(credit) ? 1 : 0, credit.lastIndexOf("#"));

/** Whether the credit is there as soon as its maker counts; what is given back waits for a reversal. */
export const isMadeAtOnce = (credit: CreditRef): boolean => !credit.startsWith("~");

export const isCredit = (line: ValueLine): boolean => line.credit === undefined;

export const faceOf = (part: { principal: number; bonus: number }): number =>
  part.principal + part.bonus;

/** What lines change of each lot, fen. */
export function changeByLot(
  lines: readonly ValueLine[],
): Map<OperationRef, { principal: number; bonus: number }> {
  const changes = new Map<OperationRef, { principal: number; bonus: number }>();
  for (const { lot, principal, bonus } of lines) {
    const change = changes.get(lot) ?? { principal: 0, bonus: 0 };
    changes.set(lot, change);
    change.principal += principal;
    change.bonus += bonus;
  }
  return changes;
}

/** A line never mixes directions, and a credit is never empty. */
export function isSoundLine(line: ValueLine): boolean {
  return isCredit(line)
    ? line.principal >= 0 && line.bonus >= 0 && faceOf(line) > 0
    : line.principal <= 0 && line.bonus <= 0 && faceOf(line) < 0;
}

export type Purse = ChainId;

import * as z from "zod/mini";
import type { ChainId, OperationRef } from "../journal/operation.ts";

/** `ref#index` for what an operation puts in; `~ref#index` for what a reversal of it gives back. */
export type CreditRef = string;

const ref = /[a-z0-9]{1,32}@[a-z0-9]{1,32}:\d{1,15}/;
/** ¥1,000,000,000: far above any card, far below 2^53. */
export const amountFenMax = 100_000_000_000;
const delta = z.number().check(z.int(), z.minimum(-amountFenMax), z.maximum(amountFenMax));

/**
 * A change of one purse by one lot. A positive line is a new credit; a negative one spends the
 * credit that it names. Store and term are the lot's and the credit's, for who has no older history.
 */
export const valueLine = z.strictObject({
  purse: z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/)),
  lot: z.string().check(z.regex(new RegExp(`^${ref.source}$`))),
  /** store that issued the lot */
  store: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  /** term in which the credit was made */
  term: z.number().check(z.int(), z.minimum(1)),
  principal: delta,
  bonus: delta,
  credit: z.optional(z.string().check(z.regex(new RegExp(`^~?${ref.source}#\\d{1,4}$`)))),
});
export type ValueLine = z.infer<typeof valueLine>;

const valueLinesMax = 400;
export const valueLines = z.array(valueLine).check(z.maxLength(valueLinesMax));

export const creditRef = (operation: OperationRef, index: number): CreditRef =>
  `${operation}#${index}`;
export const returnedCreditRef = (operation: OperationRef, index: number): CreditRef =>
  `~${operation}#${index}`;

export const isCredit = (line: ValueLine): boolean => line.credit === undefined;

export const faceOf = (part: { principal: number; bonus: number }): number =>
  part.principal + part.bonus;

/** A line never mixes directions, and a credit is never empty. */
export function isSoundLine(line: ValueLine): boolean {
  return isCredit(line)
    ? line.principal >= 0 && line.bonus >= 0 && faceOf(line) > 0
    : line.principal <= 0 && line.bonus <= 0 && faceOf(line) < 0;
}

export type Purse = ChainId;

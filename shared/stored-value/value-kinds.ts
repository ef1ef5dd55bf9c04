import * as z from "zod/mini";
import { operationRef } from "../journal/operation.ts";
import { amountFenMax, valueLine, valueLines } from "./value-line.ts";

const positiveFen = z.number().check(z.int(), z.minimum(1), z.maximum(amountFenMax));
const anyFen = z.number().check(z.int(), z.minimum(0), z.maximum(amountFenMax));
const text = (most: number) => z.string().check(z.maxLength(most));

/** Money that comes from outside the system; stored value itself is the tender `stored-value`. */
export const outsideTenders = ["cash", "wechat", "alipay", "card", "other"] as const;
export type OutsideTender = (typeof outsideTenders)[number];

/** A lot: principal paid, bonus given. The lot's id is this operation's reference. */
export const toppedUp = z.strictObject({
  member: operationRef,
  principal: positiveFen,
  bonus: anyFen,
  tenders: z
    .array(z.strictObject({ tender: z.enum(outsideTenders), amount: positiveFen }))
    .check(z.minLength(1), z.maxLength(5)),
  value: z.tuple([valueLine]),
  note: z.optional(text(500)),
});
export type ToppedUp = z.infer<typeof toppedUp>;

/** The balance that an old system ended with: one lot, to be checked with the member. */
export const openingBalanceImported = z.strictObject({
  member: operationRef,
  batch: operationRef,
  principal: anyFen,
  bonus: anyFen,
  note: text(100),
  value: z.tuple([valueLine]),
});
export type OpeningBalanceImported = z.infer<typeof openingBalanceImported>;

/** Value goes from the author's purse into others': an allotment, or a sweep home. */
export const valueMoved = z.strictObject({ value: valueLines });
export type ValueMoved = z.infer<typeof valueMoved>;

/** Lots taken back as a whole by whoever holds all of them: a top-up voided, an import undone. */
export const lotsVoided = z.strictObject({
  reason: text(500),
  /** the undoing of an import that this carries out */
  undo: z.optional(operationRef),
  value: valueLines.check(z.minLength(1)),
});
export type LotsVoided = z.infer<typeof lotsVoided>;

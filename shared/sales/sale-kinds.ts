import * as z from "zod/mini";
import { operationRef } from "../journal/operation.ts";
import { outsideTenders } from "../stored-value/value-kinds.ts";
import { amountFenMax, valueLines } from "../stored-value/value-line.ts";

const fen = z.number().check(z.int(), z.minimum(0), z.maximum(amountFenMax));
const positiveFen = z.number().check(z.int(), z.minimum(1), z.maximum(amountFenMax));

export const tenders = ["stored-value", ...outsideTenders] as const;
export type Tender = (typeof tenders)[number];

const itemNameLengthMax = 80;

/** What was sold and how it was paid; the tenders sum to the payable exactly. */
export const saleRecorded = z.strictObject({
  member: z.optional(operationRef),
  items: z
    .array(
      z.strictObject({
        name: z.string().check(z.maxLength(itemNameLengthMax)),
        quantity: z.number().check(z.int(), z.minimum(1), z.maximum(100_000)),
        /** before discount: legal evidence (法释〔2025〕4号 art. 19) */
        list: fen,
        discount: fen,
        payable: fen,
      }),
    )
    .check(z.minLength(1), z.maxLength(200)),
  tenders: z
    .array(z.strictObject({ tender: z.enum(tenders), amount: positiveFen }))
    .check(z.maxLength(6)),
  value: valueLines,
  note: z.optional(z.string().check(z.maxLength(500))),
});
export type SaleRecorded = z.infer<typeof saleRecorded>;

/** Takes back a whole sale: every part of it returns to where it came from. Counts once per target. */
export const operationReversed = z.strictObject({
  target: operationRef,
  reason: z.string().check(z.maxLength(500)),
});
export type OperationReversed = z.infer<typeof operationReversed>;

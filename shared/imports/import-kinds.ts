import * as z from "zod/mini";
import { operationRef } from "../journal/operation.ts";
import { amountFenMax } from "../stored-value/value-line.ts";

const count = z.number().check(z.int(), z.minimum(0));
const fen = z.number().check(z.int(), z.minimum(0), z.maximum(9_000_000_000_000_00));
const label = z.string().check(z.maxLength(200));

/** Opens a batch; its reference is the batch's id. Nothing of it counts before it is closed. */
export const importOpened = z.strictObject({
  sources: z
    .array(z.strictObject({ name: label, hash: z.string().check(z.maxLength(64)), rows: count }))
    .check(z.minLength(1), z.maxLength(8)),
  system: z.optional(label),
});
export type ImportOpened = z.infer<typeof importOpened>;

/** What a member bought in the old system: history only, moves no stored value. */
export const purchasesImported = z.strictObject({
  batch: operationRef,
  member: operationRef,
  purchases: z
    .array(
      z.strictObject({
        at: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/)),
        amount: z.number().check(z.int(), z.minimum(0), z.maximum(amountFenMax)),
      }),
    )
    .check(z.minLength(1), z.maxLength(200)),
  /** details by purchase, sealed under the member's key: field `<index>.<name>` */
  sealed: z.string().check(z.regex(/^[A-Za-z0-9_-]{20,}$/)),
});
export type PurchasesImported = z.infer<typeof purchasesImported>;

/** Closes a batch; it counts when everything that is stated here is there. */
export const importClosed = z.strictObject({
  batch: operationRef,
  operations: count,
  members: count,
  opening: fen,
  purchases: count,
  purchased: fen,
});
export type ImportClosed = z.infer<typeof importClosed>;

export const importUndone = z.strictObject({
  batch: operationRef,
  reason: z.string().check(z.maxLength(500)),
});
export type ImportUndone = z.infer<typeof importUndone>;

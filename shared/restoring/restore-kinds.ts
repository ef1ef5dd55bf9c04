import * as z from "zod/mini";
import { operationRef } from "../journal/operation.ts";
import { fieldNameLengthMax } from "../members/member-fields.ts";
import { settledLines, valueLines } from "../stored-value/value-line.ts";

const count = z.number().check(z.int(), z.minimum(0));
/** of visits: a sale and its reversal may come in either order */
const net = z.number().check(z.int());
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const fieldName = z.string().check(z.minLength(1), z.maxLength(fieldNameLengthMax));

/** `all`, or one store, or one member. */
const restoreScope = z
  .string()
  .check(z.regex(/^(all|store:[a-z0-9]{1,32}|member:[a-z0-9]{1,32}@[a-z0-9]{1,32}:\d{1,15})$/));

/**
 * Opens a batch that goes back to a version; its reference is the batch's id. It names the approval
 * that it rests on, and nothing of it counts before it is closed.
 */
export const restoreOpened = z.strictObject({
  proposal: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  /** what was approved, see `subjectOfRestore` */
  subject: hash,
  snapshot: z.string().check(z.regex(/^\d{8}T\d{9}Z-[0-9a-z]{6}$/)),
  /** when that version was taken, UTC */
  time: z.iso.datetime({ precision: 3 }),
  scope: restoreScope,
  /** hash over the heads up to which it was compared; what came later stands as it is */
  heads: hash,
  reason: z.string().check(z.minLength(1), z.maxLength(100)),
  /** the batch whose exact reversal this is */
  undoes: z.optional(operationRef),
});
export type RestoreOpened = z.infer<typeof restoreOpened>;

/** What goes back of one member. */
export const memberRestored = z.strictObject({
  batch: operationRef,
  member: operationRef,
  /** by field: the operations whose value is replaced, and the one whose value it has again */
  fields: z.record(
    fieldName,
    z.strictObject({
      cites: z.array(operationRef).check(z.maxLength(64)),
      /** without one the field is empty again */
      from: z.optional(operationRef),
    }),
  ),
  listing: z.optional(
    z.strictObject({
      is: z.enum(["hidden", "listed", "as-before"]),
      seen: z.strictObject({ visits: net, edits: count, lots: count }),
    }),
  ),
  /** into the server's own purse: above zero a credit, below zero a debt */
  value: valueLines,
});
export type MemberRestored = z.infer<typeof memberRestored>;

/** Closes a batch; it counts when what stands in between is what was approved. */
export const restoreClosed = z.strictObject({ batch: operationRef, operations: count });
export type RestoreClosed = z.infer<typeof restoreClosed>;

/** Value that came home settles debts of the same lots. */
export const disputeSettled = z.strictObject({
  /** debits of the author's purse */
  value: valueLines.check(z.minLength(1)),
  /** what they settle */
  debts: settledLines.check(z.minLength(1)),
});
export type DisputeSettled = z.infer<typeof disputeSettled>;

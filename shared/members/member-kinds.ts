import * as z from "zod/mini";
import { operationRef } from "../journal/operation.ts";
import { fieldNameLengthMax, fieldsMax } from "./member-fields.ts";

const fieldName = z.string().check(z.minLength(1), z.maxLength(fieldNameLengthMax));
const sealed = z.string().check(z.regex(/^[A-Za-z0-9_-]{20,}$/));

/** A member's id is the reference of the operation that adds it: unique without agreement. */
export type MemberId = string;

export const memberAdded = z.strictObject({
  /** SHA-256 of the member's key, so that a replica knows the right key when it gets one */
  keyHash: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  fields: z.array(fieldName).check(z.maxLength(fieldsMax)),
  sealed,
  batch: z.optional(operationRef),
});
export type MemberAdded = z.infer<typeof memberAdded>;

export const memberEdited = z.strictObject({
  member: operationRef,
  /** by field, the operations whose value this one replaces */
  cites: z.record(fieldName, z.array(operationRef).check(z.maxLength(64))),
  sealed,
});
export type MemberEdited = z.infer<typeof memberEdited>;

/** What is authenticated beside a member's sealed fields. */
export const sealContext = (org: string, member: MemberId): string => `${org} ${member}`;

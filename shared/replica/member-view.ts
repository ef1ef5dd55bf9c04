import type { OperationRef } from "../journal/operation.ts";
import type { MemberId } from "../members/member-kinds.ts";

/** What one edit wrote into a field. */
export interface WrittenValue {
  /** empty where the field was cleared; undefined while it cannot be read here */
  value: string | undefined;
  atMs: number;
  device: string;
  staff: string;
  edit: OperationRef;
}

/** Values that were written into one field at the same time: one counts, the others are offered. */
export interface FieldConflict {
  field: string;
  shown: WrittenValue;
  others: WrittenValue[];
}

/** A member as screens show it. Amounts in fen. */
export interface MemberView {
  id: MemberId;
  /** `fetching`: the key is not here yet, so names are not readable but money counts */
  key: "here" | "fetching";
  fields: Readonly<Record<string, string>>;
  conflicts: FieldConflict[];
  principal: number;
  bonus: number;
  /** principal + bonus */
  balance: number;
  visits: number;
  spent: number;
  lastVisitMs: number;
  /** bought in the old system */
  oldVisits: number;
  oldSpent: number;
  addedMs: number;
  imported: boolean;
  /** imported balance that nobody has used yet: 待核对 */
  openingToCheck: boolean;
  /** an import was undone but this member was used since, or value is still to come back */
  undoneButKept: boolean;
}

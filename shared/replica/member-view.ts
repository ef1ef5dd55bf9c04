import type { MemberId } from "../members/member-kinds.ts";

/** Another value that was written into a field at the same time, offered for review. */
export interface FieldConflict {
  field: string;
  shown: { value: string; atMs: number; device: string };
  others: { value: string; atMs: number; device: string }[];
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

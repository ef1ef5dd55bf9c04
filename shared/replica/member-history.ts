import type { OperationRef } from "../journal/operation.ts";
import type { MemberId } from "../members/member-kinds.ts";

/** One line of a member's history. Amounts in fen; changes are signed. */
export interface HistoryEntry {
  ref: OperationRef;
  kind: string;
  atMs: number;
  date: string;
  device: string;
  staff: string;
  store: string;
  member: MemberId | undefined;
  standing: "counted" | "waiting" | "refused" | "quarantined" | "unknown-kind";
  reason: string | undefined;
  /** change of stored value */
  principal: number;
  bonus: number;
  /** stored value of the member after this, in the order of the clock; undefined without a member */
  balanceAfter: number | undefined;
  /** what was sold or topped up */
  amount: number;
  tenders: { tender: string; amount: number }[];
  items: { name: string; quantity: number; list: number; discount: number; payable: number }[];
  note: string;
  /** fields that an edit changed */
  fields: string[];
  /** set on a sale or top-up that was taken back */
  reversedBy: OperationRef | undefined;
  /** set on what takes something back */
  reverses: OperationRef | undefined;
  /** set on what going back to a version changed */
  restored:
    | { toMs: number; isUndoing: boolean; listing: "hidden" | "listed" | undefined }
    | undefined;
  /** purchases of the old system carry their own date and labels */
  old: { at: string; amount: number; details: Record<string, string> }[];
}

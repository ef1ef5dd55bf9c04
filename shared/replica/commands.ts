import type { OperationRef } from "../journal/operation.ts";
import type { MemberFields } from "../members/member-fields.ts";
import type { MemberId } from "../members/member-kinds.ts";
import type { Tender } from "../sales/sale-kinds.ts";
import type { OutsideTender } from "../stored-value/value-kinds.ts";

/** What a person wants done; checked and turned into operations by `decide`. Amounts in fen. */
export type Command =
  | { command: "AddMember"; fields: MemberFields }
  /** `fields` only those that change; an empty text clears a field */
  | { command: "EditMember"; member: MemberId; fields: MemberFields }
  | {
      command: "TopUp";
      member: MemberId;
      principal: number;
      bonus: number;
      tenders: { tender: OutsideTender; amount: number }[];
      note?: string;
    }
  | {
      command: "RecordSale";
      member?: MemberId;
      items: { name: string; quantity: number; list: number; discount: number }[];
      /** `stored-value` spends from this device's purse */
      tenders: { tender: Tender; amount: number }[];
      note?: string;
    }
  /** takes back a sale or a top-up as a whole */
  | { command: "Reverse"; target: OperationRef; reason: string }
  | { command: "UndoImport"; batch: OperationRef; reason: string };

/** Expected ways in which a command cannot be done; every screen says what to do about each. */
export type Refusal =
  | { code: "not-enrolled" }
  | { code: "not-permitted"; kind: string }
  | { code: "clock-wrong"; wallMs: number; seenMs: number }
  | { code: "name-or-contact-needed" }
  | { code: "field-too-long"; field: string; most: number }
  | { code: "phone-invalid"; phone: string }
  | { code: "birthday-invalid"; birthday: string }
  | { code: "card-taken"; member: MemberId }
  | { code: "member-unknown" }
  | { code: "member-key-missing" }
  | { code: "nothing-changed" }
  | { code: "amount-not-positive" }
  | { code: "amount-too-large"; most: number }
  | { code: "amount-not-fen" }
  | { code: "tenders-do-not-sum"; payable: number; tendered: number }
  | { code: "balance-too-low"; balance: number; wanted: number }
  /** the member has it, but not in this device's purse: be online, or take `here` at most */
  | { code: "value-elsewhere"; balance: number; here: number; wanted: number }
  | { code: "target-unknown" }
  | { code: "already-reversed" }
  | { code: "lot-partly-spent"; spent: number }
  | { code: "lot-held-elsewhere" }
  | { code: "cannot-be-reversed" }
  | { code: "import-unknown" }
  | { code: "already-undone" }
  | { code: "read-only" }
  /** storage lost some of this device's own operations: it goes on once they are fetched back */
  | { code: "own-history-missing" }
  /** this device's storage was copied, put back or partly lost: it goes on under a new identity */
  | { code: "identity-in-doubt" }
  /** from the store: nothing was written */
  | { code: "store-full" }
  | { code: "store-refused" }
  | { code: "store-broken" };

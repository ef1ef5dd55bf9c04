import type { OperationRef } from "../journal/operation.ts";
import type { Timestamp } from "../time/hybrid-clock.ts";
import { type FieldEdit, FieldHistory } from "./field-history.ts";
import type { MemberId } from "./member-kinds.ts";

/** A member as the operations tell it; field values are sealed and opened elsewhere. */
export interface MemberRecord {
  id: MemberId;
  /** store whose device added the member */
  store: string;
  addedAt: Timestamp;
  keyHash: string;
  batch: OperationRef | undefined;
  historyByField: Map<string, FieldHistory>;
  sealedByEdit: Map<OperationRef, string>;
  /** operations that concern the member, in the order in which they came to count here */
  operations: OperationRef[];
}

export interface MemberBooks {
  members: Map<MemberId, MemberRecord>;
  /** called when a member's fields changed */
  fieldsChanged(member: MemberId): void;
}

export function writeField(
  record: MemberRecord,
  field: string,
  edit: FieldEdit,
  cites: readonly OperationRef[],
): void {
  const history = record.historyByField.get(field) ?? new FieldHistory();
  record.historyByField.set(field, history);
  history.add(edit, cites);
}

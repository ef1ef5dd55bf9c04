import type { OperationRef } from "../journal/operation.ts";
import { compareTimestamps, type Timestamp } from "../time/hybrid-clock.ts";
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
  /** what going back to a version said last of whether the member is listed */
  listing: Listing | undefined;
}

/** Whether a member is listed: no, yes, or as it was before any version was gone back to. */
export interface Listing {
  is: "hidden" | "listed" | "as-before";
  ref: OperationRef;
  hlc: Timestamp;
  /** what there was of a hidden member; one that was used since is listed again */
  seen: { visits: number; edits: number; lots: number };
}

export interface MemberBooks {
  members: Map<MemberId, MemberRecord>;
  /** called when a member's fields changed */
  fieldsChanged(member: MemberId): void;
}

/** The latest counts, whatever came first. */
export function writeListing(record: MemberRecord, listing: Listing): void {
  const { listing: known } = record;
  const later =
    known && (compareTimestamps(listing.hlc, known.hlc) || (listing.ref < known.ref ? -1 : 1));
  if (later === undefined || later > 0) record.listing = listing;
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

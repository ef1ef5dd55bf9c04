import type { KindRule } from "../journal/kind-rule.ts";
import { refOf } from "../journal/operation.ts";
import { readBody } from "../journal/read-body.ts";
import { type MemberAdded, type MemberEdited, memberAdded, memberEdited } from "./member-kinds.ts";
import { type MemberBooks, writeField } from "./members.ts";

export const memberAddedRule: KindRule<MemberAdded, MemberBooks, never> = {
  read: readBody(memberAdded),
  needs: () => [],
  claims: () => [],
  batch: (body) => body.batch,
  fault: () => undefined,
  apply(operation, body, books) {
    const ref = refOf(operation);
    const record = {
      id: ref,
      store: operation.store,
      addedAt: operation.hlc,
      keyHash: body.keyHash,
      batch: body.batch,
      historyByField: new Map(),
      sealedByEdit: new Map([[ref, body.sealed]]),
      operations: [ref],
      listing: undefined,
    };
    const edit = { ref, hlc: operation.hlc, staff: operation.staff, source: ref };
    for (const field of body.fields) writeField(record, field, edit, []);
    books.members.set(ref, record);
    books.fieldsChanged(ref);
  },
  members: () => [],
};

export const memberEditedRule: KindRule<MemberEdited, MemberBooks, never> = {
  read: readBody(memberEdited),
  needs: (body) => [body.member],
  claims: () => [],
  fault: (_operation, body, books) => (books.members.has(body.member) ? undefined : "not-a-member"),
  apply(operation, body, books) {
    const record = books.members.get(body.member);
    if (!record) return;
    const ref = refOf(operation);
    record.sealedByEdit.set(ref, body.sealed);
    const edit = { ref, hlc: operation.hlc, staff: operation.staff, source: ref };
    for (const [field, cites] of Object.entries(body.cites)) writeField(record, field, edit, cites);
    books.fieldsChanged(body.member);
  },
  members: (body) => [body.member],
};

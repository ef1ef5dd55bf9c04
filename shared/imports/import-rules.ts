import type { KindRule } from "../journal/kind-rule.ts";
import { chainOf, type OperationRef, refOf, splitRef } from "../journal/operation.ts";
import { readBody } from "../journal/read-body.ts";
import type { MemberBooks } from "../members/members.ts";
import {
  type ImportClosed,
  type ImportOpened,
  type ImportUndone,
  importClosed,
  importOpened,
  importUndone,
  type PurchasesImported,
  purchasesImported,
} from "./import-kinds.ts";
import { isWholeImport } from "./whole-import.ts";

/** One import: it counts as a whole from its closing operation on, and can be undone as a whole. */
export interface ImportBatch {
  ref: OperationRef;
  atMs: number;
  sources: ImportOpened["sources"];
  closed: ImportClosed | undefined;
  /** sorted references of the operations that undo it */
  undoneBy: OperationRef[];
  members: OperationRef[];
}

export interface OldPurchases {
  batch: OperationRef;
  count: number;
  spentFen: number;
}

export interface ImportBooks extends MemberBooks {
  imports: Map<OperationRef, ImportBatch>;
  batchesByUndo: Map<OperationRef, OperationRef>;
  /** bought in the old system, by member and batch */
  oldPurchases: Map<OperationRef, OldPurchases[]>;
}

type ImportRule<Body> = KindRule<Body, ImportBooks, never>;

export const importOpenedRule: ImportRule<ImportOpened> = {
  read: readBody(importOpened),
  needs: () => [],
  claims: () => [],
  fault: () => undefined,
  apply(operation, body, books) {
    const ref = refOf(operation);
    const batch = { ref, atMs: operation.hlc[0], sources: body.sources, members: [] };
    books.imports.set(ref, { ...batch, closed: undefined, undoneBy: [] });
  },
  members: () => [],
};

export const purchasesImportedRule: ImportRule<PurchasesImported> = {
  read: readBody(purchasesImported),
  needs: (body) => [body.member],
  claims: () => [],
  batch: (body) => body.batch,
  fault: (_operation, body, books) => (books.members.has(body.member) ? undefined : "not-a-member"),
  apply(_operation, body, books) {
    const known = books.oldPurchases.get(body.member) ?? [];
    const count = body.purchases.length;
    const spentFen = body.purchases.reduce((sum, { amount }) => sum + amount, 0);
    books.oldPurchases.set(body.member, [...known, { batch: body.batch, count, spentFen }]);
  },
  members: (body) => [body.member],
};

export const importClosedRule: ImportRule<ImportClosed> = {
  read: readBody(importClosed),
  needs: (body) => [body.batch],
  claims: () => [],
  closes: { batch: (body) => body.batch, isWhole: isWholeImport },
  fault: (operation, body, books) =>
    books.imports.has(body.batch) && splitRef(body.batch).chain === chainOf(operation)
      ? undefined
      : "not-its-batch",
  apply(_operation, body, books) {
    const batch = books.imports.get(body.batch);
    if (batch) batch.closed = body;
  },
  members: () => [],
};

export const importUndoneRule: ImportRule<ImportUndone> = {
  read: readBody(importUndone),
  needs: (body) => [body.batch],
  claims: () => [],
  fault: (_operation, body, books) => (books.imports.has(body.batch) ? undefined : "not-an-import"),
  apply(operation, body, books) {
    const batch = books.imports.get(body.batch);
    if (!batch) return;
    const ref = refOf(operation);
    batch.undoneBy.push(ref);
    batch.undoneBy.sort();
    books.batchesByUndo.set(ref, body.batch);
    for (const member of batch.members) books.fieldsChanged(member);
  },
  members: () => [],
};

import {
  importClosedRule,
  importOpenedRule,
  importUndoneRule,
  purchasesImportedRule,
} from "../imports/import-rules.ts";
import type { KindRule } from "../journal/kind-rule.ts";
import { memberAddedRule, memberEditedRule } from "../members/member-rules.ts";
import { operationReversedRule, saleRecordedRule } from "../sales/sale-rules.ts";
import type { ValueLine } from "../stored-value/value-line.ts";
import {
  lotsVoidedRule,
  openingBalanceImportedRule,
  toppedUpRule,
  valueMovedRule,
} from "../stored-value/value-rules.ts";
import type { Books } from "./books.ts";

export type AnyRule = KindRule<unknown, Books, ValueLine>;

/** Every kind that this version counts. */
export const ruleByKind: Readonly<Record<string, AnyRule>> = {
  MemberAdded: memberAddedRule as unknown as AnyRule,
  MemberEdited: memberEditedRule as unknown as AnyRule,
  ToppedUp: toppedUpRule as unknown as AnyRule,
  OpeningBalanceImported: openingBalanceImportedRule as unknown as AnyRule,
  ValueMoved: valueMovedRule as unknown as AnyRule,
  LotsVoided: lotsVoidedRule as unknown as AnyRule,
  SaleRecorded: saleRecordedRule as unknown as AnyRule,
  OperationReversed: operationReversedRule as unknown as AnyRule,
  ImportOpened: importOpenedRule as unknown as AnyRule,
  PurchasesImported: purchasesImportedRule as unknown as AnyRule,
  ImportClosed: importClosedRule as unknown as AnyRule,
  ImportUndone: importUndoneRule as unknown as AnyRule,
};

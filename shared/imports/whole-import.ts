import type { KeptInBatch } from "../journal/kind-rule.ts";
import type { OpeningBalanceImported } from "../stored-value/value-kinds.ts";
import type { ImportClosed, PurchasesImported } from "./import-kinds.ts";

/** Whether what the closing operation states is what came before it. */
export function isWholeImport(stated: ImportClosed, kept: readonly KeptInBatch[]): boolean {
  let members = 0;
  let opening = 0;
  let purchases = 0;
  let purchased = 0;
  for (const { operation, body } of kept) {
    if (operation.kind === "MemberAdded") members++;
    if (operation.kind === "OpeningBalanceImported") {
      const { principal, bonus } = body as OpeningBalanceImported;
      opening += principal + bonus;
    }
    if (operation.kind === "PurchasesImported") {
      const list = (body as PurchasesImported).purchases;
      purchases += list.length;
      purchased += list.reduce((sum, { amount }) => sum + amount, 0);
    }
  }
  return (
    kept.length === stated.operations &&
    members === stated.members &&
    opening === stated.opening &&
    purchases === stated.purchases &&
    purchased === stated.purchased
  );
}

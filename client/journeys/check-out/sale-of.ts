import type { MemberId } from "../../../shared/members/member-kinds.ts";
import type { Command } from "../../../shared/replica/commands.ts";
import type { Tender } from "../../../shared/sales/sale-kinds.ts";
import type { OutsideTender } from "../../../shared/stored-value/value-kinds.ts";

export interface Payment {
  amountFen: number;
  /** paid by stored value as far as it goes */
  stored: boolean;
  /** what pays the rest, or everything */
  rest: OutsideTender;
  balanceFen: number;
}

/** How an amount is paid: the tenders always sum to it. */
export function tendersOf({ amountFen, stored, rest, balanceFen }: Payment): {
  tender: Tender;
  amount: number;
}[] {
  const fromValue = stored ? Math.min(amountFen, Math.max(0, balanceFen)) : 0;
  return [
    { tender: "stored-value" as const, amount: fromValue },
    { tender: rest, amount: amountFen - fromValue },
  ].filter(({ amount }) => amount > 0);
}

/** One amount, rung up without a price list. */
export function saleOf(
  payment: Payment,
  member: MemberId | undefined,
  note: string,
): Command & { command: "RecordSale" } {
  const { amountFen } = payment;
  return {
    command: "RecordSale",
    ...(member === undefined ? {} : { member }),
    items: [{ name: "", quantity: 1, list: amountFen, discount: 0 }],
    tenders: tendersOf(payment),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
  };
}

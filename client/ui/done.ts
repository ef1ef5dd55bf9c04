/** What was just recorded, as its receipt says it. Amounts in fen. */
export interface DoneDeed {
  ref: string;
  kind: "sale" | "top-up";
  member: string | undefined;
  amountFen: number;
  bonusFen: number;
  tenders: readonly { tender: string; amount: number }[];
  /** stored value before and after; undefined where it was not touched */
  beforeFen: number | undefined;
  afterFen: number | undefined;
  note: string;
  atMs: number;
  staff: string;
  /** looked up in the ledger rather than just recorded */
  isOld?: boolean;
  isUndone?: boolean;
}

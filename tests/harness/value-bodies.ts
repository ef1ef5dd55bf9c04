import type { Body } from "./bare-fold.ts";

/** A change of a purse as tests write it; fen of principal, no bonus unless it says so. */
export interface TestLine {
  purse: string;
  lot: string;
  fen: number;
  bonus?: number;
  /** absent for a new credit */
  credit?: string;
}

const valueLines = (lines: readonly TestLine[]) =>
  lines.map(({ purse, lot, fen, bonus = 0, credit }) => ({
    ...(credit === undefined ? {} : { credit }),
    purse,
    lot,
    store: "s1",
    term: 1,
    principal: fen,
    bonus,
  }));

export const memberAdded: Body = {
  keyHash: "k".repeat(43),
  fields: ["name"],
  sealed: "s".repeat(20),
};

export const toppedUp = (
  chain: string,
  seq: number,
  member: string,
  fen: number,
  paid = fen,
): Body => ({
  member,
  principal: fen,
  bonus: 0,
  tenders: [{ tender: "cash", amount: paid }],
  value: valueLines([{ purse: chain, lot: `${chain}:${seq}`, fen }]),
});

/** @param paid what the tender says, fen; by default what the lines take */
export function saleOf(
  member: string | undefined,
  debits: readonly TestLine[],
  paid = -debits.reduce((sum, { fen, bonus = 0 }) => sum + fen + bonus, 0),
): Body {
  return {
    ...(member === undefined ? {} : { member }),
    items: [{ name: "x", quantity: 1, list: paid, discount: 0, payable: paid }],
    tenders: paid > 0 ? [{ tender: "stored-value", amount: paid }] : [],
    value: valueLines(debits),
  };
}

export const cashSale = (member: string, fen: number): Body => ({
  member,
  items: [{ name: "x", quantity: 1, list: fen, discount: 0, payable: fen }],
  tenders: [{ tender: "cash", amount: fen }],
  value: [],
});

export const moved = (lines: readonly TestLine[]): Body => ({ value: valueLines(lines) });

export const voided = (lines: readonly TestLine[], undo?: string): Body => ({
  reason: "x",
  ...(undo === undefined ? {} : { undo }),
  value: valueLines(lines),
});

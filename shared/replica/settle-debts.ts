import type { OperationRef } from "../journal/operation.ts";
import type { Fragment } from "../stored-value/purses.ts";
import type { Purse, ValueLine } from "../stored-value/value-line.ts";
import type { Drafting } from "./author.ts";
import type { Books } from "./books.ts";
import { spendableFragments } from "./decide.ts";

/** What a purse holds of a lot beside what is owed of the same lot; fen below zero on both sides. */
interface Match {
  debits: ValueLine[];
  debts: ValueLine[];
}

/** Lines of one operation at most, on each side. */
const linesMax = 100;

/** What of a member's value is still to come to the purse that owes it; amounts below zero. */
export function debtsOf(books: Books, member: OperationRef): Fragment[] {
  if (!books.purses.debtors().has(member)) return [];
  const all = books.purses.allFragments(member);
  return all.flatMap((debt) => {
    if (!debt.isDebt) return [];
    const there = all.filter(
      ({ isDebt, purse, lot }) => !isDebt && purse === debt.purse && lot === debt.lot,
    );
    const leftPrincipal = Math.min(0, debt.leftPrincipal + sumOf(there, "leftPrincipal"));
    const leftBonus = Math.min(0, debt.leftBonus + sumOf(there, "leftBonus"));
    return leftPrincipal + leftBonus === 0 ? [] : [{ ...debt, leftPrincipal, leftBonus }];
  });
}

/**
 * What lies in a purse against what is owed, lot by lot, principal and bonus apart.
 * @param owed debts of a member that are to be met
 */
export function matchDebts(
  books: Books,
  chain: Purse,
  owed: (books: Books, member: OperationRef) => readonly Fragment[],
): Match[] {
  const matches: Match[] = [];
  for (const member of books.purses.debtors()) {
    const debts = owed(books, member);
    if (debts.length === 0) continue;
    const held = spendableFragments(books, member, chain);
    for (const lot of new Set(debts.map((debt) => debt.lot))) {
      const isOfLot = (fragment: Fragment) => fragment.lot === lot;
      const match = matchLot(
        held.filter(isOfLot).slice(0, linesMax),
        debts.filter(isOfLot).slice(0, linesMax),
      );
      if (match.debts.length > 0) matches.push(match);
    }
  }
  return matches;
}

/** What this chain's purse can settle of its own debts now. */
export function settleDebts(books: Books, chain: Purse): Drafting[] {
  const own = (_: Books, member: OperationRef) =>
    books.purses.fragments(member, chain).filter(({ isDebt }) => isDebt);
  return inParts(matchDebts(books, chain, own)).map(({ debits, debts }) => () => ({
    kind: "DisputeSettled",
    body: { value: debits, debts },
  }));
}

function matchLot(held: readonly Fragment[], debts: readonly Fragment[]): Match {
  const principal = Math.min(sumOf(held, "leftPrincipal"), 0 - sumOf(debts, "leftPrincipal"));
  const bonus = Math.min(sumOf(held, "leftBonus"), 0 - sumOf(debts, "leftBonus"));
  return { debits: take(held, principal, bonus), debts: take(debts, principal, bonus) };
}

const sumOf = (fragments: readonly Fragment[], part: "leftPrincipal" | "leftBonus"): number =>
  fragments.reduce((sum, fragment) => sum + fragment[part], 0);

/** Debits of fragments, one after the other, that come to these amounts. */
function take(fragments: readonly Fragment[], principal: number, bonus: number): ValueLine[] {
  const lines: ValueLine[] = [];
  let left = { principal, bonus };
  for (const { ref, purse, lot, store, term, leftPrincipal, leftBonus } of fragments) {
    const taken = {
      principal: Math.min(left.principal, Math.abs(leftPrincipal)),
      bonus: Math.min(left.bonus, Math.abs(leftBonus)),
    };
    if (taken.principal + taken.bonus === 0) continue;
    left = { principal: left.principal - taken.principal, bonus: left.bonus - taken.bonus };
    const line = { purse, lot, store, term, credit: ref };
    lines.push({ ...line, principal: 0 - taken.principal, bonus: 0 - taken.bonus });
  }
  return lines;
}

function inParts(matches: readonly Match[]): Match[] {
  const parts: Match[] = [];
  for (const { debits, debts } of matches) {
    const last = parts.at(-1);
    const lines = Math.max(
      debits.length + (last?.debits.length ?? 0),
      debts.length + (last?.debts.length ?? 0),
    );
    if (last && lines <= linesMax) {
      last.debits.push(...debits);
      last.debts.push(...debts);
    } else parts.push({ debits: [...debits], debts: [...debts] });
  }
  return parts;
}

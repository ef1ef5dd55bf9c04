import type { OperationRef } from "../journal/operation.ts";
import { allocate, toFen } from "../money/fen.ts";
import type { Fragment } from "./purses.ts";
import { faceOf, type ValueLine } from "./value-line.ts";

/**
 * Chooses what a consumption takes: oldest lot first, within a lot principal and bonus in proportion
 * to what is left of them (the default order of an organisation).
 * @param fragments what the spender's purses hold of this member, oldest first
 * @param amountFen face value to take, fen, at most what the fragments hold
 * @returns one negative line per credit touched
 */
export function spendFragments(fragments: readonly Fragment[], amountFen: number): ValueLine[] {
  const lines: ValueLine[] = [];
  let wanted = amountFen;
  for (const fragment of fragments) {
    if (wanted <= 0) break;
    const held = fragment.leftPrincipal + fragment.leftBonus;
    if (held <= 0) continue;
    const taken = Math.min(held, wanted);
    const [principal = 0, bonus = 0] = allocate(toFen(taken), [
      fragment.leftPrincipal,
      fragment.leftBonus,
    ]);
    lines.push(debitLine(fragment, principal, bonus));
    wanted -= taken;
  }
  if (wanted > 0) throw new RangeError("fragments do not hold that much");
  return lines;
}

const debitLine = (fragment: Fragment, principal: number, bonus: number): ValueLine => ({
  purse: fragment.purse,
  lot: fragment.lot,
  store: fragment.store,
  term: fragment.term,
  principal: principal === 0 ? 0 : -principal,
  bonus: bonus === 0 ? 0 : -bonus,
  credit: fragment.ref,
});

/**
 * What may be spent where some of it was spent twice: the same lot makes up for it. Debts are settled
 * by operations of their own.
 * @returns fragments with something left, each lowered by what its lot lacks elsewhere
 */
export function withoutDisputed(fragments: readonly Fragment[]): Fragment[] {
  const lackByLot = new Map<OperationRef, { principal: number; bonus: number }>();
  for (const { lot, leftPrincipal, leftBonus, isDebt } of fragments) {
    if (isDebt || (leftPrincipal >= 0 && leftBonus >= 0)) continue;
    const lack = lackByLot.get(lot) ?? { principal: 0, bonus: 0 };
    lack.principal -= leftPrincipal;
    lack.bonus -= leftBonus;
    lackByLot.set(lot, lack);
  }
  return fragments
    .filter(({ leftPrincipal, leftBonus }) => leftPrincipal >= 0 && leftBonus >= 0)
    .map((fragment) => {
      const lack = lackByLot.get(fragment.lot);
      if (!lack) return fragment;
      const principal = Math.min(fragment.leftPrincipal, Math.max(0, lack.principal));
      const bonus = Math.min(fragment.leftBonus, Math.max(0, lack.bonus));
      lack.principal -= principal;
      lack.bonus -= bonus;
      const { leftPrincipal, leftBonus } = fragment;
      return {
        ...fragment,
        leftPrincipal: leftPrincipal - principal,
        leftBonus: leftBonus - bonus,
      };
    })
    .filter(({ leftPrincipal, leftBonus }) => leftPrincipal + leftBonus > 0);
}

/** Everything that a fragment still holds. */
export const wholeLine = (fragment: Fragment): ValueLine =>
  debitLine(fragment, fragment.leftPrincipal, fragment.leftBonus);

/** The lines that put into `purse` what `debits` take out of others, in `term`. */
export const creditLines = (
  debits: readonly ValueLine[],
  purse: string,
  term: number,
): ValueLine[] =>
  debits.map(({ lot, store, principal, bonus }) => ({
    purse,
    lot,
    store,
    term,
    principal: principal === 0 ? 0 : -principal,
    bonus: bonus === 0 ? 0 : -bonus,
  }));

export const heldBy = (fragments: readonly Fragment[]): { principal: number; bonus: number } => ({
  principal: fragments.reduce((sum, fragment) => sum + fragment.leftPrincipal, 0),
  bonus: fragments.reduce((sum, fragment) => sum + fragment.leftBonus, 0),
});

/**
 * What a till may keep of a member for the time without network.
 * @param balanceFen face value of the member's whole balance
 * @returns min(20 %, ¥200), fen
 */
export const allotmentFen = (balanceFen: number): number =>
  Math.max(0, Math.min(Math.floor(balanceFen / 5), 200_00));

export const totalFace = (lines: readonly ValueLine[]): number =>
  lines.reduce((sum, line) => sum + faceOf(line), 0);

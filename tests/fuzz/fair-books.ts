import type { Ledger } from "../../shared/replica/ledger.ts";

interface Line {
  purse: string;
  lot: string;
  principal: number;
  bonus: number;
  credit?: string;
}

/** As much of an operation as a bookkeeper needs. */
interface Entry {
  device: string;
  store: string;
  seq: number;
  kind: string;
  staff: string;
  body: {
    member?: string;
    target?: string;
    principal?: number;
    bonus?: number;
    value?: readonly Line[];
    tenders?: readonly { tender: string; amount: number }[];
  };
}

/** What somebody with a cashier's rights may bring to count, and nothing else. */
const cashiersKinds = new Set([
  "MemberAdded",
  "MemberEdited",
  "ToppedUp",
  "SaleRecorded",
  "OperationReversed",
  "LotsVoided",
  "ValueMoved",
]);

/** Balances, and what lies in everybody's purses, read off a ledger. */
export interface Position {
  balances: Map<string, number>;
  /** left of each credit, with the purse that holds it */
  credits: Map<string, { purse: string; left: number }>;
  reversed: Set<string>;
}

export function positionOf({ books }: Ledger): Position {
  const balances = new Map<string, number>();
  const credits = new Map<string, { purse: string; left: number }>();
  for (const [member, { principal, bonus }] of books.balances)
    balances.set(member, principal + bonus);
  for (const member of books.purses.members())
    for (const { ref, purse, leftPrincipal, leftBonus } of books.purses.allFragments(member)) {
      if (leftPrincipal < 0 || leftBonus < 0) throw new Error(`${ref} is below zero`);
      credits.set(ref, { purse, left: leftPrincipal + leftBonus });
    }
  const sales = [...books.sales.values()].filter(({ reversedBy }) => reversedBy.length > 0);
  return { balances, credits, reversed: new Set(sales.map(({ ref }) => ref)) };
}

/**
 * Why an attacker's operations did more than a cashier's device may; undefined when they did not. It
 * knows nothing of how the product counts: only which operations it says that it counted.
 */
export function whyUnfair(
  ledger: Ledger,
  before: Position,
  texts: readonly string[],
  own: string,
): string | undefined {
  const after = positionOf(ledger);
  const expected = new Map(before.balances);
  const add = (member: string | undefined, fen: number) =>
    void expected.set(member ?? "", (expected.get(member ?? "") ?? 0) + fen);
  const mayRise = new Set<string>();
  for (const text of texts) {
    const entry = JSON.parse(text) as Entry;
    const { body, kind } = entry;
    const ref = `${entry.device}@${entry.store}:${entry.seq}`;
    if (!ledger.fold.isCounted(ref)) continue;
    if (!cashiersKinds.has(kind)) return `${kind} counted`;
    if (entry.staff !== "boss" && entry.staff !== "amy" && kind !== "ValueMoved")
      return `${kind} of ${entry.staff} counted`;
    const lines = body.value ?? [];
    const stolen = lines.find((line) => line.credit !== undefined && line.purse !== own);
    if (stolen) return `${kind} spent from ${stolen.purse}`;
    for (const [index, line] of lines.entries())
      if (line.credit === undefined) mayRise.add(`${ref}#${index}`);
    if (kind === "ToppedUp") add(body.member, (body.principal ?? 0) + (body.bonus ?? 0));
    if (kind === "SaleRecorded")
      for (const { tender, amount } of body.tenders ?? [])
        if (tender === "stored-value") add(body.member, -amount);
    if (kind === "LotsVoided")
      for (const { lot, principal, bonus } of lines)
        add(ledger.books.lots.get(lot)?.member, principal + bonus);
    const target = body.target ?? "";
    if (kind === "OperationReversed" && !before.reversed.has(target)) {
      before.reversed.add(target);
      const sale = ledger.books.sales.get(target);
      for (const [index, { principal, bonus }] of (sale?.value ?? []).entries()) {
        add(sale?.member, -(principal + bonus));
        mayRise.add(`~${target}#${index}`);
      }
    }
  }
  for (const member of new Set([...expected.keys(), ...after.balances.keys()]))
    if ((expected.get(member) ?? 0) !== (after.balances.get(member) ?? 0))
      return `${member} has ${after.balances.get(member)} instead of ${expected.get(member)}`;
  return whyPursesUnfair(before, after, mayRise, own) ?? whyNotBalanced(ledger, after);
}

/** Nobody else's value got less, and what is new was put there by an operation that counts. */
function whyPursesUnfair(
  before: Position,
  after: Position,
  mayRise: ReadonlySet<string>,
  own: string,
): string | undefined {
  for (const [ref, { purse, left }] of before.credits)
    if (purse !== own && after.credits.get(ref)?.left !== left) return `${ref} of ${purse} changed`;
  for (const [ref, { purse }] of after.credits)
    if (!before.credits.has(ref) && !mayRise.has(ref)) return `${ref} appeared in ${purse}`;
  return undefined;
}

/** The accounts sum to zero, and stored value is what members have, in all their purses together. */
function whyNotBalanced({ books }: Ledger, after: Position): string | undefined {
  const accounts = books.accounts.accounts();
  const total = Object.values(accounts).reduce((sum, fen) => sum + fen, 0);
  if (total !== 0) return `the trial balance is ${total}`;
  const owed = [...after.balances.values()].reduce((sum, fen) => sum + fen, 0);
  if (owed + (accounts["stored-value"] ?? 0) !== 0) return `stored value is not ${owed}`;
  const held = [...after.credits.values()].reduce((sum, { left }) => sum + left, 0);
  return held === owed ? undefined : `purses hold ${held} of ${owed}`;
}

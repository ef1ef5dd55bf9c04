import { type AuthorityState, homeDevice, purseFor } from "../access/authority-state.ts";
import type { OperationRef } from "../journal/operation.ts";
import { balanceFen } from "../stored-value/lots.ts";
import {
  allotmentFen,
  creditLines,
  heldBy,
  spendFragments,
  wholeLine,
} from "../stored-value/spend-fragments.ts";
import { faceOf, type Purse, type ValueLine } from "../stored-value/value-line.ts";
import type { Drafting } from "./author.ts";
import { type Books, isUndone } from "./books.ts";
import { spendableFragments } from "./decide.ts";
import { debtsOf, matchDebts } from "./settle-debts.ts";

/** Debits in one operation at most: with their credits well below an operation's size. */
const linesMax = 150;

/** What a purse holder does by itself, in nobody's name: keep value where the policy says it lives. */
export interface Holder {
  device: string;
  chain: Purse;
  /** whether it may keep an allotment for the time without network */
  keepsAllotment: boolean;
  /** members whose value stays for the moment: a charge is being made */
  held: ReadonlySet<OperationRef>;
}

/**
 * Moves value that lies here but lives elsewhere: everything above the allotment, or everything
 * where this is no till. Nothing when this device is home.
 * @returns drafts, each moving at most a few hundred fragments
 */
export function sweepHome(books: Books, authority: AuthorityState, holder: Holder): Drafting[] {
  const home = homeDevice(authority);
  if (home === holder.device) return payDebts(books, authority, holder);
  const debits: ValueLine[] = [];
  for (const member of books.purses.members()) {
    if (holder.held.has(member)) continue;
    const fragments = spendableFragments(books, member, holder.chain);
    const held = faceOf(heldBy(fragments));
    const undone = isUndone(books, books.members.get(member)?.batch);
    const owes = debtsOf(books, member).length > 0;
    const keep =
      holder.keepsAllotment && !undone && !owes ? allotmentFen(balanceFen(books, member)) : 0;
    // A till keeps its allotment; sweeping only from twice that spares an operation at every visit.
    if (held === 0 || held <= keep * 2) continue;
    debits.push(...spendFragments(fragments, held - keep));
  }
  return moves(debits, (line) => purseFor(authority, home, line.store));
}

/** Where value lives here: what is to come back to the server's purse goes there, lot by lot. */
function payDebts(books: Books, authority: AuthorityState, { device, chain }: Holder): Drafting[] {
  const { server } = authority;
  if (device === server) return [];
  const debits = matchDebts(books, chain, debtsOf).flatMap(({ debits }) => debits);
  return moves(debits, (line) => purseFor(authority, server, line.store));
}

/**
 * What the home server moves to a till for a charge: the exact amount, and an allotment of what is
 * left for the time without network.
 * @returns undefined when the server's purse does not hold enough; `available` says how much it does
 */
export function answerValueRequest(
  books: Books,
  request: { member: OperationRef; amountFen: number; to: Purse; allotment: boolean; from: Purse },
): { drafts: Drafting[] } | { available: number } {
  const fragments = spendableFragments(books, request.member, request.from);
  const held = faceOf(heldBy(fragments));
  const there = faceOf(heldBy(spendableFragments(books, request.member, request.to)));
  const lacking = Math.max(0, request.amountFen - there);
  if (held < lacking) return { available: held + there };
  const after = balanceFen(books, request.member) - request.amountFen;
  const wanted = lacking + (request.allotment ? allotmentFen(Math.max(0, after)) : 0);
  const amount = Math.min(held, wanted);
  if (amount === 0) return { drafts: [] };
  return { drafts: moves(spendFragments(fragments, amount), () => request.to) };
}

/** Takes back what this device wholly holds of imports that were undone. */
export function voidUndoneLots(books: Books, chain: Purse): Drafting[] {
  const drafts: Drafting[] = [];
  for (const batch of books.imports.values()) {
    const [undo] = batch.undoneBy;
    if (undo === undefined) continue;
    const lines = batch.members.flatMap((member) => wholeLotsOf(books, member, chain, batch.ref));
    for (const part of chunks(lines, linesMax))
      drafts.push(() => ({
        kind: "LotsVoided",
        body: { reason: "import-undone", undo, value: part },
      }));
  }
  return drafts;
}

function wholeLotsOf(
  books: Books,
  member: OperationRef,
  chain: Purse,
  batch: OperationRef,
): ValueLine[] {
  const fragments = spendableFragments(books, member, chain);
  return (books.lotsByMember.get(member) ?? []).flatMap((ref) => {
    const lot = books.lots.get(ref);
    if (!lot || lot.batch !== batch || lot.voidedBy !== undefined) return [];
    const own = fragments.filter((fragment) => fragment.lot === ref);
    return faceOf(heldBy(own)) === lot.principal + lot.bonus ? own.map(wholeLine) : [];
  });
}

function moves(debits: readonly ValueLine[], to: (line: ValueLine) => Purse): Drafting[] {
  const others = debits.filter((line) => to(line) !== line.purse);
  return chunks(others, linesMax).map((part) => ({ term }) => ({
    kind: "ValueMoved",
    body: {
      value: [...part, ...part.flatMap((line) => creditLines([line], to(line), term))],
    },
  }));
}

/** A lot is voided whole: its lines stay in one operation. */
function chunks(lines: readonly ValueLine[], most: number): ValueLine[][] {
  const parts: ValueLine[][] = [];
  let part: ValueLine[] = [];
  for (let at = 0; at < lines.length; ) {
    const lot = lines[at]?.lot;
    let end = at;
    while (end < lines.length && lines[end]?.lot === lot) end++;
    if (part.length > 0 && part.length + end - at > most) {
      parts.push(part);
      part = [];
    }
    part.push(...lines.slice(at, end));
    at = end;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

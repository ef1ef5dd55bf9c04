import type { OperationRef } from "../journal/operation.ts";
import { assert } from "../outcome/assert.ts";
import type { CreditRef, Purse, ValueLine } from "./value-line.ts";

/** Value that an operation put into a purse. */
export interface Credit {
  ref: CreditRef;
  member: OperationRef;
  lot: OperationRef;
  purse: Purse;
  store: string;
  term: number;
  principal: number;
  bonus: number;
}

/** What is left of a credit for its purse to spend. */
export interface Fragment extends Credit {
  leftPrincipal: number;
  leftBonus: number;
}

export type ClaimFault = "overspent" | "not-own-purse" | "not-that-credit";

interface Claim {
  operation: OperationRef;
  line: ValueLine;
  /** who spends: 0 the purse's own chain, 1 its successor, 2 the successor's successor … */
  generation: number;
  /** given out by a server that had already been closed: counts whatever is left */
  late: boolean;
  outcome: "waiting" | "good" | ClaimFault;
}

interface Slot {
  credit: Credit | undefined;
  claims: Claim[];
  /** claims before this index are decided */
  decided: number;
  leftPrincipal: number;
  leftBonus: number;
  latePrincipal: number;
  lateBonus: number;
}

/** How purses pass on when a device is replaced; answered by the authority log and the chains. */
export interface Succession {
  /**
   * How many successions lie between a purse and a spender; undefined when it is not his to spend.
   * @param citing sequence of the authority entry that the spending operation cites
   */
  generation(purse: Purse, spender: Purse, citing: number): number | undefined;
  /** whether everything of the purse's earlier holders, up to their cuts, is here */
  isSettled(purse: Purse, generation: number): boolean;
}

/**
 * Purses keyed by lot and chain: every debit names the credits of its own purse that it spends, so two
 * devices out of touch cannot overspend. Claims on one credit are decided in the order of the chain
 * that holds the purse, so the outcome does not depend on the order in which operations arrive.
 */
export class Purses {
  #slots = new Map<CreditRef, Slot>();
  #creditsByMember = new Map<OperationRef, Set<CreditRef>>();
  #succession: Succession;

  constructor(succession: Succession) {
    this.#succession = succession;
  }

  addCredit(credit: Credit): void {
    const slot = this.#slotOf(credit.ref);
    if (slot.credit) return;
    slot.credit = credit;
    slot.leftPrincipal = credit.principal;
    slot.leftBonus = credit.bonus;
    const refs = this.#creditsByMember.get(credit.member);
    if (refs) refs.add(credit.ref);
    else this.#creditsByMember.set(credit.member, new Set([credit.ref]));
  }

  /** Registers a debit; must be called in chain order. */
  claim(
    operation: OperationRef,
    line: ValueLine,
    { spender, citing, late }: { spender: Purse; citing: number; late: boolean },
  ): void {
    assert(line.credit !== undefined, "a claim names its credit");
    const generation = this.#succession.generation(line.purse, spender, citing);
    const claim: Claim = { operation, line, generation: generation ?? 0, late, outcome: "waiting" };
    if (generation === undefined) claim.outcome = "not-own-purse";
    const slot = this.#slotOf(line.credit);
    const { claims } = slot;
    let at = claims.length;
    while (at > 0 && (claims[at - 1]?.generation ?? 0) > claim.generation) at--;
    claims.splice(at, 0, claim);
    slot.decided = Math.min(slot.decided, at);
  }

  /** Decides what can be decided about a credit's claims, in order. */
  settle(ref: CreditRef): void {
    const slot = this.#slots.get(ref);
    if (!slot?.credit) return;
    for (; slot.decided < slot.claims.length; slot.decided++) {
      const claim = slot.claims[slot.decided] as Claim;
      if (claim.outcome !== "waiting") continue;
      if (!this.#succession.isSettled(slot.credit.purse, claim.generation)) return;
      claim.outcome = outcomeOf(slot, slot.credit, claim);
      if (claim.outcome !== "good") continue;
      if (claim.late) {
        slot.latePrincipal -= claim.line.principal;
        slot.lateBonus -= claim.line.bonus;
      } else {
        slot.leftPrincipal += claim.line.principal;
        slot.leftBonus += claim.line.bonus;
      }
    }
  }

  outcome(operation: OperationRef, ref: CreditRef): Claim["outcome"] {
    const slot = this.#slots.get(ref);
    const claim = slot?.claims.findLast((made) => made.operation === operation);
    return claim?.outcome ?? "waiting";
  }

  credit(ref: CreditRef): Credit | undefined {
    return this.#slots.get(ref)?.credit;
  }

  /** What `purse` may still spend of a member's value, in the order in which the credits came. */
  fragments(member: OperationRef, purse: Purse): Fragment[] {
    return this.allFragments(member).filter(
      (left) =>
        this.#succession.generation(left.purse, purse, Number.MAX_SAFE_INTEGER) !== undefined,
    );
  }

  allFragments(member: OperationRef): Fragment[] {
    const left: Fragment[] = [];
    for (const ref of this.#creditsByMember.get(member) ?? []) {
      const slot = this.#slots.get(ref);
      if (!slot?.credit) continue;
      const leftPrincipal = slot.leftPrincipal - slot.latePrincipal;
      const leftBonus = slot.leftBonus - slot.lateBonus;
      if (leftPrincipal !== 0 || leftBonus !== 0)
        left.push({ ...slot.credit, leftPrincipal, leftBonus });
    }
    return left;
  }

  /** Credits that a late allotment of a closed server took below zero. */
  disputed(): Fragment[] {
    const found: Fragment[] = [];
    for (const member of this.#creditsByMember.keys())
      for (const left of this.allFragments(member))
        if (left.leftPrincipal < 0 || left.leftBonus < 0) found.push(left);
    return found;
  }

  members(): Iterable<OperationRef> {
    return this.#creditsByMember.keys();
  }

  #slotOf(ref: CreditRef): Slot {
    let slot = this.#slots.get(ref);
    if (!slot) {
      slot = {
        credit: undefined,
        claims: [],
        decided: 0,
        leftPrincipal: 0,
        leftBonus: 0,
        latePrincipal: 0,
        lateBonus: 0,
      };
      this.#slots.set(ref, slot);
    }
    return slot;
  }
}

function outcomeOf(slot: Slot, credit: Credit, { line, late }: Claim): Claim["outcome"] {
  const same =
    credit.purse === line.purse &&
    credit.lot === line.lot &&
    credit.store === line.store &&
    credit.term === line.term;
  if (!same) return "not-that-credit";
  if (late) return "good";
  const enough = slot.leftPrincipal + line.principal >= 0 && slot.leftBonus + line.bonus >= 0;
  return enough ? "good" : "overspent";
}

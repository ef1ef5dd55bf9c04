import type { OperationRef } from "../journal/operation.ts";
import { assert } from "../outcome/assert.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import { type Claim, type Credit, CreditClaims, type LateClaim } from "./credit-claims.ts";
import { type CreditRef, makerOf, type Purse, type ValueLine } from "./value-line.ts";

/** A credit and what is left of it, fen. */
export interface Fragment extends Credit {
  leftPrincipal: number;
  leftBonus: number;
  /** what closed devices took of it before anybody knew; in it `left` may be negative */
  late: readonly LateClaim[];
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
  /**
   * Who has what an operation put into a purse: the purse itself, or the server's where its holder had
   * been replaced and did not know.
   * @param store of the lot
   */
  keeper(maker: OperationRef, purse: Purse, store: string): Purse;
  /** the purse that answers for disputed value of a store's lots: the serving server's */
  answerable(store: string): Purse;
}

/**
 * Purses keyed by lot and chain: every debit names the credits of its own purse that it spends, so two
 * devices out of touch cannot overspend. A claim takes nothing until its operation counts, and gives
 * up its place when its operation is refused; so what is left of a member's credits is always the
 * balance shown.
 */
export class Purses {
  readonly #claimsByCredit = new Map<CreditRef, CreditClaims>();
  readonly #creditsByMember = new Map<OperationRef, Set<CreditRef>>();
  readonly #debtors = new Set<OperationRef>();
  /** members of whose value closed devices took some */
  readonly #lateTaken = new Set<OperationRef>();
  readonly #heldUp = new Set<CreditClaims>();
  readonly #succession: Succession;
  readonly #isSettled: (purse: Purse, generation: number) => boolean;
  #decided: Claim[] = [];

  constructor(succession: Succession) {
    this.#succession = succession;
    this.#isSettled = (purse, generation) => succession.isSettled(purse, generation);
  }

  /** @param credit with the purse that its maker names */
  addCredit(credit: Omit<Credit, "madeIn">): void {
    const claims = this.#claimsOn(credit.ref);
    if (claims.credit) return;
    if (credit.isDebt) this.#debtors.add(credit.member);
    const { ref, purse: madeIn, store } = credit;
    const purse = this.#succession.keeper(makerOf(ref), madeIn, store);
    this.#note(claims, claims.open({ ...credit, purse, madeIn }));
    const refs = this.#creditsByMember.get(credit.member);
    if (refs) refs.add(credit.ref);
    else this.#creditsByMember.set(credit.member, new Set([credit.ref]));
  }

  has(ref: CreditRef): boolean {
    return this.#claimsByCredit.get(ref)?.credit !== undefined;
  }

  /** A debit that is sound in itself asks for its part; must be called in chain order. */
  claim(
    operation: OperationRef,
    line: ValueLine,
    { spender, citing, late }: { spender: Purse; citing: number; late: boolean },
  ): Claim {
    const { credit } = line;
    assert(credit !== undefined, "a claim names its credit");
    const generation = this.#succession.generation(line.purse, spender, citing);
    const made = { operation, credit, line, generation: generation ?? 0, late, isFreed: false };
    if (generation === undefined) return { ...made, verdict: "not-own-purse" };
    const claim: Claim = { ...made, verdict: "waiting" };
    const claims = this.#claimsOn(credit);
    this.#note(claims, claims.add(claim));
    return claim;
  }

  /** The operation that made these claims, all of them reserved, counts. */
  spend(claims: readonly Claim[]): void {
    for (const claim of claims) {
      assert(claim.verdict === "reserved", "what is spent was reserved");
      const on = this.#claimsOn(claim.credit);
      if (claim.late && on.credit) this.#lateTaken.add(on.credit.member);
      this.#note(on, on.spend(claim));
    }
  }

  /** The operation that made these claims is refused for good: others may have what it asked for. */
  free(claims: readonly Claim[]): void {
    for (const claim of claims) {
      if (claim.verdict === "not-own-purse") continue;
      const on = this.#claimsOn(claim.credit);
      this.#note(on, on.free(claim));
    }
  }

  /** A device was replaced or a chain went on: claims that waited for that may now be decided. */
  settleSuccessions(): void {
    for (const claims of [...this.#heldUp]) this.#note(claims, claims.advance());
  }

  /** Claims that were decided since somebody last asked. */
  takeDecided(): readonly Claim[] {
    const decided = this.#decided;
    if (decided.length > 0) this.#decided = [];
    return decided;
  }

  /** What `purse` may still spend of a member's value, in the order in which the credits came. */
  fragments(member: OperationRef, purse: Purse): Fragment[] {
    return this.#read(member, (claims) => claims.unclaimed()).filter(
      (left) =>
        this.#succession.generation(left.purse, purse, Number.MAX_SAFE_INTEGER) !== undefined,
    );
  }

  /** What is left of a member's value, whoever may have asked for it: together the balance shown. */
  allFragments(member: OperationRef): Fragment[] {
    return this.#read(member, (claims) => claims.left());
  }

  /** Members of whose value some is, or was, to come back. */
  debtors(): ReadonlySet<OperationRef> {
    return this.#debtors;
  }

  /** Debts that are not settled, and credits that late operations of closed devices took below zero. */
  disputed(): Fragment[] {
    const found: Fragment[] = [];
    for (const member of new Set([...this.#debtors, ...this.#lateTaken]))
      for (const left of this.allFragments(member))
        if (left.leftPrincipal < 0 || left.leftBonus < 0) found.push(left);
    return found;
  }

  members(): Iterable<OperationRef> {
    return this.#creditsByMember.keys();
  }

  /** Everything that is known of value, entry by entry; nothing may be decided and not yet told. */
  *entries(): Generator<StateEntry> {
    assert(this.#decided.length === 0, "what was decided was told");
    for (const [credit, claims] of this.#claimsByCredit) yield ["claims", [credit, claims.parts()]];
    for (const [member, refs] of this.#creditsByMember) yield ["credits", [member, refs]];
    for (const member of this.#debtors) yield ["debtors", member];
    for (const member of this.#lateTaken) yield ["late-taken", member];
  }

  /** @returns false for an entry of somebody else */
  take([section, value]: StateEntry): boolean {
    if (section === "claims") {
      const [ref, parts] = value as [CreditRef, Parameters<CreditClaims["takeParts"]>[0]];
      const claims = this.#claimsOn(ref);
      claims.takeParts(parts);
      if (claims.isHeldUp) this.#heldUp.add(claims);
    } else if (section === "credits") {
      const [member, refs] = value as [OperationRef, Set<CreditRef>];
      this.#creditsByMember.set(member, refs);
    } else if (section === "debtors") this.#debtors.add(value as OperationRef);
    else if (section === "late-taken") this.#lateTaken.add(value as OperationRef);
    else return false;
    return true;
  }

  #read(
    member: OperationRef,
    reading: (claims: CreditClaims) => { principal: number; bonus: number },
  ): Fragment[] {
    const fragments: Fragment[] = [];
    for (const ref of this.#creditsByMember.get(member) ?? []) {
      const claims = this.#claimsByCredit.get(ref);
      if (!claims?.credit) continue;
      const { principal: leftPrincipal, bonus: leftBonus } = reading(claims);
      if (leftPrincipal === 0 && leftBonus === 0) continue;
      const { credit, late } = claims;
      const isDisputed = !credit.isDebt && (leftPrincipal < 0 || leftBonus < 0);
      const purse = isDisputed ? this.#succession.answerable(credit.store) : credit.purse;
      fragments.push({ ...credit, purse, leftPrincipal, leftBonus, late });
    }
    return fragments;
  }

  #note(claims: CreditClaims, decided: readonly Claim[]): void {
    for (const claim of decided) this.#decided.push(claim);
    if (claims.isHeldUp) this.#heldUp.add(claims);
    else this.#heldUp.delete(claims);
  }

  #claimsOn(ref: CreditRef): CreditClaims {
    let claims = this.#claimsByCredit.get(ref);
    if (!claims) {
      claims = new CreditClaims(this.#isSettled);
      this.#claimsByCredit.set(ref, claims);
    }
    return claims;
  }
}

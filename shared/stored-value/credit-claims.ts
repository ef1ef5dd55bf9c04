import type { OperationRef } from "../journal/operation.ts";
import { sumFen } from "../money/fen-sum.ts";
import type { CreditRef, Purse, ValueLine } from "./value-line.ts";

/** Value that an operation put into a purse; amounts in fen. */
export interface Credit {
  ref: CreditRef;
  member: OperationRef;
  lot: OperationRef;
  purse: Purse;
  store: string;
  term: number;
  principal: number;
  bonus: number;
  /**
   * Value that is to come back and lies elsewhere: its amounts stand below zero in the purse until they
   * are settled, by claims like those that spend a credit.
   */
  isDebt?: true;
}

export type ClaimFault = "overspent" | "not-own-purse" | "not-that-credit";

/** A debit as the credit sees it that it names. */
export interface Claim {
  readonly operation: OperationRef;
  readonly credit: CreditRef;
  readonly line: ValueLine;
  /** who spends: 0 the purse's own chain, 1 its successor, 2 the successor's successor … */
  readonly generation: number;
  /** given out by a server that had already been closed: counts whatever is left */
  readonly late: boolean;
  /** `reserved`: there is enough for it, whatever becomes of those before it */
  verdict: "waiting" | "reserved" | ClaimFault;
  /** its operation was refused */
  isFreed: boolean;
}

/** What a closed server had given out of a credit, and by which operation; fen, negative. */
export interface LateClaim {
  operation: OperationRef;
  principal: number;
  bonus: number;
}

interface Face {
  principal: number;
  bonus: number;
}

/** Claims of one holder that cannot be decided yet, in the order of its chain. */
interface Lane {
  rank: number;
  claims: Claim[];
  /** claims before this index are decided or freed */
  at: number;
}

const lateRank = -1;
const noLanes: readonly Lane[] = [];

/**
 * One credit and what claims it. Claims are decided in the order of the chain that holds the purse, a
 * predecessor's before its successor's. A claim is *reserved* when there is enough for it even if all
 * before it should count, and *overspent* when there is not even if only those count that already do;
 * else it waits, and all behind it. Both stay true whatever becomes known, so that the outcome is a
 * function of the set of operations; each claim is passed once.
 */
export class CreditClaims {
  credit: Credit | undefined;
  /** a claim waits for what earlier holders of the purse did */
  isHeldUp = false;
  readonly #isSettled: (purse: Purse, generation: number) => boolean;
  /** after the operations that count, fen, never below zero; late claims stand apart */
  #leftPrincipal = 0;
  #leftBonus = 0;
  /** by operations that are not decided yet, fen, zero or negative */
  #reservedPrincipal = 0;
  #reservedBonus = 0;
  #lanes: readonly Lane[] = noLanes;
  readonly #late: LateClaim[] = [];

  /** @param isSettled whether everything of a purse's earlier holders is here */
  constructor(isSettled: (purse: Purse, generation: number) => boolean) {
    this.#isSettled = isSettled;
  }

  /** The credit has come. @returns claims that are decided by it */
  open(credit: Credit): readonly Claim[] {
    this.credit = credit;
    this.#leftPrincipal = credit.principal;
    this.#leftBonus = credit.bonus;
    return this.advance();
  }

  /** @returns claims that are decided now, beside the one that is added */
  add(claim: Claim): readonly Claim[] {
    if (this.#lanes.length === 0 && this.#decide(claim)) return [];
    this.#laneOf(claim.late ? lateRank : claim.generation).claims.push(claim);
    return this.advance();
  }

  /** The operation of a reserved claim counts. @returns claims that are decided by it */
  spend(claim: Claim): readonly Claim[] {
    const { operation, line, late } = claim;
    const { principal, bonus } = line;
    if (late) {
      this.#late.push({ operation, principal, bonus });
      return [];
    }
    this.#reserve(line, -1);
    this.#leftPrincipal += principal;
    this.#leftBonus += bonus;
    return this.advance();
  }

  /** The operation of a claim is refused. @returns claims that are decided by it */
  free(claim: Claim): readonly Claim[] {
    claim.isFreed = true;
    if (claim.verdict === "reserved" && !claim.late) this.#reserve(claim.line, -1);
    return this.advance();
  }

  /** Decides in order what can be decided. */
  advance(): readonly Claim[] {
    this.isHeldUp = false;
    if (this.#lanes.length === 0) return [];
    const decided: Claim[] = [];
    for (const lane of this.#lanes)
      if (!this.#advanceIn(lane, decided) && lane.rank !== lateRank) break;
    this.#lanes = this.#lanes.filter(({ claims, at }) => at < claims.length);
    return decided;
  }

  /** By operations that count, fen; below zero only by late claims, or for a debt. */
  left(): Face {
    return this.#signed(this.#amountLeft());
  }

  #amountLeft(): Face {
    return {
      principal: this.#leftPrincipal + sumFen(this.#late.map(({ principal }) => principal)),
      bonus: this.#leftBonus + sumFen(this.#late.map(({ bonus }) => bonus)),
    };
  }

  /** What is left when everything that waits should come to count, fen; below zero as `left` is. */
  unclaimed(): Face {
    const left = this.#amountLeft();
    const waiting = this.#lanes
      .filter(({ rank }) => rank !== lateRank)
      .flatMap(({ claims, at }) => claims.slice(at).filter(({ isFreed }) => !isFreed));
    const principal = waiting.reduce((sum, { line }) => sum + line.principal, 0);
    const bonus = waiting.reduce((sum, { line }) => sum + line.bonus, 0);
    return this.#signed({
      principal: lessTaken(left.principal, this.#reservedPrincipal + principal),
      bonus: lessTaken(left.bonus, this.#reservedBonus + bonus),
    });
  }

  #signed(face: Face): Face {
    return this.credit?.isDebt ? { principal: 0 - face.principal, bonus: 0 - face.bonus } : face;
  }

  get late(): readonly LateClaim[] {
    return this.#late;
  }

  /** @returns whether the whole lane is decided */
  #advanceIn(lane: Lane, decided: Claim[]): boolean {
    for (; lane.at < lane.claims.length; lane.at++) {
      const claim = lane.claims[lane.at] as Claim;
      if (claim.isFreed) continue;
      if (!this.#decide(claim)) return false;
      decided.push(claim);
    }
    return true;
  }

  /** To be asked in order. @returns false when it cannot be decided yet */
  #decide(claim: Claim): boolean {
    const { credit } = this;
    const { line, late, generation } = claim;
    if (!credit) return false;
    if (!this.#isSettled(credit.purse, generation)) {
      this.isHeldUp = true;
      return false;
    }
    const { principal, bonus } = line;
    const [leftPrincipal, leftBonus] = [this.#leftPrincipal + principal, this.#leftBonus + bonus];
    if (!isOf(credit, line)) claim.verdict = "not-that-credit";
    else if (late) claim.verdict = "reserved";
    else if (leftPrincipal < 0 || leftBonus < 0) claim.verdict = "overspent";
    else if (leftPrincipal + this.#reservedPrincipal < 0 || leftBonus + this.#reservedBonus < 0)
      return false;
    else {
      claim.verdict = "reserved";
      this.#reserve(line, 1);
    }
    return true;
  }

  #reserve({ principal, bonus }: ValueLine, sign: 1 | -1): void {
    this.#reservedPrincipal += sign * principal;
    this.#reservedBonus += sign * bonus;
  }

  #laneOf(rank: number): Lane {
    const known = this.#lanes.find((lane) => lane.rank === rank);
    if (known) return known;
    const lane = { rank, claims: [], at: 0 };
    this.#lanes = [...this.#lanes, lane].sort((a, b) => a.rank - b.rank);
    return lane;
  }
}

const isOf = (credit: Credit, line: ValueLine): boolean =>
  credit.purse === line.purse &&
  credit.lot === line.lot &&
  credit.store === line.store &&
  credit.term === line.term;

/** @param taken fen, zero or negative */
const lessTaken = (left: number, taken: number): number =>
  left <= 0 ? left : Math.max(0, left + taken);

import { type OperationRef, splitRef } from "../journal/operation.ts";
import { sumFen } from "../money/fen-sum.ts";
import { Shared } from "../state-pages/graph.ts";
import { type CreditRef, makerOf, type Purse, type ValueLine } from "./value-line.ts";

/** Value that an operation put into a purse; amounts in fen. */
export interface Credit {
  ref: CreditRef;
  member: OperationRef;
  lot: OperationRef;
  /** who may spend it, or his successors */
  purse: Purse;
  /** the purse that its maker named: another one where that was closed and the value fell to the server */
  madeIn: Purse;
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
  /** by a device or server that had already been closed: counts whatever its successors left */
  readonly late: boolean;
  /** `reserved`: there is enough for it, whatever becomes of those before it */
  verdict: "waiting" | "reserved" | ClaimFault;
  /** its operation was refused */
  isFreed: boolean;
}

/** What a closed device took of a credit, and by which operation; fen, negative. */
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
export interface Lane {
  late: boolean;
  generation: number;
  claims: Claim[];
  /** claims before this index are decided or freed */
  at: number;
}

/** What claims took that a late one of somebody else does not see, or only its own; fen, at most zero. */
interface Account {
  late: boolean;
  generation: number;
  counted: Face;
  reserved: Face;
}

const noneBlocked = Number.POSITIVE_INFINITY;
const noLanes: readonly Lane[] = [];
const noAccounts: readonly Account[] = [];

/** Everything that claims on a credit know; claims are shared with the operations that made them. */
export interface ClaimsParts {
  credit?: Credit | undefined;
  isHeldUp: boolean;
  left: Face;
  reserved: Face;
  lanes?: (Omit<Lane, "claims"> & { claims: Shared<Claim>[] })[] | undefined;
  accounts?: Account[] | undefined;
  late?: LateClaim[] | undefined;
}

/**
 * One credit and what claims it. Claims are decided in the order of the chain that holds the purse, a
 * predecessor's before its successor's. A claim is *reserved* when there is enough for it even if all
 * before it should count, and *overspent* when there is not even if only those count that already do;
 * else it waits, and all behind it. Both stay true whatever becomes known, so that the outcome is a
 * function of the set of operations; each claim is passed once.
 *
 * What a device claims *late*, not knowing that it was replaced, is measured by what it knew: its own
 * claims and those of holders before it. Its successors' claims are decided as if there were none
 * such; together they may take more than there was, and the difference shows below zero.
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
  /** of successors and of late claims; most credits know neither */
  #accounts: readonly Account[] = noAccounts;
  #late: LateClaim[] = [];

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
    this.#laneOf(claim).claims.push(claim);
    return this.advance();
  }

  /** The operation of a reserved claim counts. @returns claims that are decided by it */
  spend(claim: Claim): readonly Claim[] {
    const { operation, line, late } = claim;
    const { principal, bonus } = line;
    this.#reserve(claim, -1);
    if (late) this.#late.push({ operation, principal, bonus });
    else {
      this.#leftPrincipal += principal;
      this.#leftBonus += bonus;
    }
    const account = this.#accountOf(claim);
    if (account) addTo(account.counted, line, 1);
    return this.advance();
  }

  /** The operation of a claim is refused. @returns claims that are decided by it */
  free(claim: Claim): readonly Claim[] {
    claim.isFreed = true;
    if (claim.verdict === "reserved") this.#reserve(claim, -1);
    return this.advance();
  }

  /** Decides in order what can be decided. */
  advance(): readonly Claim[] {
    this.isHeldUp = false;
    if (this.#lanes.length === 0) return [];
    const decided: Claim[] = [];
    /** the first holder who has claims that cannot be decided yet */
    let blocked = noneBlocked;
    for (const lane of this.#lanes) {
      const mayAdvance = lane.late ? lane.generation < blocked : blocked === noneBlocked;
      const isDone = mayAdvance && this.#advanceIn(lane, decided);
      if (!isDone && !lane.late) blocked = Math.min(blocked, lane.generation);
    }
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
      .filter(({ late }) => !late)
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

  parts(): ClaimsParts {
    const lanes = this.#lanes.map(({ late, generation, claims, at }) => {
      const ahead = claims.slice(at).map((claim) => new Shared(claim));
      return { late, generation, at: 0, claims: ahead };
    });
    return {
      credit: this.credit,
      isHeldUp: this.isHeldUp,
      left: { principal: this.#leftPrincipal, bonus: this.#leftBonus },
      reserved: { principal: this.#reservedPrincipal, bonus: this.#reservedBonus },
      lanes: unlessEmpty(lanes),
      accounts: unlessEmpty([...this.#accounts]),
      late: unlessEmpty(this.#late),
    };
  }

  /** @param parts as they were read back: what was shared is the claim itself */
  takeParts(parts: Omit<ClaimsParts, "lanes"> & { lanes?: Lane[] }): void {
    const { credit, isHeldUp, left, reserved } = parts;
    this.credit = credit;
    this.isHeldUp = isHeldUp;
    this.#leftPrincipal = left.principal;
    this.#leftBonus = left.bonus;
    this.#reservedPrincipal = reserved.principal;
    this.#reservedBonus = reserved.bonus;
    this.#lanes = parts.lanes ?? noLanes;
    this.#accounts = parts.accounts ?? noAccounts;
    this.#late = parts.late ?? [];
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
    const { line, generation } = claim;
    if (!credit) return false;
    if (!this.#isSettled(line.purse, generation)) {
      this.isHeldUp = true;
      return false;
    }
    const { counted, reserved } = this.#seenBy(claim, credit);
    addTo(counted, line, 1);
    if (!isOf(credit, claim)) claim.verdict = "not-that-credit";
    else if (counted.principal < 0 || counted.bonus < 0) claim.verdict = "overspent";
    else if (counted.principal + reserved.principal < 0 || counted.bonus + reserved.bonus < 0)
      return false;
    else {
      claim.verdict = "reserved";
      this.#reserve(claim, 1);
    }
    return true;
  }

  /**
   * What a claim finds of its credit: a late one does not see what successors of its author took.
   * @returns left by operations that count, and what is reserved of that, zero or negative; fen
   */
  #seenBy({ late, generation }: Claim, credit: Credit): { counted: Face; reserved: Face } {
    const hasFallen = credit.purse !== credit.madeIn;
    const all = {
      counted: { principal: this.#leftPrincipal, bonus: this.#leftBonus },
      reserved: { principal: this.#reservedPrincipal, bonus: this.#reservedBonus },
    };
    if (!late) return all;
    const seen = hasFallen
      ? {
          counted: { principal: credit.principal, bonus: credit.bonus },
          reserved: { principal: 0, bonus: 0 },
        }
      : all;
    for (const account of this.#accounts) {
      const isOwn = account.late && account.generation === generation;
      const isLater = !account.late && !hasFallen && account.generation > generation;
      if (!isOwn && !isLater) continue;
      addTo(seen.counted, account.counted, isOwn ? 1 : -1);
      addTo(seen.reserved, account.reserved, isOwn ? 1 : -1);
    }
    return seen;
  }

  #reserve(claim: Claim, sign: 1 | -1): void {
    const { line, late } = claim;
    if (!late) {
      this.#reservedPrincipal += sign * line.principal;
      this.#reservedBonus += sign * line.bonus;
    }
    const account = this.#accountOf(claim);
    if (account) addTo(account.reserved, line, sign);
  }

  /** The first holder's own claims are all in the credit's totals. */
  #accountOf({ late, generation }: Claim): Account | undefined {
    if (!late && generation === 0) return undefined;
    const known = this.#accounts.find(
      (account) => account.late === late && account.generation === generation,
    );
    if (known) return known;
    const nothing = { principal: 0, bonus: 0 };
    const account = { late, generation, counted: { ...nothing }, reserved: { ...nothing } };
    this.#accounts = [...this.#accounts, account];
    return account;
  }

  #laneOf({ late, generation }: Claim): Lane {
    const known = this.#lanes.find((lane) => lane.late === late && lane.generation === generation);
    if (known) return known;
    const lane = { late, generation, claims: [], at: 0 };
    this.#lanes = [...this.#lanes, lane].sort(
      (a, b) => Number(a.late) - Number(b.late) || a.generation - b.generation,
    );
    return lane;
  }
}

/** Value that fell to the server is also its maker's to spend, who named another purse. */
function isOf(credit: Credit, { late, line, operation }: Claim): boolean {
  const isMakers = late && splitRef(operation).chain === splitRef(makerOf(credit.ref)).chain;
  return (
    (isMakers ? credit.madeIn : credit.purse) === line.purse &&
    credit.lot === line.lot &&
    credit.store === line.store &&
    credit.term === line.term
  );
}

const unlessEmpty = <Item>(items: Item[]): Item[] | undefined =>
  items.length > 0 ? items : undefined;

function addTo(face: Face, { principal, bonus }: Face, sign: 1 | -1): void {
  face.principal += sign * principal;
  face.bonus += sign * bonus;
}

/** @param taken fen, zero or negative */
const lessTaken = (left: number, taken: number): number =>
  left <= 0 ? left : Math.max(0, left + taken);

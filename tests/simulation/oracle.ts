import {
  type Devices,
  type Fact,
  type FactLine,
  factsThatStand,
  readDevices,
} from "./oracle-facts.ts";

/** Value that somebody may spend, as the oracle has it. */
export interface OracleCredit {
  ref: string;
  member: string;
  lot: string;
  purse: string;
  /** left, below zero where closed devices took what others had taken */
  principal: number;
  bonus: number;
  /** what it was made with */
  face: Face;
  madeBy: string;
  /** the purse that its maker named */
  madeIn: string;
  taken: Taken[];
}

/** One debit that counts, as it was allowed: by the how manieth holder, late or in time. */
interface Taken extends Face {
  rank: number;
  chain: string;
  isLate: boolean;
}

type Decision = "counts" | "quarantined" | "refused";

interface Face {
  principal: number;
  bonus: number;
}

/**
 * What a set of operations must come to, worked out again from the rules alone: slow, plain, over and
 * over until nothing more follows. It shares no line with the product's own fold.
 */
export class Oracle {
  readonly decisions = new Map<string, Decision>();
  readonly credits = new Map<string, OracleCredit>();
  readonly balances = new Map<string, Face>();
  readonly reversed = new Set<string>();
  readonly voided = new Set<string>();
  /** fen by account, debit positive */
  readonly accounts = new Map<string, number>();
  /** the edits of each field that nobody has replaced */
  readonly heads = new Map<string, Set<string>>();
  readonly visits = new Map<string, { count: number; spentFen: number }>();
  readonly devices: Devices;
  readonly facts: Map<string, Fact>;
  readonly #claimants = new Map<string, Fact[]>();
  readonly #closedBatches = new Set<string>();
  readonly #replacedEdits = new Set<string>();
  readonly #lengths = new Map<string, number>();

  constructor(
    entries: readonly string[],
    runs: Iterable<{ operations: readonly string[]; seal: string }>,
  ) {
    this.devices = readDevices(entries);
    this.facts = factsThatStand(runs, this.devices);
    for (const fact of this.facts.values()) {
      this.#lengths.set(fact.chain, (this.#lengths.get(fact.chain) ?? 0) + 1);
      // Cut off before it was closed, a batch counts for nothing.
      if (fact.kind === "ImportClosed" && !this.#isOut(fact))
        this.#closedBatches.add(fact.body.batch ?? "");
      for (const line of debitsOf(fact))
        this.#claimants.set(line.credit, [...(this.#claimants.get(line.credit) ?? []), fact]);
    }
    for (const claimants of this.#claimants.values())
      claimants.sort((a, b) => this.#rank(a) - this.#rank(b) || a.seq - b.seq);
    for (let found = true; found; ) {
      found = false;
      for (const fact of this.facts.values())
        if (!this.decisions.has(fact.ref) && this.#decide(fact)) found = true;
    }
  }

  #decide(fact: Fact): boolean {
    if (this.#isOut(fact)) {
      this.decisions.set(fact.ref, "quarantined");
      return true;
    }
    if (this.#isHopeless(fact)) {
      this.decisions.set(fact.ref, "refused");
      return true;
    }
    if (!needsOf(fact).every((ref) => this.decisions.get(ref) === "counts")) return false;
    if (!this.#namesWhatItMeans(fact)) {
      this.decisions.set(fact.ref, "refused");
      return true;
    }
    const { batch } = fact.body;
    if (batch !== undefined && fact.kind !== "ImportUndone" && !this.#closedBatches.has(batch))
      return false;
    const debits = debitsOf(fact);
    if (!debits.every((line) => this.#isDue(fact, line.credit))) return false;
    const isGood = debits.every((line) => this.#isOwn(fact, line) && this.#isEnough(fact, line));
    this.decisions.set(fact.ref, isGood ? "counts" : "refused");
    if (isGood) this.#count(fact);
    return true;
  }

  /** It builds on what is decided and does not count: that is for good. */
  #isHopeless(fact: Fact): boolean {
    const makers = debitsOf(fact).map(({ credit }) => credit.replace(/^~|#.*/g, ""));
    return [...needsOf(fact), ...makers].some((ref) => {
      const decision = this.decisions.get(ref);
      return decision === "refused" || decision === "quarantined";
    });
  }

  /** After a fork another operation may stand where somebody else saw a member or a sale. */
  #namesWhatItMeans({ body, kind }: Fact): boolean {
    const kindOf = (ref: string | undefined) => ref && this.facts.get(ref)?.kind;
    if (body.member !== undefined && kindOf(body.member) !== "MemberAdded") return false;
    return kind !== "OperationReversed" || kindOf(body.target) === "SaleRecorded";
  }

  #isAfterCut({ device, chain, seq }: Fact): boolean {
    const closing = this.devices.closings.get(device);
    return closing !== undefined && seq >= (closing.cut[chain]?.next ?? 0);
  }

  /**
   * Beyond a cut and in good faith: a server that was closed had given this out, and the money is gone;
   * or somebody put another device in the place of one that did not know, and went on selling.
   */
  #isLate(fact: Fact): boolean {
    const closing = this.devices.closings.get(fact.device);
    if (!closing || !this.#isAfterCut(fact)) return false;
    if (closing.isServer) return fact.kind === "ValueMoved";
    if (!closing.isReplaced || this.#hasSeen(fact, closing.seq)) return false;
    return closing.end === undefined || fact.seq < (closing.end[fact.chain]?.next ?? 0);
  }

  /** It does not count, whatever it says. */
  #isOut(fact: Fact): boolean {
    const end = this.devices.closings.get(fact.device)?.end;
    if (end && fact.seq >= (end[fact.chain]?.next ?? 0)) return true;
    return this.#isAfterCut(fact) && !this.#isLate(fact);
  }

  #hasSeen({ auth }: Fact, entry: number): boolean {
    return this.devices.names.has(auth) && Number(auth.split(":")[0]) >= entry;
  }

  /** Whether the credit is there and everybody whose turn comes before has had it. */
  #isDue(fact: Fact, credit: string): boolean {
    const there = this.credits.get(credit);
    if (!there) return false;
    const isMakers = this.#isLate(fact) && there.madeBy === fact.chain;
    if (!isMakers && !this.#isSettled(there.purse, this.#rank(fact))) return false;
    for (const other of this.#claimants.get(credit) ?? []) {
      if (other === fact) return true;
      if (this.#isBefore(other, fact, there) && !this.decisions.has(other.ref)) return false;
    }
    return true;
  }

  /**
   * Nobody waits for what another device did late; who was late himself saw only those before him, and
   * nothing of what the server did with value that has fallen to it.
   */
  #isBefore(other: Fact, fact: Fact, { purse, madeIn }: OracleCredit): boolean {
    if (other.chain === fact.chain) return true;
    if (this.#isLate(fact) && purse !== madeIn) return false;
    return !this.#isLate(other) && this.#rank(other) <= this.#rank(fact);
  }

  /** What its holder took in late is the server's, and the holder's own as long as he does not know. */
  #isOwn(fact: Fact, { credit, purse }: FactLine & { credit: string }): boolean {
    const there = this.credits.get(credit);
    const isMakers = this.#isLate(fact) && there?.madeBy === fact.chain;
    return there !== undefined && (isMakers ? there.madeIn : there.purse) === purse;
  }

  /** All that earlier holders of a purse did up to their cuts must be here before a later one spends. */
  #isSettled(purse: string, generation: number): boolean {
    let [device = "", store = ""] = purse.split("@");
    for (let step = this.#rankOf(device); step < generation; step++) {
      const closing = this.devices.closings.get(device);
      if (closing?.by === undefined) return false;
      const chain = `${device}@${store}`;
      if ((this.#lengths.get(chain) ?? 0) < (closing.cut[chain]?.next ?? 0)) return false;
      device = closing.by;
      store = this.devices.storeOf.get(device) ?? store;
    }
    return true;
  }

  /** Of what this device could know of: in time all debits in time; late, its own and those before it. */
  #isEnough(fact: Fact, { credit, principal, bonus }: FactLine & { credit: string }): boolean {
    const there = this.credits.get(credit);
    if (!there) return false;
    const isLate = this.#isLate(fact);
    const seen = there.taken.filter((taken) =>
      isLate
        ? taken.chain === fact.chain ||
          (there.purse === there.madeIn && !taken.isLate && taken.rank < this.#rank(fact))
        : !taken.isLate,
    );
    const left = (face: number, of: (taken: Taken) => number) =>
      seen.reduce((sum, taken) => sum + of(taken), face);
    return (
      left(there.face.principal, (taken) => taken.principal) + principal >= 0 &&
      left(there.face.bonus, (taken) => taken.bonus) + bonus >= 0
    );
  }

  /** How many devices came before this one in its place. */
  #rank = (fact: Fact): number => this.#rankOf(fact.device);

  #rankOf(device: string): number {
    for (const [before, { by }] of this.devices.closings)
      if (by === device) return this.#rankOf(before) + 1;
    return 0;
  }

  #count(fact: Fact): void {
    const { kind, ref, body } = fact;
    const { member = "", principal = 0, bonus = 0, tenders = [], value = [] } = body;
    const by = { rank: this.#rank(fact), chain: fact.chain, isLate: this.#isLate(fact) };
    for (const line of debitsOf(fact)) {
      const credit = this.credits.get(line.credit) as OracleCredit;
      credit.taken.push({ ...by, principal: line.principal, bonus: line.bonus });
      credit.principal += line.principal;
      credit.bonus += line.bonus;
    }
    switch (kind) {
      case "MemberAdded":
        for (const field of body.fields ?? []) this.#edit(ref, ref, field, []);
        return;
      case "MemberEdited":
        for (const [field, cites] of Object.entries(body.cites ?? {}))
          this.#edit(member, ref, field, cites);
        return;
      case "ToppedUp":
      case "OpeningBalanceImported":
        for (const { tender, amount } of tenders) this.#post(`tender/${tender}`, amount);
        if (kind === "ToppedUp") this.#post("bonus-granted", bonus);
        else this.#post("opening-balance", principal + bonus);
        this.#owe(member, principal, bonus);
        this.#credit(`${ref}#0`, member, value[0]);
        return;
      case "ValueMoved":
        value.forEach((line, index) => {
          if (line.credit === undefined)
            this.#credit(`${ref}#${index}`, this.#memberOfLot(line.lot), line);
        });
        return;
      case "SaleRecorded":
        this.#sell(fact, 1);
        return;
      case "OperationReversed":
        this.#reverse(body.target ?? "");
        return;
      case "LotsVoided":
        for (const lot of new Set(value.map((line) => line.lot))) this.#void(lot);
    }
  }

  #sell({ body }: Fact, sign: 1 | -1): void {
    const { member, tenders = [], value = [], items = [] } = body;
    const payable = items.reduce((sum, item) => sum + item.payable, 0);
    for (const { tender, amount } of tenders)
      if (tender !== "stored-value") this.#post(`tender/${tender}`, sign * amount);
    this.#post("revenue", -sign * payable);
    if (member === undefined) return;
    for (const line of value) this.#owe(member, sign * line.principal, sign * line.bonus);
    const visits = this.visits.get(member) ?? { count: 0, spentFen: 0 };
    this.visits.set(member, {
      count: visits.count + sign,
      spentFen: visits.spentFen + sign * payable,
    });
  }

  /** Once, whoever reverses it and however often. */
  #reverse(target: string): void {
    if (this.reversed.has(target)) return;
    this.reversed.add(target);
    const sale = this.facts.get(target) as Fact;
    this.#sell(sale, -1);
    const { member } = sale.body;
    if (member === undefined) return;
    (sale.body.value ?? []).forEach((line, index) => {
      const returned = { ...line, principal: -line.principal, bonus: -line.bonus };
      this.#credit(`~${target}#${index}`, member, returned);
    });
  }

  #void(lot: string): void {
    this.voided.add(lot);
    const { kind, body } = this.facts.get(lot) as Fact;
    const { principal = 0, bonus = 0, tenders = [], member = "" } = body;
    for (const { tender, amount } of tenders) this.#post(`tender/${tender}`, -amount);
    if (kind === "ToppedUp") this.#post("bonus-granted", -bonus);
    else this.#post("opening-balance", -principal - bonus);
    this.#owe(member, -principal, -bonus);
  }

  #credit(ref: string, member: string, line: FactLine | undefined): void {
    if (!line || line.principal + line.bonus === 0) return;
    const { lot, purse: madeIn, principal, bonus } = line;
    const maker = this.facts.get(ref.replace(/^~|#.*/g, "")) as Fact;
    const purse = this.#fallsTo(maker, madeIn, lot);
    const face = { principal, bonus };
    const made = { madeIn, madeBy: maker.chain, face, taken: [] };
    this.credits.set(ref, { ref, member, lot, purse, principal, bonus, ...made });
  }

  /** Value that a replaced device puts into its own place, or one that it took over, is the server's. */
  #fallsTo(maker: Fact, purse: string, lot: string): string {
    const closing = this.devices.closings.get(maker.device);
    if (!closing?.isReplaced || !this.#isAfterCut(maker)) return purse;
    let [device = ""] = purse.split("@");
    while (device !== maker.device) {
      const by = this.devices.closings.get(device)?.by;
      if (by === undefined) return purse;
      device = by;
    }
    return `${closing.server}@${this.facts.get(lot)?.chain.split("@")[1]}`;
  }

  /** Where value is shown: what is disputed, at whoever serves. */
  shownIn({ purse, lot, principal, bonus }: OracleCredit): string {
    if (principal >= 0 && bonus >= 0) return purse;
    return `${this.devices.server}@${this.facts.get(lot)?.chain.split("@")[1]}`;
  }

  #owe(member: string, principal: number, bonus: number): void {
    const owed = this.balances.get(member) ?? { principal: 0, bonus: 0 };
    this.balances.set(member, {
      principal: owed.principal + principal,
      bonus: owed.bonus + bonus,
    });
    this.#post("stored-value", -principal - bonus);
  }

  #post(account: string, fen: number): void {
    this.accounts.set(account, (this.accounts.get(account) ?? 0) + fen);
  }

  #edit(member: string, edit: string, field: string, cites: readonly string[]): void {
    const name = `${member} ${field}`;
    const heads = this.heads.get(name) ?? new Set();
    this.heads.set(name, heads);
    for (const cited of cites) {
      heads.delete(cited);
      this.#replacedEdits.add(`${name} ${cited}`);
    }
    if (!this.#replacedEdits.has(`${name} ${edit}`)) heads.add(edit);
  }

  #memberOfLot = (lot: string): string => this.facts.get(lot)?.body.member ?? "";
}

const debitsOf = ({ body }: Fact): (FactLine & { credit: string })[] =>
  (body.value ?? []).flatMap((line) =>
    line.credit === undefined ? [] : [{ ...line, credit: line.credit }],
  );

/** What must count before: the member, the lots, what is reversed or undone. */
function needsOf({ ref, kind, body }: Fact): string[] {
  const { member, target, undo, batch, value = [] } = body;
  const lots = value.map(({ lot }) => lot).filter((lot) => lot !== ref);
  const opened = kind === "ImportClosed" || kind === "ImportUndone" ? batch : undefined;
  return [member, target, undo, opened, ...lots].filter((need) => need !== undefined);
}

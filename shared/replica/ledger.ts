import { appendEntry } from "../access/authority-log.ts";
import { type AuthorityState, type Closing, purseFor, termAt } from "../access/authority-state.ts";
import type { AuthorityFault } from "../access/entry-faults.ts";
import { judge, type Verdict } from "../access/judge.ts";
import { fromBase64Url } from "../journal/bytes.ts";
import { type ChainHead, type Heads, RunningHash } from "../journal/chain.ts";
import {
  type AuthorityHead,
  type ChainId,
  chainOf,
  deviceOfChain,
  type Operation,
  readOperation,
  readStoredOperation,
  seqOfHead,
  splitRef,
  storeOfChain,
  writeOperation,
} from "../journal/operation.ts";
import type { Signatures } from "../journal/ports.ts";
import { type Run, runBytesMax, runOperationsMax } from "../journal/run.ts";
import { readSeal, type Seal, sealedBytes } from "../journal/seal.ts";
import { assert } from "../outcome/assert.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import type { Succession } from "../stored-value/purses.ts";
import { firstTimestamp, observe, type Timestamp } from "../time/hybrid-clock.ts";
import { Books } from "./books.ts";
import { JournalFold } from "./fold-journal.ts";

export type RunFault =
  | { code: "malformed" }
  | { code: "too-large" }
  | { code: "other-organisation" }
  | { code: "unknown-device" }
  /** operations before these are missing */
  | { code: "gap"; next: number }
  /** another operation stands at a sequence that is already taken */
  | { code: "fork"; next: number }
  | { code: "bad-seal" }
  | { code: "authority-went-back" }
  /** cites less than before, and what it cited before is not here: a recovery may have left it behind */
  | { code: "authority-unknown" };

/** A run that may be stored and entered: its chain and seal are right. */
export interface CheckedRun {
  chain: ChainId;
  run: Run;
  /** sequence of the first operation that is new here; equal to `next` for a resend */
  firstNew: number;
  /** parsed operations that are new here */
  operations: Operation[];
  after: ChainHead;
  /** what was hashed: from where, to where, and the new texts */
  hashed: { before: RunningHash; after: RunningHash; texts: readonly string[] };
}

interface Chain {
  hash: RunningHash;
  /** sequence of the next operation to arrive */
  next: number;
  /** sequence of the next operation to be judged; behind `next` while the authority log is behind */
  entered: number;
  /** what its newest operation cites; empty before there is one */
  cited: AuthorityHead;
  /** newest entry of our own log that an entered operation cites */
  citedHere: number;
  parked: Operation[];
}

type KeptChain = Omit<Chain, "hash" | "parked">;

/**
 * What a replica holds, in memory: the authority log, every chain's head, and the books.
 * Pure bookkeeping: whoever owns it stores first and enters afterwards.
 */
export class Ledger {
  authority: AuthorityState | undefined;
  readonly authorityTexts: string[] = [];
  readonly books: Books;
  readonly fold: JournalFold;
  /** hashes that runs lead to which contradict their chain and stand apart */
  readonly apart = new Set<string>();
  /** set when an authority entry changed what was already counted: rebuild from the store */
  refoldNeeded = false;
  clock: Timestamp = firstTimestamp;
  #hasSuccessions = false;
  readonly #chains = new Map<ChainId, Chain>();
  readonly #signatures: Signatures;
  readonly avoid: ReadonlySet<string>;
  readonly aside: ReadonlySet<AuthorityHead>;

  /**
   * @param avoid hashes that runs lead to which stand apart, see `wronglyCounted`
   * @param aside lost entries that this replica keeps and its log does not know yet
   */
  constructor(
    signatures: Signatures,
    avoid: ReadonlySet<string> = new Set(),
    aside: ReadonlySet<AuthorityHead> = new Set(),
  ) {
    this.#signatures = signatures;
    this.avoid = avoid;
    this.aside = aside;
    this.books = new Books(this.#succession());
    this.fold = new JournalFold(this.books);
  }

  /** The log so far; only to be asked once there is one. */
  get log(): AuthorityState {
    assert(this.authority, "the authority log has been read");
    return this.authority;
  }

  heads(): Heads {
    return new Map(
      [...this.#chains].map(([chain, { next, hash }]) => [chain, { next, hash: hash.toString() }]),
    );
  }

  head(chain: ChainId): ChainHead {
    const { next, hash } = this.#chain(chain);
    return { next, hash: hash.toString() };
  }

  /** A copy of a chain's hash, to be carried on by whoever authors its next run. */
  runningHash(chain: ChainId): RunningHash {
    return this.#chain(chain).hash.copy();
  }

  async addAuthority(text: string): Promise<Result<AuthorityState, AuthorityFault>> {
    const closedBefore = this.#closings();
    const answersBefore = this.#answers();
    const appended = await appendEntry(this.authority, text, this.#signatures);
    if (!appended.ok) return appended;
    this.authority = appended.value;
    this.authorityTexts.push(text);
    const closed = this.#closings();
    for (const [id, closing] of closed)
      if (closedBefore.get(id) !== closing && this.#wentBeyond(id, closing))
        this.refoldNeeded = true;
    // What cites them was judged without them.
    if (this.#answers() !== answersBefore) this.refoldNeeded = true;
    for (const chain of this.#chains.values()) this.#enterParked(chain);
    this.#hasSuccessions = closed.size > 0;
    if (this.#hasSuccessions) this.fold.settleSuccessions();
    return appended;
  }

  /** Checks a run against its chain and seal; changes nothing. */
  async check(run: Run, options: { verify: boolean }): Promise<Result<CheckedRun, RunFault>> {
    const [checked] = await this.checkAll([run], options);
    assert(checked, "one run gives one answer");
    return checked;
  }

  /**
   * Checks runs that follow each other; without `verify`, such as come from our own store. Where many of one chain come at once only the last seal is
   * verified: by the chain it covers everything before.
   */
  async checkAll(
    runs: readonly Run[],
    { verify }: { verify: boolean },
  ): Promise<Result<CheckedRun, RunFault>[]> {
    const ahead = new Map<ChainId, Chain>();
    const answers: Result<CheckedRun, RunFault>[] = [];
    const seals: (Seal | undefined)[] = [];
    for (const run of runs) {
      const answer = this.#follow(run, ahead, verify ? readOperation : readStoredOperation);
      answers.push(answer.ok ? done(answer.value.checked) : answer);
      seals.push(answer.ok ? answer.value.seal : undefined);
    }
    if (!verify) return answers;
    // Backwards, so that what covers a run is known before it; a resend is followed by nothing, and
    // covers nothing.
    const sparse = runs.length <= 64;
    const isSealedByChain = new Map<ChainId, boolean>();
    for (let index = runs.length - 1; index >= 0; index--) {
      const [seal, answer] = [seals[index], answers[index]];
      if (!seal || !answer?.ok) continue;
      const isNew = answer.value.operations.length > 0;
      const covered = isNew && !sparse ? isSealedByChain.get(seal.chain) : undefined;
      const isSealed = covered ?? (await this.#isSealed(seal));
      if (!isSealed) answers[index] = refuse({ code: "bad-seal" });
      if (isNew) isSealedByChain.set(seal.chain, isSealed);
    }
    return answers;
  }

  /** Chains, books and what waits, entry by entry; the authority log is kept elsewhere. */
  *entries(): Generator<StateEntry> {
    for (const [id, { hash, parked, ...chain }] of this.#chains)
      yield ["chains", [id, hash.toString(), parked.map(writeOperation), chain]];
    for (const head of this.apart) yield ["apart", head];
    yield ["clock", this.clock];
    yield* this.books.entries();
    yield* this.fold.entries();
  }

  /** @returns false for an entry of a kind that nobody knows here */
  take(entry: StateEntry): boolean {
    const [section, value] = entry;
    if (section === "chains") {
      const [id, head, texts, chain] = value as [ChainId, string, string[], KeptChain];
      const hash = new RunningHash(fromBase64Url(head) ?? new Uint8Array());
      const parked = texts.flatMap((text) => readStoredOperation(text) ?? []);
      this.#chains.set(id, { ...chain, hash, parked });
    } else if (section === "apart") this.apart.add(value as string);
    else if (section === "clock") this.clock = value as Timestamp;
    else return this.books.take(entry) || this.fold.take(entry);
    return true;
  }

  #isSealed(seal: Seal): Promise<boolean> {
    const key = this.log.devices.get(deviceOfChain(seal.chain))?.key ?? "";
    return this.#signatures.verify(key, sealedBytes(seal), seal.sig);
  }

  /** Enters a checked run into the chains and the books. */
  enter({ chain, operations, run, firstNew, after, hashed }: CheckedRun, nowMs: number): void {
    if (operations.length === 0) return;
    const state = this.#chain(chain);
    assert(state.next === firstNew, "runs of a chain are entered in sequence");
    this.#chains.set(chain, state);
    assert(isWhatWasHashed(hashed, state.hash, run), "a checked run was not changed since");
    state.hash = hashed.after;
    state.next = after.next;
    for (const operation of operations) {
      this.clock = observe(this.clock, operation.hlc, nowMs);
      state.parked.push(operation);
    }
    state.cited = (operations[operations.length - 1] as Operation).auth;
    this.#enterParked(state);
    if (this.#hasSuccessions) this.fold.settleSuccessions();
  }

  #follow(
    run: Run,
    ahead: Map<ChainId, Chain>,
    read: (text: string) => Operation | undefined,
  ): Result<{ checked: CheckedRun; seal: Seal }, RunFault> {
    if (run.operations.length === 0 || run.operations.length > runOperationsMax)
      return refuse({ code: "too-large" });
    if (run.operations.reduce((sum, text) => sum + text.length, 0) > runBytesMax)
      return refuse({ code: "too-large" });
    const seal = readSeal(run.seal);
    if (!seal || seal.last - seal.first + 1 !== run.operations.length)
      return refuse({ code: "malformed" });
    if (seal.org !== this.authority?.org) return refuse({ code: "other-organisation" });
    const { chain } = seal;
    if (!this.authority.devices.has(deviceOfChain(chain)))
      return refuse({ code: "unknown-device" });
    const known = ahead.get(chain) ?? this.#chain(chain);
    const skip = Math.max(0, known.next - seal.first);
    if (seal.first > known.next) return refuse({ code: "gap", next: known.next });
    if (this.avoid.has(seal.head)) return refuse({ code: "fork", next: known.next });
    if (skip > 0 && seal.last < known.next)
      return isWhatItSeals(run, seal)
        ? done({ checked: resend(chain, run, known), seal })
        : refuse({ code: "bad-seal" });
    if (skip === 0 && seal.prev !== known.hash.toString())
      return refuse({ code: "fork", next: known.next });
    const operations: Operation[] = [];
    const hash = known.hash.copy();
    let { cited } = known;
    let wentBack: "authority-went-back" | "authority-unknown" | undefined;
    for (let index = skip; index < run.operations.length; index++) {
      const text = run.operations[index] as string;
      const operation = read(text);
      if (!operation || chainOf(operation) !== chain || operation.seq !== seal.first + index)
        return refuse({ code: "malformed" });
      if (operation.org !== seal.org) return refuse({ code: "other-organisation" });
      wentBack ??= this.#whyWentBack(cited, operation.auth);
      cited = operation.auth;
      hash.add(text);
      operations.push(operation);
    }
    if (hash.toString() !== seal.head)
      return refuse(skip > 0 ? { code: "fork", next: known.next } : { code: "bad-seal" });
    // Of another history nothing else is said: what it cites follows from what came before it there.
    if (wentBack) return refuse({ code: wentBack });
    const next = seal.last + 1;
    ahead.set(chain, { hash, next, entered: 0, cited, citedHere: 0, parked: [] });
    const after = { next, hash: seal.head };
    const hashed = { before: known.hash, after: hash, texts: run.operations.slice(skip) };
    return done({ checked: { chain, run, firstNew: known.next, operations, after, hashed }, seal });
  }

  #enterParked(chain: Chain): void {
    while (chain.parked.length > 0) {
      const operation = chain.parked[0] as Operation;
      const verdict: Verdict = this.#isBackInLost(chain, operation)
        ? { verdict: "quarantined", reason: "not-permitted" }
        : judge(operation, this.log);
      if (verdict.verdict === "waiting") return;
      chain.parked.shift();
      chain.entered = operation.seq + 1;
      if (verdict.verdict === "accepted") this.fold.enter(operation, verdict.late);
      else if (verdict.verdict === "quarantined")
        this.fold.setAside(operation, "quarantined", verdict.reason);
      else this.fold.setAside(operation, "unknown-kind", operation.kind);
    }
  }

  /** Where a chain stands; one of which nothing was entered is not remembered for having been asked. */
  #chain(chain: ChainId): Chain {
    const known = this.#chains.get(chain);
    if (known) return known;
    const hash = RunningHash.start(this.log.org, chain);
    return { hash, next: 0, entered: 0, cited: "", citedHere: 0, parked: [] };
  }

  /** From an entry that a recovery left behind an author goes on to the log that took its place. */
  #whyWentBack(
    before: AuthorityHead,
    now: AuthorityHead,
  ): "authority-went-back" | "authority-unknown" | undefined {
    if (before === "" || before === now) return undefined;
    const [from, to] = [seqOfHead(before), seqOfHead(now)];
    if (to >= from) return undefined;
    const { heads, lost } = this.log;
    // Where that leads is judged; see `#isBackInLost`.
    if (lost.has(now) || this.aside.has(now)) return undefined;
    if (heads[to] !== now) return "authority-unknown";
    if (heads[from] === before) return "authority-went-back";
    const left = lost.get(before);
    if (left) return to < left.commonSeq ? "authority-went-back" : undefined;
    return this.aside.has(before) ? undefined : "authority-unknown";
  }

  /** Who has cited our log of the same term or a later one does not come back to a lost entry. */
  #isBackInLost(chain: Chain, { auth }: Operation): boolean {
    const { heads, lost } = this.log;
    const seq = seqOfHead(auth);
    if (heads[seq] === auth) chain.citedHere = Math.max(chain.citedHere, seq);
    const left = lost.get(auth);
    if (!left || chain.citedHere <= left.commonSeq) return false;
    return termAt(this.log, chain.citedHere) >= left.term;
  }

  /** Changes when lost entries become known or are answered. */
  #answers(): string {
    const lost = this.authority?.lost ?? new Map();
    return [...lost.values()].map(({ standing }) => standing).join();
  }

  #closings(): Map<string, Closing> {
    const devices = this.authority?.devices.values() ?? [];
    return new Map([...devices].flatMap(({ id, closed }) => (closed ? [[id, closed]] : [])));
  }

  #wentBeyond(id: string, { cut, end = cut }: Closing): boolean {
    const isBeyond = (chain: ChainId, entered: number) =>
      entered > Math.min(cut[chain]?.next ?? 0, end[chain]?.next ?? 0);
    return [...this.#chains].some(
      ([chain, { entered }]) => deviceOfChain(chain) === id && isBeyond(chain, entered),
    );
  }

  #succession(): Succession {
    const heir = (purse: ChainId, citing: number): ChainId | undefined => {
      const closed = this.authority?.devices.get(deviceOfChain(purse))?.closed;
      if (!this.authority || closed?.by === undefined) return undefined;
      // A purse is nobody's to spend until it was settled, whatever came first here.
      const isSettled = closed.settledSince !== undefined && closed.settledSince <= citing;
      return isSettled ? purseFor(this.authority, closed.by, storeOfChain(purse)) : undefined;
    };
    const generationOf: Succession["generation"] = (purse, spender, citing) => {
      let holder: ChainId | undefined = purse;
      for (let generation = 0; holder !== undefined && generation < 1000; generation++) {
        if (holder === spender) return generation;
        holder = heir(holder, citing);
      }
      return undefined;
    };
    return {
      generation: generationOf,
      isSettled: (purse, generation) => {
        let holder: ChainId | undefined = purse;
        for (let at = 0; at < generation && holder !== undefined; at++) {
          const cut = this.authority?.devices.get(deviceOfChain(holder))?.closed?.cut[holder];
          if ((this.#chains.get(holder)?.entered ?? 0) < (cut?.next ?? 0)) return false;
          holder = heir(holder, Number.MAX_SAFE_INTEGER);
        }
        return true;
      },
      keeper: (maker, purse, store) => {
        const { chain, seq } = splitRef(maker);
        const closed = this.authority?.devices.get(deviceOfChain(chain))?.closed;
        if (!this.authority || closed?.why !== "replaced") return purse;
        if (seq < (closed.cut[chain]?.next ?? 0)) return purse;
        const isOwn = generationOf(purse, chain, Number.MAX_SAFE_INTEGER) !== undefined;
        return isOwn ? purseFor(this.authority, closed.server, store) : purse;
      },
      answerable: (store) => purseFor(this.log, this.log.server, store),
    };
  }
}

function isWhatItSeals(run: Run, seal: Seal): boolean {
  const prev = fromBase64Url(seal.prev);
  if (!prev) return false;
  const hash = new RunningHash(prev);
  for (const text of run.operations) hash.add(text);
  return hash.toString() === seal.head;
}

const resend = (chain: ChainId, run: Run, known: Chain): CheckedRun => ({
  chain,
  run,
  firstNew: known.next,
  operations: [],
  after: { next: known.next, hash: known.hash.toString() },
  hashed: { before: known.hash, after: known.hash, texts: [] },
});

/** Told without hashing once more: the same texts, on top of the same chain. */
function isWhatWasHashed(
  { before, texts }: CheckedRun["hashed"],
  now: RunningHash,
  { operations }: Run,
): boolean {
  const skipped = operations.length - texts.length;
  return (
    (before === now || before.toString() === now.toString()) &&
    texts.every((text, index) => operations[skipped + index] === text)
  );
}

import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import { type AuthorityKey, signEntry } from "../access/sign-entry.ts";
import { authorityDocument, type DocumentName } from "../documents/document-name.ts";
import type { ImportPlan } from "../imports/import-plan.ts";
import type { Heads } from "../journal/chain.ts";
import { type ChainId, chainOf, type OperationRef, splitRef } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import type { MemberId } from "../members/member-kinds.ts";
import { assert } from "../outcome/assert.ts";
import type { Result } from "../outcome/result.ts";
import { heldBy } from "../stored-value/spend-fragments.ts";
import { faceOf } from "../stored-value/value-line.ts";
import type { Holder } from "../sync/messages.ts";
import type { Books } from "./books.ts";
import type { Branch } from "./branches.ts";
import type { Command, Refusal } from "./commands.ts";
import { spendableFragments } from "./decide.ts";
import type { DeviceReplicaDeps } from "./device-replica-deps.ts";
import type { Exception } from "./fold-journal.ts";
import type { ImportSource } from "./import-drafts.ts";
import { keptStateOf } from "./kept-state.ts";
import { loadLedger } from "./load-ledger.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import { headsAside, LogKeeper, type LostBranch, readAside } from "./log-keeper.ts";
import { Mailbox } from "./mailbox.ts";
import type { HistoryEntry } from "./member-history.ts";
import { MemberIndex } from "./member-index.ts";
import type { MemberView } from "./member-view.ts";
import { ownStateOf } from "./own-state.ts";
import type { Damage, StoredState } from "./ports.ts";
import { readHistory } from "./read-history.ts";
import {
  type LooseOutcome,
  type ReceivingDeps,
  receiveElements,
  receiveLooseRuns,
} from "./receive-runs.ts";
import { ownNextSetting, Recorder } from "./recorder.ts";
import type { ImportProgress, Performed, ReceiveOutcome, Replica, Saved } from "./replica.ts";
import { type Refilled, readWatch, type ServerFinding, type WatchState } from "./server-watch.ts";
import { ServerWatcher } from "./server-watcher.ts";
import { type IdentityTrouble, identityTrouble } from "./standing.ts";
import { type StateSummary, summarise } from "./state-hash.ts";
import { StateKeeper } from "./state-keeper.ts";
import type { Timers } from "./timers.ts";
import { type Missing, Witness, writeClaims } from "./witness.ts";

/** Opens a device's replica: folds what its store holds. The authority log must be there. */
export async function createDeviceReplica(deps: DeviceReplicaDeps): Promise<DeviceReplica> {
  const state = await deps.store.load();
  const held = { ...state, aside: headsAside(readAside(state.settings)) };
  const { store, signatures, clock } = deps;
  const kept = keptStateOf(store, deps.program);
  const loaded = await loadLedger(store, held, signatures, clock.nowMs(), kept);
  assert(loaded.ledger.authority, "an enrolled device holds the authority log");
  const keyOf = (server: string) => loaded.ledger.authority?.devices.get(server)?.key;
  const watch = await readWatch(state.settings, keyOf, signatures);
  return new DeviceReplica(deps, loaded, state, watch);
}

const missingSetting = "missing";

export class DeviceReplica implements Replica {
  readonly device: string;
  readonly chain: ChainId;
  readonly damaged: readonly Damage[];
  version = 0;
  readonly #deps: DeviceReplicaDeps;
  readonly #mailbox = new Mailbox();
  readonly #listeners = new Set<() => void>();
  readonly #witness: Witness;
  #loaded: LoadedLedger;
  #index: MemberIndex;
  readonly #watcher: ServerWatcher;
  readonly #recorder: Recorder;
  readonly #log: LogKeeper;
  #rememberedMissing: string | undefined;
  #isCaughtUp = false;
  #summary: { version: number; summary: StateSummary } | undefined;

  constructor(
    deps: DeviceReplicaDeps,
    loaded: LoadedLedger,
    state: StoredState,
    watch: WatchState,
  ) {
    const { keys, settings, damaged } = state;
    this.#deps = deps;
    this.#loaded = loaded;
    this.damaged = damaged;
    this.device = deps.identity.device;
    this.chain = chainOf(deps.identity);
    this.#index = new MemberIndex(deps.identity.org, loaded.ledger.books);
    this.#index.addKeys(keys);
    this.#rememberedMissing = settings[missingSetting];
    this.#witness = new Witness(this.#rememberedMissing, () => this.authority);
    for (const [chain, next] of watch.checkpoint?.heads ?? []) this.#witness.claim(chain, next);
    const watcherDeps = {
      ...deps,
      authority: () => this.authority,
      chain: this.chain,
      own: () =>
        ownStateOf(this.#loaded, this.chain, {
          nowMs: deps.clock.nowMs(),
          summary: () => this.summary(),
        }),
      changed: () => this.#changed(),
    };
    this.#watcher = new ServerWatcher(watcherDeps, watch);
    const recorderDeps = {
      ...deps,
      chain: this.chain,
      mailbox: this.#mailbox,
      loaded: () => this.#loaded,
      index: () => this.#index,
      isAttested: () => this.#witness.isAttested,
      trouble: () => this.trouble(),
      claimedNext: () =>
        Math.max(this.#watcher.ownNext(), this.#witness.serverHeads.get(this.chain)?.next ?? 0),
      changed: () => this.#changed(),
    };
    this.#recorder = new Recorder(recorderDeps, Number(settings[ownNextSetting] ?? 0));
    const logDeps = {
      store: deps.store,
      nowMs: () => deps.clock.nowMs(),
      loaded: () => this.#loaded,
      rebuild: () => this.#rebuild(),
    };
    this.#log = new LogKeeper(logDeps, settings);
  }

  get authority(): AuthorityState {
    return this.#loaded.ledger.log;
  }

  get books(): Books {
    return this.#loaded.ledger.books;
  }

  perform(command: Command, staff: string): Promise<Result<Performed, Refusal>> {
    return this.#recorder.perform(command, staff);
  }

  importMembers(
    plan: ImportPlan,
    sources: ImportSource[],
    staff: string,
    options: {
      onProgress?: (progress: ImportProgress) => void;
      shouldStop?: () => boolean;
    } = {},
  ): Promise<Result<{ batch: OperationRef }, Refusal | { code: "cancelled" }>> {
    return this.#recorder.importMembers(plan, sources, staff, options);
  }

  member(id: OperationRef): MemberView | undefined {
    return this.#index.view(id);
  }

  members(): Iterable<MemberView> {
    return this.#index.listed();
  }

  async history(member: OperationRef): Promise<HistoryEntry[]> {
    const refs = this.books.members.get(member)?.operations ?? [];
    const operations = await this.#loaded.reader.operations(refs);
    return readHistory(operations, this.#historyFacts(), member);
  }

  async recent(most: number): Promise<HistoryEntry[]> {
    const operations = await this.#loaded.reader.newestOf(this.chain, this.#next(), most);
    return readHistory(operations, this.#historyFacts());
  }

  spendable(member: OperationRef): number {
    return faceOf(heldBy(spendableFragments(this.books, member, this.chain)));
  }

  saved(operation: OperationRef): Saved {
    const { chain, seq } = splitRef(operation);
    const holds = (heads: Heads) => (heads.get(chain)?.next ?? 0) > seq;
    const copies = this.#witness.holders.filter(
      ({ device, complete, heads }) =>
        complete &&
        device !== this.device &&
        device !== this.authority.server &&
        heads.some(([held, next]) => held === chain && next > seq),
    ).length;
    return { onServer: holds(this.#witness.serverHeads), copies };
  }

  unsent(): number {
    const { loose } = this.#loaded;
    const there = this.#witness.serverHeads.get(this.chain)?.next ?? 0;
    return loose.operationsFrom(this.chain, there);
  }

  /** Runs that contradict their device's chain: kept, shown, counted for nothing. */
  branches(): Branch[] {
    return this.#loaded.branches.list();
  }

  hasBranch(head: string): boolean {
    return this.#loaded.branches.has(head);
  }

  runOf({ document, at, first, last, seal }: Branch): Promise<Run | undefined> {
    return this.#loaded.reader.read({ document, at, first, last, seal });
  }

  /** Runs that no document holds yet, whoever recorded them. */
  looseRuns(): Run[] {
    return this.#loaded.loose.runs();
  }

  /** Operations that others say exist, or that were here once, and are not here. */
  missing(): Missing[] {
    return this.#witness.missing(this.heads());
  }

  /** What this device noticed of its server: it went back, or shows something else. */
  serverFinding(): ServerFinding | undefined {
    return this.#watcher.finding();
  }

  /** The newest checkpoint of the server, as it signed it. */
  checkpoint(): string | undefined {
    return this.#watcher.text();
  }

  /** Why this device must go on under another identity; see `standing.ts`. */
  trouble(): IdentityTrouble | undefined {
    return identityTrouble(
      {
        device: this.authority.devices.get(this.device),
        next: this.#next(),
        recordedNext: this.#recorder.recordedNext,
        shownNext: this.#watcher.ownNext(),
        isForked: this.#loaded.branches.of(this.device).some(({ chain }) => chain === this.chain),
      },
      this.chain,
      this.#isCaughtUp ? this.#witness.serverHeads : undefined,
    );
  }

  exceptions(): Iterable<Exception> {
    return this.#loaded.ledger.fold.exceptions();
  }

  summary(): StateSummary {
    if (this.#summary?.version !== this.version)
      this.#summary = { version: this.version, summary: summarise(this.#loaded.ledger) };
    return this.#summary.summary;
  }

  holders(): readonly Holder[] {
    return this.#witness.holders;
  }

  signAuthority(proposal: AuthorityProposal, keys: readonly AuthorityKey[]): Promise<string> {
    return signEntry(this.authority, proposal, keys, this.#deps.clock.nowMs());
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps what was folded, now and then, for the next start; to be closed before this is. */
  keeper(timers: Timers): StateKeeper {
    const { store, program } = this.#deps;
    return new StateKeeper({
      store,
      kept: keptStateOf(store, program),
      timers,
      loaded: () => this.#loaded,
      isIdle: () => this.#mailbox.isIdle(),
    });
  }

  async close(): Promise<void> {
    await this.#mailbox.idle();
    await this.#deps.store.close();
  }

  // What a connection feeds in and takes out.

  documentLength(name: DocumentName): number {
    return this.#loaded.lengths.get(name) ?? 0;
  }

  documents(): { name: DocumentName; length: number }[] {
    return [...this.#loaded.lengths].map(([name, length]) => ({ name, length }));
  }

  readDocument(name: DocumentName, from: number, most: number): Promise<string[]> {
    return this.#deps.store.read(name, from, most);
  }

  heads(): Heads {
    return this.#loaded.ledger.heads();
  }

  /** Whether everything that arrived could be entered: this replica counts as a copy. */
  isComplete(): boolean {
    const tails = [...this.#loaded.tails.values()];
    return this.#loaded.deferred.length === 0 && tails.every((tail) => tail.length === 0);
  }

  /** Runs of any chain from a sequence on, for whoever lacks them; own unsent ones included. */
  runsFrom(chain: ChainId, seq: number, most: number): Promise<Run[]> {
    return this.#loaded.reader.runsFrom(chain, seq, most);
  }

  keys(): Iterable<[MemberId, string]> {
    return this.#index.keys();
  }

  keyText(member: MemberId): string | undefined {
    return this.#index.keyText(member);
  }

  receive(name: DocumentName, from: number, elements: readonly string[]): Promise<ReceiveOutcome> {
    return this.#mailbox.post(async () => {
      const length = this.documentLength(name);
      if (from > length) return { ok: false, code: "gap", length };
      const fresh = elements.slice(length - from);
      if (fresh.length === 0) return { ok: true };
      const outcome =
        name === authorityDocument
          ? await this.#log.receive(length, fresh)
          : await this.#receiveJournal(name, length, fresh);
      if (outcome.ok) await this.#recorder.voidUndone();
      if (outcome.ok) this.#changed();
      return outcome;
    });
  }

  /** See `LogKeeper.adopt`. */
  adoptLog(log: AuthorityState): Promise<boolean> {
    return this.#mailbox.post(() => this.#log.adopt(log));
  }

  /** Lost entries that are kept here and that the log does not know yet. */
  lostEntries(): LostBranch[] {
    return this.#log.pending();
  }

  /** Which members' right keys are here. */
  get keyring(): Pick<MemberIndex, "keyOf" | "lacking"> {
    return this.#index;
  }

  /** Of what is offered the right keys are kept, whatever was offered before. */
  receiveKeys(keys: [MemberId, string][]): Promise<void> {
    return this.#mailbox.post(async () => {
      const fresh = keys.filter(([member, key]) => this.#index.isWorthKeeping(member, key));
      if (fresh.length === 0) return;
      await this.#deps.store.commit({ keysAdd: fresh });
      this.#index.addKeys(fresh);
      this.#changed();
    });
  }

  /** Runs from a rescue file, or that we asked for; whoever lacks them gets them from here. */
  receiveRuns(runs: readonly Run[]): Promise<LooseOutcome> {
    return this.#mailbox.post(async () => {
      const { refold, ...outcome } = await receiveLooseRuns(this.#receiving(), runs);
      if (refold) await this.#rebuild();
      if (outcome.taken > 0) await this.#recorder.voidUndone();
      if (outcome.taken > 0) this.#changed();
      return outcome;
    });
  }

  serverHolds(heads: Heads): void {
    this.#witness.serverHeads = heads;
    for (const [chain, { next }] of heads) this.#witness.claim(chain, next);
    void this.#mailbox.post(() => this.#compareOwnHistory(heads));
    this.#changed();
  }

  serverAccepted(chain: ChainId, next: number): void {
    const known = this.#witness.serverHeads.get(chain);
    if ((known?.next ?? 0) >= next) return;
    this.#witness.serverHeads = new Map([
      ...this.#witness.serverHeads,
      [chain, { next, hash: "" }],
    ]);
    if (chain === this.chain) this.#witness.isAttested = true;
    this.#changed();
  }

  /** See `ServerWatcher.receive`. */
  receiveCheckpoint(text: string): Promise<void> {
    return this.#mailbox.post(async () => {
      for (const [chain, next] of await this.#watcher.receive(text))
        this.#witness.claim(chain, next);
    });
  }

  /** See `ServerWatcher.lacked`. */
  serverLacked(refilled: Refilled): Promise<void> {
    return this.#mailbox.post(() => this.#watcher.lacked(refilled));
  }

  othersHold(holders: readonly Holder[]): void {
    this.#witness.othersHold(holders);
    this.#changed();
  }

  /** Everything that the server offers is here: what is still missing of the own chain is lost. */
  caughtUp(isCaughtUp: boolean): void {
    if (this.#isCaughtUp === isCaughtUp) return;
    this.#isCaughtUp = isCaughtUp;
    this.#changed();
  }

  /** Keeps between starts what is known to be missing. */
  async rememberMissing(): Promise<void> {
    const text = writeClaims(this.missing());
    if (text === (this.#rememberedMissing ?? "[]")) return;
    this.#rememberedMissing = text;
    await this.#deps.store.commit({ settings: { [missingSetting]: text } }).catch(() => undefined);
  }

  /** Value fetched for a charge stays here while the charge is being made. */
  holdValue(member: MemberId): void {
    this.#recorder.holdValue(member);
  }

  /** At contact: value goes where it lives. Keeps an allotment only where it cannot be evicted. */
  sweepHome(persisted: boolean): Promise<void> {
    return this.#recorder.sweepHome(persisted);
  }

  async #receiveJournal(
    name: DocumentName,
    from: number,
    elements: readonly string[],
  ): Promise<ReceiveOutcome> {
    const { outcome, refold } = await receiveElements(this.#receiving(), name, from, elements);
    if (refold) await this.#rebuild();
    return outcome;
  }

  /** The server confirms our head when it holds a beginning of exactly what we hold. */
  async #compareOwnHistory(heads: Heads): Promise<void> {
    const there = heads.get(this.chain);
    if (this.#witness.isAttested || !there || there.next === 0 || there.next > this.#next()) return;
    if ((await this.#loaded.reader.hashAt(this.chain, there.next)) === there.hash)
      this.#witness.isAttested = true;
  }

  /** Folds everything again from the store: after a cut that reaches into what was counted. */
  async #rebuild(): Promise<void> {
    const { store, signatures, clock } = this.#deps;
    const keys = [...this.#index.keys()];
    const state = await store.load();
    const held = { ...state, aside: headsAside(readAside(state.settings)) };
    this.#loaded = await loadLedger(store, held, signatures, clock.nowMs());
    this.#index = new MemberIndex(this.#deps.identity.org, this.#loaded.ledger.books);
    this.#index.addKeys(keys);
    this.#changed();
  }

  #historyFacts() {
    const { books, fold } = this.#loaded.ledger;
    return {
      books,
      fold,
      open: (member: MemberId, sealed: string) => this.#index.open(member, sealed),
    };
  }

  #receiving(): ReceivingDeps {
    const { store, signatures, clock } = this.#deps;
    return { store, signatures, nowMs: clock.nowMs(), loaded: this.#loaded };
  }

  #next(): number {
    return this.#loaded.ledger.head(this.chain).next;
  }

  #changed(): void {
    this.version++;
    for (const listener of this.#listeners) listener();
  }
}

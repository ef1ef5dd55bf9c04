import type { AuthorityProposal } from "../access/authority-entry.ts";
import { type AuthorityState, authorityHead, roleNow } from "../access/authority-state.ts";
import { mayRecord } from "../access/permissions.ts";
import { capRole } from "../access/roles.ts";
import { type AuthorityKey, signEntry } from "../access/sign-entry.ts";
import { authorityDocument, type DocumentName } from "../documents/document-name.ts";
import type { ImportPlan } from "../imports/import-plan.ts";
import type { Heads } from "../journal/chain.ts";
import { type ChainId, chainOf, type OperationRef, splitRef } from "../journal/operation.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import type { MemberId } from "../members/member-kinds.ts";
import { assert } from "../outcome/assert.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { heldBy } from "../stored-value/spend-fragments.ts";
import { faceOf } from "../stored-value/value-line.ts";
import type { Holder } from "../sync/messages.ts";
import { driftMsMax } from "../time/hybrid-clock.ts";
import { authorRun } from "./author.ts";
import type { Books } from "./books.ts";
import type { Branch } from "./branches.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { Command, Refusal } from "./commands.ts";
import { type Decision, decide, type Facts, spendableFragments } from "./decide.ts";
import type { Exception } from "./fold-journal.ts";
import { type ImportSource, importRuns, openImport } from "./import-drafts.ts";
import { enterRuns, type LoadedLedger, loadLedger } from "./load-ledger.ts";
import { Mailbox } from "./mailbox.ts";
import type { HistoryEntry } from "./member-history.ts";
import { MemberIndex } from "./member-index.ts";
import type { MemberView } from "./member-view.ts";
import { type Damage, type ReplicaStore, type StoredState, StoreFault } from "./ports.ts";
import { readHistory } from "./read-history.ts";
import {
  type LooseOutcome,
  type ReceivingDeps,
  receiveElements,
  receiveLooseRuns,
} from "./receive-runs.ts";
import type { ImportProgress, Performed, ReceiveOutcome, Replica, Saved } from "./replica.ts";
import {
  type OwnState,
  readWatch,
  type ServerFinding,
  type WatchState,
  watchServer,
  watchSettings,
} from "./server-watch.ts";
import { type IdentityTrouble, identityTrouble } from "./standing.ts";
import { type StateSummary, summarise } from "./state-hash.ts";
import { sweepHome, voidUndoneLots } from "./steward.ts";
import { wronglyCounted } from "./which-branch-counts.ts";
import { type Missing, Witness, writeClaims } from "./witness.ts";

export interface Identity {
  org: string;
  device: string;
  store: string;
}

export interface DeviceReplicaDeps {
  store: ReplicaStore;
  clock: Clock;
  random: RandomSource;
  signatures: Signatures;
  signer: Signer;
  identity: Identity;
  /** full pinyin and readings of a name, for search; empty where it is not loaded */
  pinyinOf?: (name: string) => string;
}

/** Opens a device's replica: folds what its store holds. The authority log must be there. */
export async function createDeviceReplica(deps: DeviceReplicaDeps): Promise<DeviceReplica> {
  const state = await deps.store.load();
  const loaded = await loadLedger(deps.store, state, deps.signatures, deps.clock.nowMs());
  assert(loaded.ledger.authority, "an enrolled device holds the authority log");
  const keyOf = (server: string) => loaded.ledger.authority?.devices.get(server)?.key;
  const watch = await readWatch(state.settings, keyOf, deps.signatures);
  return new DeviceReplica(deps, loaded, state, watch);
}

/** How long value that was fetched for a charge is left here before it may be swept home. */
const holdMs = 120_000;

/** How many operations this device has recorded: a store that holds fewer has lost some. */
export const ownNextSetting = "own-next";
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
  readonly #holdUntilByMember = new Map<MemberId, number>();
  #loaded: LoadedLedger;
  #index: MemberIndex;
  #watch: WatchState;
  /** how many operations this device knows to have recorded */
  #recordedNext: number;
  #rememberedMissing: string | undefined;
  #isCaughtUp = false;
  #summary: { version: number; summary: StateSummary } | undefined;

  constructor(
    deps: DeviceReplicaDeps,
    loaded: LoadedLedger,
    state: StoredState,
    watch: WatchState,
  ) {
    this.#watch = watch;
    const { keys, settings, damaged } = state;
    this.#deps = deps;
    this.#loaded = loaded;
    this.damaged = damaged;
    this.device = deps.identity.device;
    this.chain = chainOf(deps.identity);
    this.#index = new MemberIndex(deps.identity.org, loaded.ledger.books);
    this.#index.addKeys(keys);
    this.#recordedNext = Number(settings[ownNextSetting] ?? 0);
    this.#rememberedMissing = settings[missingSetting];
    this.#witness = new Witness(this.#rememberedMissing);
    for (const [chain, next] of watch.checkpoint?.heads ?? []) this.#witness.claim(chain, next);
  }

  get authority(): AuthorityState {
    return this.#loaded.ledger.log;
  }

  get books(): Books {
    return this.#loaded.ledger.books;
  }

  perform(command: Command, staff: string): Promise<Result<Performed, Refusal>> {
    return this.#mailbox.post(async () => {
      const decision = decide(command, this.#facts());
      if (!decision.ok) return decision;
      const recorded = await this.#record(decision.value, staff);
      if (recorded.ok && command.command === "UndoImport") await this.#voidUndone();
      return recorded;
    });
  }

  async importMembers(
    plan: ImportPlan,
    sources: ImportSource[],
    staff: string,
    options: {
      onProgress?: (progress: ImportProgress) => void;
      shouldStop?: () => boolean;
    } = {},
  ): Promise<Result<{ batch: OperationRef }, Refusal | { code: "cancelled" }>> {
    const { onProgress, shouldStop } = options;
    const opened = await this.#mailbox.post(() =>
      this.#record({ drafts: [openImport(sources)] }, staff),
    );
    if (!opened.ok) return opened;
    const [batch = ""] = opened.value.operations;
    const { random, pinyinOf = () => "" } = this.#deps;
    const total = plan.members.length;
    for (const run of importRuns(plan, batch, { org: this.authority.org, random, pinyinOf })) {
      if (shouldStop?.()) return refuse({ code: "cancelled" });
      const recorded = await this.#mailbox.post(() =>
        this.#record({ drafts: run.drafts, keys: () => run.keys }, staff),
      );
      if (!recorded.ok) return recorded;
      onProgress?.({ done: run.members, total });
    }
    return done({ batch });
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
    return this.#watch.finding;
  }

  /** The newest checkpoint of the server, as it signed it. */
  checkpoint(): string | undefined {
    return this.#watch.text;
  }

  /** Why this device must go on under another identity; see `standing.ts`. */
  trouble(): IdentityTrouble | undefined {
    return identityTrouble(
      {
        device: this.authority.devices.get(this.device),
        next: this.#next(),
        recordedNext: this.#recordedNext,
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

  async close(): Promise<void> {
    await this.#mailbox.idle();
    await this.#deps.store.close();
  }

  // What a connection feeds in and takes out.

  documentLength(name: DocumentName): number {
    return this.#loaded.lengths.get(name) ?? 0;
  }

  documentNames(): DocumentName[] {
    return [...this.#loaded.lengths.keys()];
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
          ? await this.#receiveAuthority(length, fresh)
          : await this.#receiveJournal(name, length, fresh);
      if (outcome.ok) this.#changed();
      return outcome;
    });
  }

  receiveKeys(keys: [MemberId, string][]): Promise<void> {
    return this.#mailbox.post(async () => {
      const fresh = keys.filter(([member]) => this.#index.keyText(member) === undefined);
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
      if (outcome.taken > 0) await this.#voidUndone();
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

  /** A checkpoint of the server: compared with the one before and with what is here, and remembered. */
  receiveCheckpoint(text: string): Promise<void> {
    return this.#mailbox.post(async () => {
      const { signatures, store } = this.#deps;
      const { term, server, devices, org } = this.authority;
      if (text === this.#watch.text) return;
      const checkpoint = await readCheckpoint(text, (id) => devices.get(id)?.key, signatures);
      const isOfToday = checkpoint?.org === org && checkpoint.term === term;
      if (!checkpoint || !isOfToday || checkpoint.server !== server) return;
      const before = this.#watch;
      this.#watch = await watchServer(before, text, checkpoint, this.#asWitness());
      for (const [chain, next] of checkpoint.heads) this.#witness.claim(chain, next);
      await store.commit({ settings: watchSettings(this.#watch) }).catch(() => undefined);
      if (JSON.stringify(before.finding) !== JSON.stringify(this.#watch.finding)) this.#changed();
    });
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
    this.#holdUntilByMember.set(member, this.#deps.clock.nowMs() + holdMs);
  }

  /** At contact: value goes where it lives. Keeps an allotment only where it cannot be evicted. */
  sweepHome(persisted: boolean): Promise<void> {
    return this.#mailbox.post(async () => {
      const nowMs = this.#deps.clock.nowMs();
      const device = this.authority.devices.get(this.device);
      if (!device || device.closed) return;
      const keepsAllotment = device.till && persisted;
      const held = new Set(
        [...this.#holdUntilByMember].filter(([, until]) => until > nowMs).map(([member]) => member),
      );
      const drafts = sweepHome(this.books, this.authority, {
        device: this.device,
        chain: this.chain,
        keepsAllotment,
        held,
      });
      for (const drafting of drafts) await this.#record({ drafts: [drafting] }, "");
    });
  }

  async #receiveAuthority(from: number, texts: readonly string[]): Promise<ReceiveOutcome> {
    const { ledger } = this.#loaded;
    for (const text of texts) {
      const added = await ledger.addAuthority(text);
      if (added.ok) continue;
      await this.#rebuild();
      return { ok: false, code: "forged", detail: added.refusal };
    }
    try {
      await this.#deps.store.commit({
        append: [{ name: authorityDocument, from, elements: texts }],
      });
    } catch (fault) {
      await this.#rebuild();
      throw fault;
    }
    this.#loaded.lengths.set(authorityDocument, from + texts.length);
    const { branches } = this.#loaded;
    const isOther = branches.size > 0 && (await wronglyCounted(this.#loaded)).length > 0;
    if (ledger.refoldNeeded || isOther) await this.#rebuild();
    else await enterRuns(this.#loaded, [], { verify: true, nowMs: this.#deps.clock.nowMs() });
    await this.#voidUndone();
    return { ok: true };
  }

  async #receiveJournal(
    name: DocumentName,
    from: number,
    elements: readonly string[],
  ): Promise<ReceiveOutcome> {
    const { outcome, refold } = await receiveElements(this.#receiving(), name, from, elements);
    if (refold) await this.#rebuild();
    if (outcome.ok) await this.#voidUndone();
    return outcome;
  }

  /** The server confirms our head when it holds a beginning of exactly what we hold. */
  async #compareOwnHistory(heads: Heads): Promise<void> {
    const there = heads.get(this.chain);
    if (this.#witness.isAttested || !there || there.next === 0 || there.next > this.#next()) return;
    if ((await this.#loaded.reader.hashAt(this.chain, there.next)) === there.hash)
      this.#witness.isAttested = true;
  }

  #asWitness(): OwnState {
    const { ledger, reader, branches } = this.#loaded;
    return {
      nowMs: this.#deps.clock.nowMs(),
      hashAt: (chain, next) => reader.hashAt(chain, next),
      head: (chain) => ledger.head(chain),
      authorityAt: (seq) => this.authority.heads[seq],
      summary: () => this.summary(),
      isSameHeads: ({ heads, apart, authority }) => {
        const own = [...ledger.heads()].filter(([, { next }]) => next > 0);
        const here = new Map(own);
        const isSame = heads.every(([chain, next, hash]) => {
          const head = here.get(chain);
          return next === 0 || (head?.next === next && head.hash === hash);
        });
        const shown = heads.filter(([, next]) => next > 0).length;
        return (
          isSame &&
          shown === own.length &&
          apart.length === ledger.apart.size &&
          authority === authorityHead(this.authority)
        );
      },
      isDisputed: (chain) =>
        chain === this.chain || branches.list().some((branch) => branch.chain === chain),
    };
  }

  /** Authors, stores and enters one run; nothing counts that was not stored. */
  async #record(
    decision: Pick<Decision, "drafts" | "newKey"> & { keys?: () => [MemberId, string][] },
    staff: string,
  ): Promise<Result<Performed, Refusal>> {
    const { store, clock, signer, identity } = this.#deps;
    const { ledger } = this.#loaded;
    const barred = this.#whyBarred(staff);
    if (barred) return refuse(barred);
    const author = { ...identity, staff, attested: this.#witness.isAttested };
    const run = await authorRun({ ledger, clock, signer }, author, decision.drafts);
    const checked = await ledger.check(run, { verify: false });
    assert(checked.ok, "what we author passes our own check");
    const { operations } = checked.value;
    for (const { kind } of operations)
      if (!this.#may(staff, kind)) return refuse({ code: "not-permitted", kind });
    const refs = operations.map(({ seq }) => `${this.chain}:${seq}`);
    const { newKey } = decision;
    const keys: [MemberId, string][] = newKey
      ? [[refs[newKey.index] as string, newKey.key]]
      : (decision.keys?.() ?? []);
    const next = checked.value.after.next;
    try {
      await store.commit({
        outboxAdd: [run],
        keysAdd: keys,
        settings: { [ownNextSetting]: String(next) },
      });
    } catch (fault) {
      if (fault instanceof StoreFault) return refuse({ code: `store-${fault.reason}` });
      throw fault;
    }
    this.#recordedNext = next;
    this.#loaded.loose.add(run);
    this.#index.addKeys(keys);
    await enterRuns(this.#loaded, [{ run, document: "", at: 0 }], {
      verify: false,
      nowMs: clock.nowMs(),
    });
    this.#changed();
    return done({ operations: refs });
  }

  async #voidUndone(): Promise<void> {
    for (const drafting of voidUndoneLots(this.books, this.chain))
      await this.#record({ drafts: [drafting] }, "");
  }

  #whyBarred(staff: string): Refusal | undefined {
    const device = this.authority.devices.get(this.device);
    if (!device) return { code: "not-enrolled" };
    if (device.closed) return { code: "read-only" };
    // To go on from an older head would be a second history of this device.
    if (this.trouble()) return { code: "identity-in-doubt" };
    const claimed = this.#witness.serverHeads.get(this.chain)?.next ?? 0;
    if (this.#next() < Math.max(this.#recordedNext, claimed))
      return { code: "own-history-missing" };
    const wallMs = this.#deps.clock.nowMs();
    const [seenMs] = this.#loaded.ledger.clock;
    const isWrong = wallMs < seenMs - driftMsMax || wallMs < Date.UTC(2024, 0, 1);
    if (isWrong && staff !== "") return { code: "clock-wrong", wallMs, seenMs };
    return undefined;
  }

  #may(staff: string, kind: string): boolean {
    if (staff === "") return mayRecord("system", kind);
    const role = roleNow(this.authority.staff.get(staff));
    const ceiling = this.authority.devices.get(this.device)?.ceiling ?? "system";
    return role !== undefined && mayRecord(capRole(role, ceiling), kind);
  }

  /** Folds everything again from the store: after a cut that reaches into what was counted. */
  async #rebuild(): Promise<void> {
    const { store, signatures, clock } = this.#deps;
    const keys = [...this.#index.keys()];
    this.#loaded = await loadLedger(store, await store.load(), signatures, clock.nowMs());
    this.#index = new MemberIndex(this.#deps.identity.org, this.#loaded.ledger.books);
    this.#index.addKeys(keys);
    this.#changed();
  }

  #facts(): Facts {
    const { ledger } = this.#loaded;
    return {
      org: this.authority.org,
      books: ledger.books,
      chain: this.chain,
      random: this.#deps.random,
      keyOf: (member) => this.#index.keyOf(member),
      fieldsOf: (member) => this.#index.view(member)?.fields ?? {},
      memberByCard: (card) => this.#index.memberByCard(card),
    };
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

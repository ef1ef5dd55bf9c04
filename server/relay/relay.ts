import { readEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry, readAuthorityLog } from "../../shared/access/authority-log.ts";
import { type AuthorityState, isStoppable } from "../../shared/access/authority-state.ts";
import { isKnownChain } from "../../shared/access/known-chains.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument, type DocumentName } from "../../shared/documents/document-name.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import {
  type ChainId,
  chainOf,
  deviceOfChain,
  storeOfChain,
} from "../../shared/journal/operation.ts";
import type { Clock, Signatures, Signer } from "../../shared/journal/ports.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import type { Branch } from "../../shared/replica/branches.ts";
import { type Checkpoint, writeCheckpoint } from "../../shared/replica/checkpoint.ts";
import { enterRuns } from "../../shared/replica/enter-runs.ts";
import type { CheckedRun, Ledger } from "../../shared/replica/ledger.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import { wronglyCounted } from "../../shared/replica/which-branch-counts.ts";
import type { RaiseAlarm } from "./alarms.ts";
import { answerRuns } from "./answer-runs.ts";
import { checkpointOf } from "./checkpoint-of.ts";
import { DocumentTails } from "./document-tails.ts";
import { Followers } from "./followers.ts";
import { GuardedStore } from "./guarded-store.ts";
import { type KeyEntry, Keyring } from "./keyring.ts";
import { LogIntake } from "./log-intake.ts";
import { RunIntake, type SubmitAnswer } from "./run-intake.ts";
import { isRunning, runningDocument } from "./running-months.ts";
import { whyNotSequenced } from "./sequence-rules.ts";
import { trusting } from "./trusting.ts";

export interface RelayDeps {
  store: ReplicaStore;
  clock: Clock;
  timers: Timers;
  signatures: Signatures;
  /** this server's own identity */
  device: string;
  signer: Signer;
  alarm: RaiseAlarm;
}

export interface RelayEvents {
  /** runs were stored and entered */
  entered(runs: readonly CheckedRun[]): void;
  authorityGrew(): void;
  documentsChanged(): void;
  keysCame(keys: readonly KeyEntry[], from: number): void;
}

/**
 * The heart of the server. One input after the other: runs are checked, appended, synced once for all
 * that came meanwhile, entered, acknowledged and broadcast; authority entries are sequenced. Nothing is
 * acknowledged that would not survive a power cut.
 */
export class Relay {
  readonly followers: Followers;
  readonly #deps: RelayDeps;
  readonly mailbox = new Mailbox();
  readonly #listeners = new Set<Partial<RelayEvents>>();
  /** chains of ours whose head another replica has confirmed since this start */
  readonly #attested = new Set<ChainId>();
  readonly #intake: RunIntake;
  readonly tails: DocumentTails;
  readonly log: LogIntake;
  loaded: LoadedLedger;
  readonly #keyring: Keyring;
  readonly #store: GuardedStore;
  #readOnly: string | undefined;
  #isSuspended = false;
  #isClosed = false;

  constructor(deps: RelayDeps, loaded: LoadedLedger, keys: readonly KeyEntry[]) {
    this.#deps = deps;
    this.loaded = loaded;
    this.#keyring = new Keyring(keys, {
      hashOf: (member) => this.ledger.books.members.get(member)?.keyHash,
      nextOf: (chain) => this.ledger.head(chain).next,
      isKnown: (chain) => this.authority !== undefined && isKnownChain(this.authority, chain),
    });
    const { store, signatures, device, alarm } = deps;
    this.#store = new GuardedStore({
      ...deps,
      mailbox: this.mailbox,
      isClosed: () => this.#isClosed,
    });
    const barred = () => {
      if (this.#isClosed) return "store-closing";
      return this.#readOnly ?? (this.authority ? undefined : "not-founded");
    };
    this.tails = new DocumentTails({
      store,
      signatures,
      device,
      alarm,
      barred,
      mailbox: this.mailbox,
      loaded: () => this.loaded,
      isSuspended: () => this.#isSuspended,
      length: (name) => this.documentLength(name),
      nowMs: () => deps.clock.nowMs(),
      append: (name, elements) => this.#appendTail(name, elements),
      appendAuthority: (texts) => this.#appendAuthority(texts),
      refilled: (isProven) => this.#cameBeside(isProven),
    });
    this.log = new LogIntake({
      ...deps,
      barred,
      mailbox: this.mailbox,
      tails: this.tails,
      ledger: () => this.ledger,
      isSuspended: () => this.#isSuspended,
      appendAuthority: (texts) => this.#appendAuthority(texts),
    });
    this.#intake = new RunIntake({
      signatures,
      device,
      alarm,
      barred,
      mailbox: this.mailbox,
      keyring: this.#keyring,
      loaded: () => this.loaded,
      goReadOnly: (reason) => this.goReadOnly(reason),
      ownUnknown: (chain, next) => this.suspend({ chain, next }),
      append: (runs) => this.#appendRuns(runs),
      setApart: (run) => this.#setApart(run),
    });
    this.followers = new Followers({
      length: (name) => this.documentLength(name),
      read: (name, from, most) => deps.store.read(name, from, most),
    });
  }

  get device(): string {
    return this.#deps.device;
  }

  get ledger(): Ledger {
    return this.loaded.ledger;
  }

  get authority(): AuthorityState | undefined {
    return this.loaded.ledger.authority;
  }

  get keyring(): Keyring {
    return this.#keyring;
  }

  heads(): Heads {
    return this.authority ? this.loaded.ledger.heads() : new Map();
  }

  documents(): { name: DocumentName; length: number; running: boolean }[] {
    const names = [...this.loaded.lengths.keys()];
    return names.map((name) => ({
      name,
      length: this.documentLength(name),
      running: isRunning(names, name),
    }));
  }

  /** Elements that are durable and folded. */
  documentLength(name: DocumentName): number {
    if (name === authorityDocument) return this.ledger.authorityTexts.length;
    return this.loaded.lengths.get(name) ?? 0;
  }

  hasDocument(name: DocumentName): boolean {
    return this.loaded.lengths.has(name);
  }

  /** Why nothing is accepted at the moment; undefined when all is well. */
  trouble(): string | undefined {
    const suspended = this.#isSuspended ? "store-rolled-back" : undefined;
    return this.#store.trouble() ?? this.#readOnly ?? suspended;
  }

  /** A device holds the same of one of our chains as we do: this store was not put back to an old one. */
  attest(chain: ChainId, next: number, hash: string): void {
    if (deviceOfChain(chain) !== this.#deps.device) return;
    const head = this.ledger.head(chain);
    if (head.next === next && head.hash === hash) this.#attested.add(chain);
  }

  /**
   * This store is older than what it told others. It takes back what it lacks and writes nothing in
   * its own name until every device has shown what it holds, or a new term was opened.
   */
  suspend(detail: Readonly<Record<string, string | number>>): void {
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    this.#deps.alarm({ kind: "server-rolled-back", detail });
  }

  /** Every device has reported and nothing that anybody knows of is missing. */
  resume(): void {
    const { branches } = this.loaded;
    // Two histories of our own: only a new term ends them.
    if (this.#isSuspended && branches.of(this.#deps.device).length === 0) this.#isSuspended = false;
  }

  isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** What is held now, as it would be signed; without the state hash. */
  checkpoint(): Checkpoint {
    const { device, clock } = this.#deps;
    const facts = { device, nowMs: clock.nowMs(), documents: this.documents() };
    return checkpointOf(this.ledger, facts);
  }

  signCheckpoint(checkpoint: Checkpoint): Promise<string> {
    return writeCheckpoint(checkpoint, this.#deps.signer);
  }

  branches(): Branch[] {
    return this.loaded.branches.list();
  }

  /** Runs of a chain for a device that lacks them, as many as fit one message. */
  runsFrom(chain: ChainId, seq: number): Promise<Run[]> {
    return answerRuns(this.loaded.reader, chain, seq);
  }

  async runOfBranch(head: string): Promise<Run | undefined> {
    const branch = this.loaded.branches.get(head);
    return branch && this.loaded.reader.read(branch);
  }

  goReadOnly(reason: string): void {
    this.#readOnly ??= reason;
  }

  listen(listener: Partial<RelayEvents>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Answers when the run is on disk, or why it will not be.
   * @param from the device that brings it
   */
  submit(run: Run, from?: string): Promise<SubmitAnswer> {
    return this.#intake.submit(run, from);
  }

  /** Keys are durable when this resolves; of those that come too early what may be kept is. */
  putKeys(offered: readonly KeyEntry[], from: string): Promise<Result<void, string>> {
    return this.mailbox.post(async () => {
      const { keys, isTooFar } = this.#keyring.worthKeeping(offered, from);
      const answer = isTooFar ? refuse("keys-too-far-ahead") : done(undefined);
      if (keys.length === 0) return answer;
      const stored = await this.#store.commit({ keysAdd: keys });
      if (!stored.ok) return stored;
      this.#addKeys(keys);
      return answer;
    });
  }

  /**
   * Appends an authority entry if it is the next one, signed by the entitled, and true of what we hold.
   * @returns the new head
   */
  sequence(text: string): Promise<Result<string, string>> {
    return this.mailbox.post(async () => {
      const { authority } = this;
      if (!authority) return refuse("not-founded");
      const why = this.#readOnly ?? (this.#isSuspended ? "store-rolled-back" : undefined);
      if (why !== undefined) return refuse(why);
      const entry = readEntry(text);
      const barred =
        entry && whyNotSequenced(entry, authority, this.heads(), this.#deps.clock.nowMs());
      const trial = await readAuthorityLog(this.ledger.authorityTexts, trusting);
      assert(trial.ok, "our own log was checked when it came");
      const appended = await appendEntry(trial.value, text, this.#deps.signatures);
      if (!appended.ok) return refuse(appended.refusal);
      if (barred) return refuse(barred);
      return this.#appendAuthority([text]);
    });
  }

  /** The first entries of a log, checked by the caller. */
  found(texts: readonly string[]): Promise<Result<string, string>> {
    return this.mailbox.post(async () => {
      if (this.authority) return refuse("already-founded");
      return this.#appendAuthority(texts);
    });
  }

  /**
   * Records what this server does itself, as one run.
   * @param drafting is asked once it is our turn: what it sees is what it will be entered on
   */
  record(
    author: { store: string; staff: string },
    drafting: () => readonly Drafting[],
    keys: () => readonly KeyEntry[] = () => [],
  ): Promise<Result<CheckedRun | undefined, string>> {
    return this.mailbox.post(async () => {
      if (this.#readOnly !== undefined) return refuse(this.#readOnly);
      if (this.#isSuspended) return refuse("store-rolled-back");
      const drafts = drafting();
      if (drafts.length === 0) return done(undefined);
      const { clock, signer, device } = this.#deps;
      const { ledger } = this;
      const chain = chainOf({ device, store: author.store });
      const attested = ledger.head(chain).next === 0 || this.#attested.has(chain);
      const authored = { ...author, device, attested };
      const run = await authorRun({ ledger, clock, signer }, authored, drafts);
      const checked = await ledger.check(run, { verify: false });
      assert(checked.ok, "what we author passes our own check");
      const fresh = keys();
      const stored = await this.#appendRuns([checked.value], fresh);
      if (!stored.ok) return stored;
      return done(checked.value);
    });
  }

  /** Resolves when everything that was asked so far is answered. */
  async idle(): Promise<void> {
    await this.#intake.idle();
    await this.mailbox.idle();
  }

  /** Finishes what was begun and takes nothing more; the store stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
  }

  /** Stores runs, enters them and tells everybody; in one step as far as others can see. */
  async #appendRuns(
    runs: readonly CheckedRun[],
    keys: readonly KeyEntry[] = [],
  ): Promise<Result<void, string>> {
    if (runs.length === 0) return done(undefined);
    const elementsByName = new Map<DocumentName, string[]>();
    const placed = runs.map((checked) => {
      const name = this.#runningDocument(storeOfChain(checked.chain));
      const elements = elementsByName.get(name) ?? [];
      const at = this.documentLength(name) + elements.length;
      elementsByName.set(name, elements);
      elements.push(...elementsOf(checked.run));
      return { checked, name, at };
    });
    const append = [...elementsByName].map(([name, elements]) => ({
      name,
      from: this.documentLength(name),
      elements,
    }));
    const stored = await this.#store.commit({
      append,
      ...(keys.length > 0 ? { keysAdd: [...keys] } : {}),
    });
    if (!stored.ok) return stored;
    if (keys.length > 0) this.#addKeys(keys);
    const isNewDocument = append.some(({ name }) => !this.hasDocument(name));
    for (const { checked, name, at } of placed) this.#enter(checked, name, at);
    for (const { name, from, elements } of append) {
      this.tails.touch(name);
      this.loaded.lengths.set(name, from + elements.length);
      this.followers.broadcast(name, from, elements);
    }
    if (isNewDocument) this.#tell((listener) => listener.documentsChanged?.());
    if (this.loaded.deferred.length > 0) await this.#enterWaiting();
    this.#tell((listener) => listener.entered?.(runs));
    return done(undefined);
  }

  /** Stores a run beside the history that it contradicts, and stops its device. */
  async #setApart(run: Run): Promise<Result<void, string>> {
    const seal = readSeal(run.seal);
    assert(seal, "a run that is set apart has a seal");
    const name = this.#runningDocument(storeOfChain(seal.chain));
    const from = this.documentLength(name);
    const elements = elementsOf(run);
    const stored = await this.#store.commit({ append: [{ name, from, elements }] });
    if (!stored.ok) return stored;
    this.tails.touch(name);
    const isNewDocument = !this.hasDocument(name);
    const nowMs = this.#deps.clock.nowMs();
    await enterRuns(this.loaded, [{ run, document: name, at: from }], { verify: false, nowMs });
    this.loaded.lengths.set(name, from + elements.length);
    this.followers.broadcast(name, from, elements);
    if (isNewDocument) this.#tell((listener) => listener.documentsChanged?.());
    await this.#cameBeside();
    return this.#freeze(deviceOfChain(seal.chain));
  }

  /** A device with two histories stops; which of them counts is what we hold. */
  async #freeze(device: string): Promise<Result<void, string>> {
    const { log } = this.ledger;
    const known = log.devices.get(device);
    if (!known || !isStoppable(known) || this.#isSuspended) return done(undefined);
    const own = [...this.heads()].filter(
      ([chain, { next }]) => deviceOfChain(chain) === device && next > 0,
    );
    const cut = Object.fromEntries(own);
    const { signer, clock } = this.#deps;
    const text = await signEntry(
      log,
      { kind: "DeviceFrozen", body: { device, cut } },
      [{ by: `device:${this.#deps.device}`, signer }],
      clock.nowMs(),
    );
    const appended = await this.#appendAuthority([text]);
    return appended.ok ? done(undefined) : refuse(appended.refusal);
  }

  async #appendTail(
    name: DocumentName,
    elements: readonly string[],
  ): Promise<Result<void, string>> {
    const from = this.documentLength(name);
    const stored = await this.#store.commit({ append: [{ name, from, elements }] });
    if (!stored.ok) return stored;
    const isNewDocument = !this.hasDocument(name);
    this.loaded.lengths.set(name, from + elements.length);
    this.followers.broadcast(name, from, elements);
    if (isNewDocument) this.#tell((listener) => listener.documentsChanged?.());
    return done(undefined);
  }

  async #cameBeside(isProven = false): Promise<void> {
    if (isProven) this.suspend({ refilled: "documents" });
    await this.#refoldIfOther();
    this.#tell((listener) => listener.entered?.([]));
  }

  /** What waited for something that has now come. */
  async #enterWaiting(): Promise<void> {
    const options = { verify: true, nowMs: this.#deps.clock.nowMs() };
    await enterRuns(this.loaded, [], options);
    await this.#refoldIfOther();
  }

  async #refoldIfOther(): Promise<void> {
    if ((await wronglyCounted(this.loaded)).length > 0) await this.#refold();
  }

  #enter(checked: CheckedRun, document: DocumentName, at: number): void {
    this.ledger.enter(checked, this.#deps.clock.nowMs());
    const last = checked.after.next - 1;
    this.loaded.places.add(checked.chain, { first: checked.firstNew, last, document, at });
  }

  async #appendAuthority(texts: readonly string[]): Promise<Result<string, string>> {
    const from = this.documentLength(authorityDocument);
    const stored = await this.#store.commit({
      append: [{ name: authorityDocument, from, elements: texts }],
    });
    if (!stored.ok) return stored;
    for (const text of texts) {
      const added = await this.ledger.addAuthority(text);
      assert(added.ok, "an entry was checked before it was stored");
    }
    this.loaded.lengths.set(authorityDocument, from + texts.length);
    this.followers.broadcast(authorityDocument, from, texts);
    if (this.ledger.refoldNeeded) await this.#refold();
    else await this.#enterWaiting();
    this.#tell((listener) => listener.authorityGrew?.());
    return done(this.ledger.log.heads.at(-1) as string);
  }

  /** Folds everything again from the store: a cut reached into what was counted. */
  async #refold(): Promise<void> {
    const { store, signatures, clock } = this.#deps;
    const held = { documents: this.documents(), outbox: this.loaded.loose.runs() };
    this.loaded = await loadLedger(store, held, signatures, clock.nowMs());
  }

  #runningDocument(store: string): DocumentName {
    const { term, timeZone } = this.ledger.log;
    const nowMs = this.#deps.clock.nowMs();
    return runningDocument(this.loaded.lengths.keys(), { term, store, nowMs, timeZone });
  }

  #addKeys(keys: readonly KeyEntry[]): void {
    const from = this.#keyring.total;
    this.#keyring.add(keys);
    this.#tell((listener) => listener.keysCame?.(keys, from));
  }

  #tell(event: (listener: Partial<RelayEvents>) => void): void {
    for (const listener of this.#listeners) event(listener);
  }
}

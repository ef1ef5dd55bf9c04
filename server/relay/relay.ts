import { readEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry, readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { authorityDocument, type DocumentName } from "../../shared/documents/document-name.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import {
  type ChainId,
  chainOf,
  deviceOfChain,
  splitRef,
  storeOfChain,
} from "../../shared/journal/operation.ts";
import type { Clock, Signatures, Signer } from "../../shared/journal/ports.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import type { Timers } from "../../shared/replica/device-session.ts";
import type { CheckedRun, Ledger } from "../../shared/replica/ledger.ts";
import { type LoadedLedger, loadLedger } from "../../shared/replica/load-ledger.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import { type ReplicaStore, StoreFault } from "../../shared/replica/ports.ts";
import type { RaiseAlarm } from "./alarms.ts";
import { Followers } from "./followers.ts";
import type { ForkShelf } from "./forks.ts";
import { type KeyEntry, Keyring } from "./keyring.ts";
import { RunIntake, type SubmitAnswer } from "./run-intake.ts";
import { isRunning, runningDocument } from "./running-months.ts";
import { whyNotSequenced } from "./sequence-rules.ts";

export interface RelayDeps {
  store: ReplicaStore;
  clock: Clock;
  timers: Timers;
  signatures: Signatures;
  /** this server's own identity */
  device: string;
  signer: Signer;
  forks: ForkShelf;
  alarm: RaiseAlarm;
}

export interface RelayEvents {
  /** runs were stored and entered */
  entered(runs: readonly CheckedRun[]): void;
  authorityGrew(): void;
  documentsChanged(): void;
  keysCame(keys: readonly KeyEntry[], from: number): void;
}

const probeMs = 2000;

/**
 * The heart of the server. One input after the other: runs are checked, appended, synced once for all
 * that came meanwhile, entered, acknowledged and broadcast; authority entries are sequenced. Nothing is
 * acknowledged that would not survive a power cut.
 */
export class Relay {
  readonly followers: Followers;
  readonly #deps: RelayDeps;
  readonly #mailbox = new Mailbox();
  readonly #listeners = new Set<Partial<RelayEvents>>();
  /** chains of ours whose head another replica has confirmed since this start */
  readonly #attested = new Set<ChainId>();
  readonly #intake: RunIntake;
  #loaded: LoadedLedger;
  readonly #keyring: Keyring;
  #storeFault: StoreFault | undefined;
  #readOnly: string | undefined;
  #isClosed = false;

  constructor(deps: RelayDeps, loaded: LoadedLedger, keys: readonly KeyEntry[]) {
    this.#deps = deps;
    this.#loaded = loaded;
    this.#keyring = new Keyring(keys, (member) => this.ledger.books.members.get(member)?.keyHash);
    const { store, signatures, device, forks, alarm } = deps;
    this.#intake = new RunIntake({
      store,
      signatures,
      device,
      forks,
      alarm,
      mailbox: this.#mailbox,
      keyring: this.#keyring,
      loaded: () => this.#loaded,
      barred: () => {
        if (this.#isClosed) return "store-closing";
        return this.#readOnly ?? (this.authority ? undefined : "not-founded");
      },
      goReadOnly: (reason) => this.goReadOnly(reason),
      append: (runs) => this.#appendRuns(runs),
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
    return this.#loaded.ledger;
  }

  get authority(): AuthorityState | undefined {
    return this.#loaded.ledger.authority;
  }

  get keyring(): Keyring {
    return this.#keyring;
  }

  heads(): Heads {
    return this.authority ? this.#loaded.ledger.heads() : new Map();
  }

  documents(): { name: DocumentName; length: number; running: boolean }[] {
    const names = [...this.#loaded.lengths.keys()];
    return names.map((name) => ({
      name,
      length: this.documentLength(name),
      running: isRunning(names, name),
    }));
  }

  /** Elements that are durable and folded. */
  documentLength(name: DocumentName): number {
    if (name === authorityDocument) return this.ledger.authorityTexts.length;
    return this.#loaded.lengths.get(name) ?? 0;
  }

  hasDocument(name: DocumentName): boolean {
    return this.#loaded.lengths.has(name);
  }

  /** Why nothing is accepted at the moment; undefined when all is well. */
  trouble(): string | undefined {
    return this.#readOnly ?? (this.#storeFault ? `store-${this.#storeFault.reason}` : undefined);
  }

  /** A device holds the same of one of our chains as we do: this store was not put back to an old one. */
  attest(chain: ChainId, next: number, hash: string): void {
    if (deviceOfChain(chain) !== this.#deps.device) return;
    const head = this.ledger.head(chain);
    if (head.next === next && head.hash === hash) this.#attested.add(chain);
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

  /** Keys are durable when this resolves. */
  putKeys(offered: readonly KeyEntry[], from: string): Promise<Result<void, string>> {
    return this.#mailbox.post(async () => {
      const known = offered.filter(([member]) => this.#isOfKnownDevice(member));
      const keys = this.#keyring.worthKeeping(known, from);
      if (keys.length === 0) return done(undefined);
      const stored = await this.#store({ keysAdd: keys });
      if (!stored.ok) return stored;
      this.#addKeys(keys);
      return done(undefined);
    });
  }

  /**
   * Appends an authority entry if it is the next one, signed by the entitled, and true of what we hold.
   * @returns the new head
   */
  sequence(text: string): Promise<Result<string, string>> {
    return this.#mailbox.post(async () => {
      const { authority } = this;
      if (!authority) return refuse("not-founded");
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
    return this.#mailbox.post(async () => {
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
    return this.#mailbox.post(async () => {
      if (this.#readOnly !== undefined) return refuse(this.#readOnly);
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
    await this.#mailbox.idle();
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
    const stored = await this.#store({
      append,
      ...(keys.length > 0 ? { keysAdd: [...keys] } : {}),
    });
    if (!stored.ok) return stored;
    if (keys.length > 0) this.#addKeys(keys);
    const isNewDocument = append.some(({ name }) => !this.hasDocument(name));
    for (const { checked, name, at } of placed) this.#enter(checked, name, at);
    for (const { name, from, elements } of append) {
      this.#loaded.lengths.set(name, from + elements.length);
      this.followers.broadcast(name, from, elements);
    }
    if (isNewDocument) this.#tell((listener) => listener.documentsChanged?.());
    this.#tell((listener) => listener.entered?.(runs));
    return done(undefined);
  }

  #enter(checked: CheckedRun, document: DocumentName, at: number): void {
    this.ledger.enter(checked, this.#deps.clock.nowMs());
    const last = checked.after.next - 1;
    this.#loaded.places.add(checked.chain, { first: checked.firstNew, last, document, at });
  }

  async #appendAuthority(texts: readonly string[]): Promise<Result<string, string>> {
    const from = this.documentLength(authorityDocument);
    const stored = await this.#store({
      append: [{ name: authorityDocument, from, elements: texts }],
    });
    if (!stored.ok) return stored;
    for (const text of texts) {
      const added = await this.ledger.addAuthority(text);
      assert(added.ok, "an entry was checked before it was stored");
    }
    this.#loaded.lengths.set(authorityDocument, from + texts.length);
    this.followers.broadcast(authorityDocument, from, texts);
    if (this.ledger.refoldNeeded) await this.#refold();
    this.#tell((listener) => listener.authorityGrew?.());
    const { heads } = this.ledger.log;
    return done(heads[heads.length - 1] as string);
  }

  /** Folds everything again from the store: a cut reached into what was counted. */
  async #refold(): Promise<void> {
    const { store, signatures, clock } = this.#deps;
    const documents = this.documents();
    this.#loaded = await loadLedger(store, documents, signatures, clock.nowMs());
  }

  #runningDocument(store: string): DocumentName {
    const { term, timeZone } = this.ledger.log;
    const nowMs = this.#deps.clock.nowMs();
    return runningDocument(this.#loaded.lengths.keys(), { term, store, nowMs, timeZone });
  }

  #isOfKnownDevice(member: MemberId): boolean {
    const device = deviceOfChain(splitRef(member).chain);
    return this.authority?.devices.has(device) ?? false;
  }

  async #store(change: Parameters<ReplicaStore["commit"]>[0]): Promise<Result<void, string>> {
    try {
      await this.#deps.store.commit(change);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#failing(fault);
      return refuse(`store-${fault.reason}`);
    }
    this.#recovered();
    return done(undefined);
  }

  /** Nothing is acknowledged until a write has worked again; tried every two seconds. */
  #failing(fault: StoreFault): void {
    if (!this.#storeFault) {
      const detail = { reason: fault.reason, error: fault.message };
      this.#deps.alarm({ kind: "store-failing", detail });
    }
    this.#storeFault = fault;
    this.#deps.timers.after(probeMs, () => {
      if (this.#storeFault !== fault || this.#isClosed) return;
      const settings = { probe: String(this.#deps.clock.nowMs()) };
      void this.#mailbox.post(() => this.#store({ settings }));
    });
  }

  #recovered(): void {
    if (!this.#storeFault) return;
    this.#storeFault = undefined;
    this.#deps.alarm({ kind: "store-recovered", detail: {} });
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

/** For a log that was verified entry by entry when it was stored. */
const trusting: Signatures = { verify: () => Promise.resolve(true) };

import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityKey } from "../access/sign-entry.ts";
import {
  authorityDocument,
  type DocumentName,
  isDocumentName,
} from "../documents/document-name.ts";
import { type Following, followDocument } from "../documents/follow-document.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import type { MemberId } from "../members/member-kinds.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { closeCodes } from "../sync/close-codes.ts";
import {
  type DeviceMessage,
  type Holder,
  readServerMessage,
  type ServerMessage,
  sessionMessageType,
  writeMessage,
} from "../sync/messages.ts";
import { type ServerApi, Unreachable } from "../sync/server-api.ts";
import { changeAuthority } from "./change-authority.ts";
import type { DeviceReplica } from "./device-replica.ts";
import { type FollowEvents, FollowedMonths, type OfferedDocument } from "./followed-months.ts";
import { GapFiller } from "./gap-filler.ts";
import { IdentityKeeper, tryAgain } from "./identity-keeper.ts";
import { KeyExchange } from "./key-exchange.ts";
import { offerRecovery } from "./offer-recovery.ts";
import { StoreFault } from "./ports.ts";
import { reconcileDocuments } from "./reconcile-documents.ts";
import { reconcileLog } from "./reconcile-log.ts";
import { Requests } from "./requests.ts";
import { RunPump } from "./run-pump.ts";
import { askMode, askTickets } from "./server-contact.ts";
import type { SessionStatus } from "./session-status.ts";
import type { SuccessionPort } from "./succeed-itself.ts";
import type { Timers } from "./timers.ts";
import { untilTrue } from "./until-true.ts";

export interface SessionDeps {
  replica: DeviceReplica;
  api: ServerApi;
  /** `wss://host/sync` */
  socketUrl: string;
  WebSocket: unknown;
  signer: Signer;
  signatures: Signatures;
  clock: Clock;
  random: RandomSource;
  timers: Timers;
  /** whether this device's storage will not be evicted */
  persisted: () => boolean;
  /** lets a device go on under a new identity; without it, it waits for a person */
  succession?: SuccessionPort;
  /** keeps small facts between starts: how far the keyring was read */
  remember: { get(name: string): string | undefined; set(name: string, value: string): void };
}

const retryMs = [300, 500, 1000, 2000, 4000, 5000];
const headsEveryMs = 1000;
const sweepEveryMs = 5000;
const firstSweepMs = 100;
const valueWaitMs = 10_000;

/** What a server sent did not check: it is asked again, but not at once. */
const forgedReasons = new Set(["forged", "fork"]);

/**
 * Keeps a device's replica and its server in step: documents down, own runs and keys up, and whatever
 * the server turns out to lack. Comes back by itself after any interruption.
 */
export class DeviceSession {
  readonly #deps: SessionDeps;
  readonly #listeners = new Set<() => void>();
  readonly #months: FollowedMonths;
  readonly #keys: KeyExchange;
  readonly #pump: RunPump;
  readonly #gaps: GapFiller;
  readonly #identity: IdentityKeeper;
  readonly #requests: Requests;
  #status: SessionStatus = {
    state: "connecting",
    reason: undefined,
    lastContactMs: undefined,
    fetching: 0,
  };
  #control: Following | undefined;
  #attempts = 0;
  #nextId = 1;
  #isClosed = false;
  #headsSent = "";
  #isSwept = false;
  #offered: readonly OfferedDocument[] = [];
  #differing: ReadonlySet<DocumentName> | undefined;
  #cancelTimers: (() => void)[] = [];
  #unsubscribe: () => void;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    const send = (message: DeviceMessage) => this.#send(message);
    const ids = () => this.#nextId++;
    this.#keys = new KeyExchange(deps.replica, deps.remember, send, ids);
    this.#pump = new RunPump(deps.replica, this.#keys, send, ids);
    this.#requests = new Requests({ send, ids, timers: deps.timers, waitMs: valueWaitMs });
    this.#identity = new IdentityKeeper(deps);
    this.#gaps = new GapFiller(deps.replica, deps.clock, send);
    this.#months = new FollowedMonths({
      replica: deps.replica,
      isOnline: () => this.#control !== undefined && this.#status.state === "online",
      tickets: (count) => this.#tickets(count),
      isThere: () => this.#requests.isAnswered(),
      follow: (name, ticket, events) => this.#follow(name, ticket, events),
      later: (delayMs, run) => this.#later(delayMs, run),
      onProgress: (fetching) => {
        this.#set({ fetching });
        this.#sendHeads();
      },
    });
    this.#unsubscribe = deps.replica.subscribe(() => this.#pump.push());
    void this.#connect();
  }

  status(): SessionStatus {
    return this.#status;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The network is back, or somebody wants to see: do not wait for the next try. */
  retryNow(): void {
    if (this.#status.state === "offline") {
      this.#clearTimers();
      void this.#connect();
    }
  }

  /** Asks the home server to move what a charge needs into this device's purse. */
  async requestValue(
    member: MemberId,
    amountFen: number,
  ): Promise<Result<void, { code: string; available?: number | undefined }>> {
    const { replica } = this.#deps;
    if (!this.#control || this.#status.state !== "online") return refuse({ code: "offline" });
    replica.holdValue(member);
    const answer = await this.#requests.ask((id) => ({
      type: "value-request",
      id,
      member,
      amount: amountFen,
    }));
    if (answer?.type !== "value-answer") return refuse({ code: "offline" });
    if (answer.refusal !== undefined)
      return refuse({ code: answer.refusal, available: answer.available });
    const isHere = () => replica.spendable(member) >= amountFen;
    return (await this.#until(isHere)) ? done(undefined) : refuse({ code: "offline" });
  }

  /** See `changeAuthority`. */
  changeAuthority(
    proposal: AuthorityProposal,
    keys: readonly AuthorityKey[],
  ): Promise<Result<void, string>> {
    return changeAuthority({ ...this.#deps, until: this.#until }, proposal, keys);
  }

  /** Whether everything is exchanged: nothing to fetch, nothing to send. */
  isSettled(): boolean {
    return (
      this.#status.state === "online" &&
      this.#status.fetching === 0 &&
      this.#pump.isIdle() &&
      this.#keys.isIdle() &&
      this.#gaps.isFilled() &&
      this.#isSwept &&
      this.#deps.replica.unsent() === 0
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#drop();
    this.#clearTimers();
  }

  async #connect(): Promise<void> {
    if (this.#isClosed) return;
    this.#set({ state: "connecting" });
    try {
      const { api, replica } = this.#deps;
      const asked = await askMode(api);
      if (!asked.ok) return this.#retry(asked.refusal);
      if (asked.value.mode === "new") return this.#refused("server-empty");
      if (asked.value.mode === "recovering") {
        this.#set({ state: "recovering" });
        const offered = await offerRecovery(this.#deps, replica);
        return offered.ok ? this.#retry("recovering") : this.#retry(offered.refusal);
      }
      if (asked.value.org !== replica.authority.org) return this.#refused("other-organisation");
      const tickets = await this.#tickets(1);
      if (!tickets.ok)
        return tickets.refusal === "too-many-tries"
          ? this.#retry(tickets.refusal)
          : await this.#stand(() => this.#identity.whyNotAdmitted());
      const [ticket = ""] = tickets.value;
      await this.#openControl(ticket);
    } catch (fault) {
      if (!(fault instanceof Unreachable)) this.#set({ reason: String(fault) });
      this.#retry("unreachable");
    }
  }

  #tickets(count: number): Promise<Result<string[], string>> {
    const { api, replica, signer } = this.#deps;
    const { org } = replica.authority;
    return askTickets(api, { org, device: replica.device, signer }, count);
  }

  async #openControl(ticket: string): Promise<void> {
    const control = await this.#follow(authorityDocument, ticket, {
      onOpen: () => {
        this.#attempts = 0;
        this.#headsSent = "";
        this.#sendCheckpoint();
        this.#sendHeads();
      },
      session: {
        type: sessionMessageType,
        onMessage: (bytes) => {
          const message = readServerMessage(bytes);
          if (message) this.#take(message);
        },
      },
      onSynced: () => {
        void this.#wentOnline();
      },
      onClosed: (code) => {
        this.#drop();
        if (this.#isClosed || this.#status.state === "refused") return;
        if (code === closeCodes.notYours) void this.#stand(() => this.#identity.whyNotAdmitted());
        else this.#retry("closed");
      },
    });
    if (this.#isClosed) control.close();
    else this.#control = control;
  }

  #follow(name: DocumentName, ticket: string, events: FollowEvents): Promise<Following> {
    const { replica, socketUrl, WebSocket, clock, timers } = this.#deps;
    return followDocument({
      ...events,
      socketUrl,
      WebSocket,
      after: (delayMs, run) => timers.after(delayMs, run),
      name,
      ticket,
      load: () => replica.readDocument(name, 0, replica.documentLength(name)),
      onElements: async (from, elements) => {
        this.#status = { ...this.#status, lastContactMs: clock.nowMs() };
        const outcome = await replica.receive(name, from, elements);
        if (outcome.ok || outcome.code === "gap") return outcome.ok;
        if (outcome.code === "elsewhere") this.#offer(new Set(this.#differing).add(name));
        else if (name !== authorityDocument) this.#refused(outcome.code);
        else await this.#stand(() => this.#identity.whyParted(outcome.code));
        return false;
      },
      onForged: () => this.#refused("forged"),
    });
  }

  #take(message: ServerMessage): void {
    const { replica, clock } = this.#deps;
    this.#status = { ...this.#status, lastContactMs: clock.nowMs() };
    switch (message.type) {
      case "documents":
        this.#offered = message.documents.filter(({ name }) => isDocumentName(name));
        if (this.#differing) this.#offer(this.#differing);
        return;
      case "heads": {
        const heads = message.heads.map(([chain, next, hash]) => [chain, { next, hash }] as const);
        replica.serverHolds(new Map(heads));
        this.#pump.serverHolds(new Map(heads), message.branches);
        this.#gaps.serverHolds(new Map(heads), message.branches);
        return;
      }
      case "accepted":
        if (this.#pump.accepted(message.id, message.chain, message.next))
          replica.serverAccepted(message.chain, message.next);
        return;
      case "refused":
        this.#keys.refused(message.id);
        this.#pump.refused(message.id, message.code, message.next);
        return;
      case "runs":
        this.#keep(this.#gaps.take(message.runs));
        return;
      case "want":
        this.#pump.wanted(message.chain, message.from);
        return;
      case "keys":
      case "keys-accepted":
        this.#keep(this.#keys.take(message).then(() => this.#pump.push()));
        return;
      case "holders":
        this.#othersHold(message.holders);
        return;
      case "addresses":
        this.#deps.api.learn?.(message.addresses);
        return;
      case "checkpoint":
        this.#keep(replica.receiveCheckpoint(message.text));
        return;
      case "compared":
      case "tail-taken":
      case "value-answer":
        this.#requests.answered(message.id, message);
        return;
    }
  }

  /** What the server lost of its own comes first; then everything else, both ways. */
  async #wentOnline(): Promise<void> {
    const [{ replica }, { ask }, control] = [this.#deps, this.#requests, this.#control];
    const authority = await reconcileLog({ replica, ask });
    if (this.#control === control && authority === undefined)
      return this.#stand(() => this.#identity.whyParted("server-older"));
    // First what we cite and it does not know.
    await this.#identity.bringLostEntries();
    const { differing, refilled } = await reconcileDocuments({ replica, ask }, this.#offered);
    this.#keep(replica.serverLacked({ ...refilled, authority: authority ?? 0 }));
    if (this.#control !== control || !control) return;
    this.#set({ state: "online", reason: undefined });
    this.#keys.start();
    this.#offer(differing);
    this.#pump.allow();
  }

  /** Documents that differ are not followed: what is in them comes by heads. */
  #offer(differing: ReadonlySet<DocumentName>): void {
    this.#differing = differing;
    this.#gaps.hurry(differing.size > 0);
    this.#months.offered(this.#offered.filter(({ name }) => !differing.has(name)));
  }

  /** A server that was put back learns from its own signature what it once held. */
  #sendCheckpoint(): void {
    const text = this.#deps.replica.checkpoint();
    if (text !== undefined) this.#send({ type: "checkpoint", text });
  }

  #sendHeads(): void {
    const { replica, persisted } = this.#deps;
    const heads = [...replica.heads()].map(
      ([chain, { next, hash }]) => [chain, next, hash] as [string, number, string],
    );
    const complete = replica.isComplete() && this.#months.isAllHere() && this.#gaps.isFilled();
    const known = replica.missing().map(({ chain, to }) => [chain, to + 1] as [string, number]);
    const message: DeviceMessage = {
      type: "heads",
      heads,
      complete,
      persisted: persisted(),
      ...(known.length > 0 ? { known } : {}),
    };
    const text = JSON.stringify(message);
    if (text === this.#headsSent) return;
    this.#headsSent = text;
    this.#send(message);
  }

  #send(message: DeviceMessage): void {
    this.#control?.send(writeMessage(message));
  }

  #beat = (): void => {
    const { replica } = this.#deps;
    const wasIdle = this.#pump.isIdle();
    this.#sendHeads();
    this.#keys.beat();
    this.#pump.push();
    if (this.#months.isAllHere()) this.#gaps.ask();
    replica.caughtUp(this.#months.isAllHere() && this.#gaps.isFilled());
    this.#keep(replica.rememberMissing());
    this.#keep(this.#identity.bringLostEntries());
    if (wasIdle && replica.trouble()) void this.#stand(() => this.#identity.renew());
    this.#later(headsEveryMs, this.#beat);
  };

  /** What our own disk cannot take now is asked for again on a new connection. */
  #keep(kept: Promise<unknown>): void {
    kept.catch((fault: unknown) => {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#control?.close();
    });
  }

  #othersHold(holders: readonly Holder[]): void {
    const { replica } = this.#deps;
    replica.othersHold(holders);
    const server = holders.find(({ device }) => device === replica.authority.server);
    if (!server) return;
    const heads = new Map(server.heads.map(([chain, next, hash]) => [chain, { next, hash }]));
    replica.serverHolds(heads);
    this.#gaps.serverHolds(heads);
  }

  /** Says why this device is not let in, or under which identity it goes on. */
  async #stand(reason: () => Promise<string | undefined>): Promise<void> {
    try {
      const why = await reason();
      if (why === tryAgain) this.#retry(why);
      else if (why !== undefined && !this.#isClosed) this.#refused(why);
    } catch (fault) {
      // What our own disk cannot take now is looked at again, like what did not come.
      if (!(fault instanceof Unreachable) && !(fault instanceof StoreFault)) throw fault;
      this.#retry(fault instanceof StoreFault ? `store-${fault.reason}` : "unreachable");
    }
  }

  #sweep = (): void => {
    void this.#sweepIfQuiet().finally(() => {
      this.#later(this.#isSwept ? sweepEveryMs : firstSweepMs, this.#sweep);
    });
  };

  /** Value goes home once everything is exchanged; at contact, and now and then afterwards. */
  async #sweepIfQuiet(): Promise<void> {
    const { replica, persisted } = this.#deps;
    const isQuiet =
      this.#months.isAllHere() &&
      this.#pump.isIdle() &&
      this.#keys.isIdle() &&
      replica.unsent() === 0 &&
      replica.isComplete();
    if (this.#status.state !== "online" || !isQuiet) return;
    await replica.sweepHome(persisted());
    this.#isSwept = true;
  }

  #set(change: Partial<SessionStatus>): void {
    const wentOnline = change.state === "online" && this.#status.state !== "online";
    const lastContactMs =
      change.state === "online" ? this.#deps.clock.nowMs() : this.#status.lastContactMs;
    this.#status = { ...this.#status, lastContactMs, ...change };
    if (wentOnline) {
      this.#later(headsEveryMs, this.#beat);
      this.#later(firstSweepMs, this.#sweep);
    }
    for (const listener of this.#listeners) listener();
  }

  #refused(reason: string): void {
    this.#drop();
    this.#clearTimers();
    this.#set({ state: "refused", reason });
    const waitMs = forgedReasons.has(reason) ? 30_000 : 5000;
    this.#later(waitMs, () => void this.#connect());
  }

  #retry(reason: string): void {
    if (this.#isClosed) return;
    this.#clearTimers();
    this.#set({ state: reason === "recovering" ? "recovering" : "offline", reason });
    const waitMs = retryMs[Math.min(this.#attempts++, retryMs.length - 1)] ?? 5000;
    this.#later(waitMs, () => void this.#connect());
  }

  #drop(): void {
    const control = this.#control;
    this.#control = undefined;
    control?.close();
    this.#months.reset();
    this.#gaps.reset();
    this.#offered = [];
    this.#differing = undefined;
    this.#deps.replica.caughtUp(false);
    this.#isSwept = false;
    this.#pump.reset();
    this.#keys.reset();
    this.#requests.reset();
  }

  #until = (isTrue: () => boolean): Promise<boolean> => {
    const { replica, timers } = this.#deps;
    return untilTrue(isTrue, { changes: replica, timers, waitMs: valueWaitMs });
  };

  #later(delayMs: number, run: () => void): void {
    if (!this.#isClosed) this.#cancelTimers.push(this.#deps.timers.after(delayMs, run));
    if (this.#cancelTimers.length > 50) this.#cancelTimers = this.#cancelTimers.slice(-20);
  }

  #clearTimers(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
  }
}

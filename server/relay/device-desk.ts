import { wordsOnChains } from "../../shared/access/known-chains.ts";
import {
  authorityDocument,
  isDocumentName,
  splitJournalName,
} from "../../shared/documents/document-name.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Clock, Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readCheckpoint, regressOf } from "../../shared/replica/checkpoint.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import type { DeviceMessage, ServerMessage } from "../../shared/sync/messages.ts";
import type { AlarmKind, RaiseAlarm } from "./alarms.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type DeviceReport, Holders } from "./holders.ts";
import type { KeyEntry } from "./keyring.ts";
import { OwnAffairs } from "./own-affairs.ts";
import type { Relay } from "./relay.ts";
import { serveValueRequest } from "./value-desk.ts";

/** A device's connection, as far as our own messages go. */
export interface Peer {
  device: string;
  send(message: ServerMessage): void;
}

export interface DeskDeps {
  relay: Relay;
  clock: Clock;
  timers: Timers;
  signatures: Signatures;
  alarm: RaiseAlarm;
  keptReports: Readonly<Record<string, DeviceReport>>;
  keepReports(reports: Readonly<Record<string, DeviceReport>>): Promise<void>;
  /** what has to be waited for before a run is let in; see `ImportGate` */
  holdBack?(run: Run): Promise<void> | undefined;
  /** where else devices may look for this shop's server */
  addresses?(): string[];
}

/** A device that is ahead by itself sends what we lack; only if it does not, it is asked. */
const wantAfterMs = 3000;

/** Talks with all connected devices: runs, keys, heads, value, and what there is to follow. */
export class DeviceDesk {
  readonly affairs: OwnAffairs;
  readonly #deps: DeskDeps;
  readonly #peers = new Set<Peer>();
  readonly #holders: Holders;
  readonly #checkpoints: Checkpoints;
  /** what was told of a device already */
  readonly #told = new Set<string>();
  /** what stood apart when everybody was told of it; folding again makes another set */
  #apartTold: { set: ReadonlySet<string>; size: number };
  /** who has shown a checkpoint on this connection */
  readonly #shown = new WeakSet<Peer>();
  readonly #wanted = new Map<Peer, Map<ChainId, { from: number; sinceMs: number }>>();

  constructor(deps: DeskDeps) {
    this.#deps = deps;
    const { relay, timers } = deps;
    const { apart } = relay.ledger;
    this.#apartTold = { set: apart, size: apart.size };
    this.#holders = new Holders({
      timers,
      kept: deps.keptReports,
      keep: deps.keepReports,
      broadcast: (holders) => this.#tellAll({ type: "holders", holders }),
      server: () => ({ device: relay.device, heads: relay.heads() }),
    });
    this.#checkpoints = new Checkpoints(relay, timers, (text) =>
      this.#tellAll({ type: "checkpoint", text }),
    );
    this.affairs = new OwnAffairs(relay, timers, (device) => this.#holders.reportOf(device));
    relay.listen({
      entered: () => {
        this.#holders.changed();
        this.#tellOfApart();
      },
      documentsChanged: () => this.#tellAll(this.#documents()),
      keysCame: (keys, from) => this.#tellAll(this.#keys(keys, from)),
      authorityGrew: () => {
        this.#tellAll(this.#documents());
        this.#tellOfApart();
      },
    });
  }

  reportOf(device: string): DeviceReport | undefined {
    return this.#holders.reportOf(device);
  }

  /** Operations that are known to have existed and are not here. */
  missing(): Missing[] {
    return this.#holders.missing();
  }

  holders() {
    return this.#holders.list();
  }

  join(peer: Peer): void {
    this.#peers.add(peer);
    this.#holders.cameOnline(peer.device);
    peer.send(this.#documents());
    peer.send(this.#heads());
    peer.send({ type: "holders", holders: this.#holders.list() });
    peer.send(this.#addresses());
    this.#checkpoints.showTo(peer);
  }

  /** A standby was named, or none stands by any more: whoever is connected knows it at once. */
  tellAddresses(): void {
    this.#tellAll(this.#addresses());
  }

  leave(peer: Peer): void {
    if (!this.#peers.delete(peer)) return;
    this.#wanted.delete(peer);
    this.#holders.wentOffline(peer.device, this.#deps.clock.nowMs());
  }

  /**
   * Resolves when the message was dealt with; a socket that sends faster has to wait.
   * @returns whether it brought what was not here
   */
  async take(peer: Peer, message: DeviceMessage): Promise<boolean> {
    if (message.type === "submit") return this.#takeRun(peer, message);
    await this.#answer(peer, message);
    return false;
  }

  async #takeRun(peer: Peer, { id, run }: DeviceMessage & { type: "submit" }): Promise<boolean> {
    const held = this.#deps.holdBack?.(run);
    if (held !== undefined) await held;
    const answer = await this.#deps.relay.submit(run, peer.device);
    if (answer.ok) peer.send({ type: "accepted", id, chain: answer.chain, next: answer.next });
    else peer.send({ type: "refused", id, code: answer.code, next: answer.next });
    return answer.ok && answer.isNew;
  }

  async #answer(peer: Peer, message: Exclude<DeviceMessage, { type: "submit" }>): Promise<void> {
    const { relay } = this.#deps;
    switch (message.type) {
      case "checkpoint":
        await this.#takeCheckpoint(peer, message.text);
        return;
      case "want":
        peer.send({
          type: "runs",
          runs: (await relay.runsFrom(message.chain, message.from)).map(plain),
        });
        return;
      case "want-branch": {
        const run = await relay.runOfBranch(message.head);
        if (run) peer.send({ type: "runs", runs: [plain(run)] });
        return;
      }
      case "compare": {
        const { id, name, length, last } = message;
        if (!isDocumentName(name)) return;
        const standing = await relay.tails.compare(name, { length, last });
        // Documents of an earlier term were left behind on purpose; their runs are asked for by heads.
        const { term } = splitJournalName(name) ?? {};
        const isLeftBehind = term !== undefined && term < (relay.authority?.term ?? 0);
        // What a recovery left behind of the authority log is brought and told of in a way of its own.
        const isTold = standing.standing === "other" && name !== authorityDocument;
        if (isTold && !isLeftBehind && relay.hasDocument(name))
          this.#tellOnce("document-ahead", { device: peer.device, document: name }, { length });
        peer.send({ type: "compared", id, ...standing });
        return;
      }
      case "tail": {
        const { id, name, from, elements } = message;
        peer.send({ type: "tail-taken", id, ...(await relay.tails.take(name, from, elements)) });
        return;
      }
      case "keys-put": {
        const stored = await relay.putKeys(message.keys, peer.device);
        const { id } = message;
        if (stored.ok) peer.send({ type: "keys-accepted", id });
        else peer.send({ type: "refused", id, code: stored.refusal });
        return;
      }
      case "keys-get": {
        const from = message.generation === this.#generation() ? message.from : 0;
        peer.send(this.#keys(relay.keyring.page(from), from));
        return;
      }
      case "heads":
        this.#takeHeads(peer, message);
        return;
      case "value-request": {
        const { id, member, amount } = message;
        const request = { device: peer.device, member, amountFen: amount };
        const answer = await serveValueRequest(relay, (device) => this.reportOf(device), request);
        peer.send({ type: "value-answer", id, ...answer });
      }
    }
  }

  async close(): Promise<void> {
    await this.affairs.close();
    await this.#checkpoints.close();
    await this.#holders.close();
  }

  #takeHeads(peer: Peer, message: DeviceMessage & { type: "heads" }): void {
    const { relay, clock } = this.#deps;
    const { authority } = relay;
    if (!authority) return;
    const heads = wordsOnChains(authority, message.heads);
    this.#holders.report(peer.device, {
      heads,
      complete: message.complete,
      persisted: message.persisted,
      known: message.known && wordsOnChains(authority, message.known),
      term: authority.term,
      atMs: clock.nowMs(),
    });
    const here = relay.heads();
    for (const [chain, next, hash] of heads) {
      const head = here.get(chain);
      relay.attest(chain, next, hash);
      if (head && head.next === next && head.hash !== hash)
        this.#tellOnce("fork", { chain, device: peer.device }, { next });
      this.#wantIfStill(peer, chain, head?.next ?? 0, next);
    }
    this.#resumeIfWhole();
    if (authority.term > 1) this.affairs.soon();
  }

  /**
   * Our own word of an earlier day: what we held then and do not hold now was lost here. Asked for once:
   * what a device remembers from before it came.
   */
  async #takeCheckpoint(peer: Peer, text: string): Promise<void> {
    const { relay, signatures } = this.#deps;
    const { authority } = relay;
    if (!authority || this.#shown.has(peer)) return;
    this.#shown.add(peer);
    const ownKey = authority.devices.get(relay.device)?.key;
    const keyOf = (server: string) => (server === relay.device ? ownKey : undefined);
    const checkpoint = await readCheckpoint(text, keyOf, signatures);
    if (checkpoint?.org !== authority.org || checkpoint.term !== authority.term) return;
    const regress = regressOf(checkpoint, relay.checkpoint());
    if (!regress) return;
    for (const [chain, next] of checkpoint.heads) this.#holders.claim(chain, next);
    const operations = regress.lost.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    relay.suspend({ operations, entries: regress.authority, of: checkpoint.at });
  }

  /** A server that was put back writes again once everybody has shown that nothing is missing. */
  #resumeIfWhole(): void {
    const { relay } = this.#deps;
    if (!relay.isSuspended() || !relay.authority) return;
    const devices = [...relay.authority.devices.values()];
    const allHeard = devices.every(
      ({ id, server, closed }) => server || closed || this.#holders.hasBeenHeard(id),
    );
    if (allHeard && this.#holders.missing().length === 0) relay.resume();
  }

  /** @param subject of whom it is told once */
  #tellOnce(kind: AlarmKind, subject: Record<string, string>, facts: Record<string, number>): void {
    const name = `${kind} ${Object.values(subject).join(" ")}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#deps.alarm({ kind, detail: { ...subject, ...facts } });
  }

  #wantIfStill(peer: Peer, chain: ChainId, from: number, next: number): void {
    let wanted = this.#wanted.get(peer);
    if (!wanted) {
      wanted = new Map();
      this.#wanted.set(peer, wanted);
    }
    if (next <= from) {
      wanted.delete(chain);
      return;
    }
    const nowMs = this.#deps.clock.nowMs();
    const before = wanted.get(chain);
    if (before?.from !== from) wanted.set(chain, { from, sinceMs: nowMs });
    else if (nowMs - before.sinceMs >= wantAfterMs) {
      before.sinceMs = nowMs;
      peer.send({ type: "want", chain, from });
    }
  }

  /** Who does not follow a document, because his copy of it differs, hears of them in no other way. */
  #tellOfApart(): void {
    const { apart } = this.#deps.relay.ledger;
    const { set, size } = this.#apartTold;
    if (apart === set && apart.size === size) return;
    this.#apartTold = { set: apart, size: apart.size };
    this.#tellAll(this.#heads());
  }

  #documents(): ServerMessage {
    const { relay } = this.#deps;
    const term = relay.authority?.term ?? 0;
    return { type: "documents", term, documents: relay.documents() };
  }

  #addresses(): ServerMessage {
    return { type: "addresses", addresses: this.#deps.addresses?.() ?? [] };
  }

  #heads(): ServerMessage {
    const heads = [...this.#deps.relay.heads()]
      .filter(([, { next }]) => next > 0)
      .map(([chain, { next, hash }]) => [chain, next, hash] as [string, number, string]);
    const branches = this.#deps.relay.branches().map(({ head }) => head);
    return { type: "heads", heads, branches };
  }

  /** The order of keys is a server's own; a new term counts from the beginning. */
  #generation(): number {
    return this.#deps.relay.authority?.term ?? 0;
  }

  #keys(keys: readonly KeyEntry[], from: number): ServerMessage {
    const { total } = this.#deps.relay.keyring;
    return { type: "keys", generation: this.#generation(), from, total, keys: [...keys] };
  }

  #tellAll(message: ServerMessage): void {
    for (const peer of this.#peers) peer.send(message);
  }
}

const plain = ({ operations, seal }: Run) => ({ operations: [...operations], seal });

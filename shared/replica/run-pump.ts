import { isKnownChain } from "../access/known-chains.ts";
import type { Heads } from "../journal/chain.ts";
import { type ChainId, readOperation, refOf } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import type { MemberId } from "../members/member-kinds.ts";
import type { DeviceMessage } from "../sync/messages.ts";
import type { Branch } from "./branches.ts";
import type { DeviceReplica } from "./device-replica.ts";
import type { KeyExchange } from "./key-exchange.ts";

const inFlightMost = 32;
const bytesInFlightMost = 2 * 1024 * 1024;
/** Runs apart that a server may say it has; of more it is sent some again. */
const apartThereMax = 10_000;

interface Sent {
  chain: ChainId;
  next: number;
  length: number;
  /** of a run that stands apart */
  apart: string | undefined;
}

/**
 * Sends what the server lacks: own runs, and those of others that it asks for or shows that it does
 * not have. A chain is sent in sequence; a gap sends it back to where the server stands.
 */
export class RunPump {
  readonly #replica: DeviceReplica;
  readonly #keys: KeyExchange;
  readonly #send: (message: DeviceMessage) => void;
  readonly #newId: () => number;
  /** sequence to send next, by chain */
  readonly #nextByChain = new Map<ChainId, number>();
  readonly #inFlight = new Map<number, Sent>();
  /** chains of which the server refused a run for good */
  readonly #stuck = new Set<ChainId>();
  /** runs that stand apart there, and those that were sent so */
  #apartThere = new Set<string>();
  #bytesInFlight = 0;
  #isReady = false;
  #isAllowed = false;
  #isPumping = false;
  #again = false;
  #pausedUntilBeat = false;

  constructor(
    replica: DeviceReplica,
    keys: KeyExchange,
    send: (message: DeviceMessage) => void,
    newId: () => number,
  ) {
    this.#replica = replica;
    this.#keys = keys;
    this.#send = send;
    this.#newId = newId;
  }

  isIdle(): boolean {
    return this.#isReady && this.#isAllowed && this.#inFlight.size === 0 && !this.#isPumping;
  }

  reset(): void {
    this.#nextByChain.clear();
    this.#stuck.clear();
    this.#apartThere.clear();
    this.#inFlight.clear();
    this.#bytesInFlight = 0;
    this.#isReady = false;
    this.#isAllowed = false;
  }

  /** Documents were compared: a server that was put back has got back its own first. */
  allow(): void {
    this.#isAllowed = true;
    this.push();
  }

  /** What the server says that it holds: everything beyond it is sent. */
  serverHolds(heads: Heads, branches: readonly string[] = []): void {
    for (const head of branches)
      if (this.#apartThere.size < apartThereMax) this.#apartThere.add(head);
    if (!this.#isReady)
      for (const chain of this.#replica.heads().keys())
        this.#nextByChain.set(chain, heads.get(chain)?.next ?? 0);
    this.#isReady = true;
    for (const [chain, { next }] of heads)
      if (this.#isKnown(chain) && next > (this.#nextByChain.get(chain) ?? 0))
        this.#nextByChain.set(chain, next);
    this.push();
  }

  wanted(chain: ChainId, from: number): void {
    if (!this.#isKnown(chain)) return;
    this.#nextByChain.set(chain, from);
    this.push();
  }

  /** @returns whether that was sent, and no more is acknowledged of its chain than was */
  accepted(id: number, chain: ChainId, next: number): boolean {
    const sent = this.#landed(id);
    this.push();
    return sent?.chain === chain && next <= (this.#nextByChain.get(chain) ?? 0);
  }

  /** @returns the chain whose run was refused */
  refused(id: number, code: string, next: number | undefined): ChainId | undefined {
    const sent = this.#landed(id);
    if (!sent) return undefined;
    // It contradicts what the server has: there it now stands apart, as what follows it will.
    if (code === "apart") this.push();
    else if (sent.apart !== undefined) {
      if (isForLater(code)) this.#apartThere.delete(sent.apart);
      this.#pausedUntilBeat = true;
      return sent.chain;
    } else if (code === "gap" && next !== undefined) this.#nextByChain.set(sent.chain, next);
    else if (isForLater(code)) {
      this.#nextByChain.set(
        sent.chain,
        Math.min(sent.next, this.#nextByChain.get(sent.chain) ?? 0),
      );
      this.#pausedUntilBeat = true;
      return sent.chain;
    }
    // Sending it again would only be refused again; on the next connection the server may know more.
    else this.#stuck.add(sent.chain);
    this.push();
    return sent.chain;
  }

  /** Sends on where there is room; called at every change and once a second. */
  push(): void {
    if (this.#isPumping) {
      this.#again = true;
      return;
    }
    this.#isPumping = true;
    void this.#pump().finally(() => {
      this.#isPumping = false;
      if (this.#again) {
        this.#again = false;
        this.push();
      }
    });
  }

  async #pump(): Promise<void> {
    if (!this.#isReady || !this.#isAllowed || this.#pausedUntilBeat) {
      this.#pausedUntilBeat = false;
      return;
    }
    for (const [chain, { next }] of this.#replica.heads()) {
      for (;;) {
        const from = this.#nextByChain.get(chain) ?? 0;
        if (from >= next || this.#stuck.has(chain) || !this.#hasRoom()) break;
        const [run] = await this.#replica.runsFrom(chain, from, 1);
        const seal = run && readSeal(run.seal);
        if (!run || !seal || !this.#isReady) break;
        const missing = this.#keysMissing(run);
        if (missing.length > 0) {
          this.#keys.put(missing);
          break;
        }
        this.#submit(run, chain, seal.last + 1, from);
      }
    }
    await this.#pumpBranches();
  }

  async #pumpBranches(): Promise<void> {
    for (const branch of this.#replica.branches()) {
      // First what counts at its place: whatever comes first there is what the server counts.
      const next = this.#nextByChain.get(branch.chain) ?? 0;
      // What goes on from a run that stands apart there is never met by what counts.
      const isNext = next > branch.first || this.#apartThere.has(branch.prev);
      const isLater = this.#apartThere.has(branch.head) || !isNext;
      if (isLater || !this.#hasRoom()) continue;
      const run = await this.#replica.runOf(branch);
      if (!run || !this.#isReady) continue;
      this.#apartThere.add(branch.head);
      this.#submit(run, branch.chain, next, next, branch.head);
    }
    for (const branch of this.#replica.branches()) await this.#pumpRivals(branch);
  }

  /** What counts here beside a run that stands apart may be what the server never met. */
  async #pumpRivals({ chain, first }: Branch): Promise<void> {
    const next = this.#nextByChain.get(chain) ?? 0;
    for (let seq = first; seq < next && this.#hasRoom(); ) {
      const [run] = await this.#replica.runsFrom(chain, seq, 1);
      const seal = run && readSeal(run.seal);
      if (!run || !seal || !this.#isReady) return;
      seq = seal.last + 1;
      if (this.#apartThere.has(seal.head)) continue;
      this.#apartThere.add(seal.head);
      this.#submit(run, chain, next, next, seal.head);
    }
  }

  #submit(run: Run, chain: ChainId, next: number, first: number, apart?: string): void {
    const id = this.#newId();
    const length = run.operations.reduce((sum, text) => sum + text.length, 0);
    this.#inFlight.set(id, { chain, next: first, length, apart });
    this.#bytesInFlight += length;
    this.#nextByChain.set(chain, next);
    this.#send({ type: "submit", id, run: { operations: [...run.operations], seal: run.seal } });
  }

  #isKnown(chain: ChainId): boolean {
    return isKnownChain(this.#replica.authority, chain);
  }

  #landed(id: number): Sent | undefined {
    const sent = this.#inFlight.get(id);
    if (sent) this.#bytesInFlight -= sent.length;
    this.#inFlight.delete(id);
    return sent;
  }

  #hasRoom(): boolean {
    return this.#inFlight.size < inFlightMost && this.#bytesInFlight < bytesInFlightMost;
  }

  /** Keys of members that a run adds and that the server may not have. */
  #keysMissing(run: Run): MemberId[] {
    return run.operations.flatMap((text) => {
      if (!text.includes('"kind":"MemberAdded"')) return [];
      const operation = readOperation(text);
      if (operation?.kind !== "MemberAdded") return [];
      const member = refOf(operation);
      const here = this.#replica.keyText(member) !== undefined;
      return here && !this.#keys.isThere(member) ? [member] : [];
    });
  }
}

/** Not the run's fault: it is tried again shortly. */
const isForLater = (code: string): boolean =>
  code.startsWith("store-") || code === "key-missing" || code === "too-many" || code === "gap";

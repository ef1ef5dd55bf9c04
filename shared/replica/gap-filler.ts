import type { Heads } from "../journal/chain.ts";
import { type ChainId, deviceOfChain } from "../journal/operation.ts";
import type { Clock } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import type { DeviceMessage } from "../sync/messages.ts";
import type { DeviceReplica } from "./device-replica.ts";

/** Documents bring nearly everything by themselves; only what they do not bring is asked for. */
const waitMs = 3000;
const chainsAtOnce = 20;
const branchesAtOnce = 20;
/** Runs of one device that stand apart here: twice what a server keeps of it. */
const apartPerDeviceMax = 200;

/**
 * Asks the server for what its heads show and its documents did not bring: after a document was
 * rebuilt, damaged or written anew, heads are what everybody agrees on.
 */
export class GapFiller {
  readonly #replica: DeviceReplica;
  readonly #clock: Clock;
  readonly #send: (message: DeviceMessage) => void;
  readonly #behindSince = new Map<string, { from: number; atMs: number }>();
  #there: Heads = new Map();
  #waitMs = waitMs;
  #branchesThere: readonly string[] = [];
  /** chains of which the server holds another history than we do, and from where they are read */
  readonly #partedFrom = new Map<ChainId, number>();

  constructor(replica: DeviceReplica, clock: Clock, send: (message: DeviceMessage) => void) {
    this.#replica = replica;
    this.#clock = clock;
    this.#send = send;
  }

  reset(): void {
    this.#behindSince.clear();
    this.#there = new Map();
    this.#branchesThere = [];
    this.#partedFrom.clear();
  }

  /** A document is not followed: what is in it comes this way only. */
  hurry(isUrgent: boolean): void {
    this.#waitMs = isUrgent ? 0 : waitMs;
  }

  serverHolds(heads: Heads, branches?: readonly string[]): void {
    this.#there = heads;
    if (branches) this.#branchesThere = branches;
  }

  /** Whether everything that the server showed is here. */
  isFilled(): boolean {
    return this.#chainsBehind().length === 0 && this.#branchesMissing().length === 0;
  }

  /** Called once a second while everything that is offered has been fetched. */
  ask(): void {
    const nowMs = this.#clock.nowMs();
    const behind = this.#chainsBehind()
      .slice(0, chainsAtOnce)
      .map(({ chain, from }) => ({ chain, from: this.#partedFrom.get(chain) ?? from }));
    const chainsAsked = new Set(behind.map(({ chain }) => chain));
    const branchesMissing = this.#branchesMissing();
    if (branchesMissing.length === 0)
      for (const chain of this.#partedFrom.keys())
        if (!chainsAsked.has(chain)) this.#partedFrom.delete(chain);
    const wanted = [
      ...behind.map(({ chain, from }) => ({ key: chain, from })),
      ...branchesMissing.slice(0, branchesAtOnce).map((head) => ({ key: head, from: 0 })),
      ...[...this.#partedFrom]
        .filter(([chain]) => !chainsAsked.has(chain))
        .map(([chain, from]) => ({ key: chain, from })),
    ];
    for (const key of this.#behindSince.keys())
      if (!wanted.some((want) => want.key === key)) this.#behindSince.delete(key);
    for (const { key, from } of wanted) {
      const before = this.#behindSince.get(key);
      if (before?.from !== from) this.#behindSince.set(key, { from, atMs: nowMs });
      else if (nowMs - before.atMs >= this.#waitMs) {
        before.atMs = nowMs;
        this.#want(key, from);
      }
    }
  }

  async take(runs: readonly Run[]): Promise<void> {
    const asked = this.#asked(runs);
    if (asked.length === 0) return;
    const { taken } = await this.#replica.receiveRuns(asked);
    for (const { seal } of asked) this.#readOn(seal);
    if (taken === 0) return;
    for (const { chain, from } of this.#chainsBehind())
      if (this.#behindSince.has(chain)) this.#want(chain, from);
  }

  /**
   * What stands apart there counts here, or what counts there goes on from something else than what is
   * here: the server holds another history of that device, which may be the one that its cut names, and
   * shows no more of it than its head. It is read from the beginning.
   */
  #readOn(text: string): void {
    const seal = readSeal(text);
    if (!seal) return;
    const { chain, first, last, head, prev } = seal;
    const from = this.#partedFrom.get(chain);
    const isApartThere = this.#behindSince.has(head);
    const isApartHere = this.#replica.hasBranch(head);
    const own = this.#replica.heads().get(chain);
    const goesOnElsewhere = isApartHere && own?.next === first && own.hash !== prev;
    if (from === undefined) {
      if (isApartThere ? !isApartHere : goesOnElsewhere) this.#partedFrom.set(chain, 0);
    } else if (!isApartThere && first <= from)
      this.#partedFrom.set(chain, Math.max(from, last + 1));
  }

  /** Only what was asked for, in sequence: what comes without end would fill this disk. */
  #asked(runs: readonly Run[]): Run[] {
    const behind = this.#chainsBehind().filter(({ chain }) => this.#behindSince.has(chain));
    const own = this.#replica.heads();
    const nextByChain = new Map(behind.map(({ chain, from }) => [chain, from]));
    return runs.filter(({ seal: text }) => {
      const seal = readSeal(text);
      if (!seal) return false;
      const { chain, first, last, head } = seal;
      if (this.#behindSince.has(head)) return this.#hasRoom(deviceOfChain(chain));
      const parted = this.#partedFrom.get(chain);
      if (parted !== undefined && first <= Math.max(parted, own.get(chain)?.next ?? 0))
        return this.#hasRoom(deviceOfChain(chain));
      const next = nextByChain.get(chain) ?? -1;
      if (first > next) return false;
      nextByChain.set(chain, Math.max(next, last + 1));
      return true;
    });
  }

  #hasRoom(device: string): boolean {
    const own = this.#replica.branches().filter(({ chain }) => deviceOfChain(chain) === device);
    return own.length < apartPerDeviceMax;
  }

  #want(key: string, from: number): void {
    if (key.includes("@")) this.#send({ type: "want", chain: key, from });
    else this.#send({ type: "want-branch", head: key });
  }

  #chainsBehind(): { chain: string; from: number }[] {
    const own = this.#replica.heads();
    return [...this.#there].flatMap(([chain, { next }]) => {
      const from = own.get(chain)?.next ?? 0;
      return next > from ? [{ chain, from }] : [];
    });
  }

  #branchesMissing(): string[] {
    return this.#branchesThere.filter((head) => !this.#replica.hasBranch(head));
  }
}

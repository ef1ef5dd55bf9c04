import { type KeptState, keepState } from "./kept-state.ts";
import { countOf, type LoadedLedger } from "./loaded-ledger.ts";
import { type ReplicaStore, StoreFault } from "./ports.ts";
import type { Timers } from "./timers.ts";

export interface StateKeeperDeps {
  store: Pick<ReplicaStore, "read">;
  kept: KeptState | undefined;
  timers: Timers;
  loaded(): LoadedLedger;
  /** whether nothing is under way that may change it */
  isIdle(): boolean;
}

const lookEveryMs = 15_000;
const sliceRestMs = 4;
/** Fewer operations than this are folded faster than anybody notices. */
const grownLeast = 1000;
const grownShare = 0.02;

/**
 * Writes the folded state as pages once it grew by enough and nobody has done anything for a while, a
 * slice at a time; gives up at once when somebody does something.
 */
export class StateKeeper {
  readonly #deps: StateKeeperDeps;
  #cancel = () => {};
  #quietSince = "";
  #isClosed = false;

  constructor(deps: StateKeeperDeps) {
    this.#deps = deps;
    if (deps.kept) this.#lookLater();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** For whoever is about to close: all at once, when it grew by enough. */
  async keepNow(): Promise<boolean> {
    while (!this.#deps.isIdle()) await this.#pause();
    return this.#keep(async () => this.#deps.isIdle());
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#deps.timers.after(lookEveryMs, () => {
      void this.#look().finally(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    const now = this.#fingerprint();
    const isQuiet = now === this.#quietSince;
    this.#quietSince = now;
    if (isQuiet) await this.#keep(() => this.#rest(now));
  }

  /** What is looked at and changes nothing is waited for. */
  async #rest(before: string): Promise<boolean> {
    do await this.#pause();
    while (!this.#isClosed && !this.#deps.isIdle());
    return !this.#isClosed && this.#fingerprint() === before;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.timers.after(sliceRestMs, resolve);
    });
  }

  /** Another one after every change. */
  #fingerprint(): string {
    const { ledger, lengths, loose } = this.#deps.loaded();
    const elements = [...lengths.values()].reduce((sum, length) => sum + length, 0);
    const counts = [countOf({ ledger }), ledger.authorityTexts.length, elements, ledger.apart.size];
    return [...counts, loose.runs().length].join();
  }

  async #keep(rest: () => Promise<boolean>): Promise<boolean> {
    const { kept, store } = this.#deps;
    const loaded = this.#deps.loaded();
    const operations = countOf(loaded);
    const grown = operations - loaded.keptOperations;
    if (!kept || grown < Math.max(grownLeast, operations * grownShare)) return false;
    try {
      const isSame = async () => (await rest()) && this.#deps.loaded() === loaded;
      const isKept = await keepState({ loaded, store, kept, rest: isSame });
      if (isKept) loaded.keptOperations = operations;
      return isKept;
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      // What cannot be kept is folded again; the disk is not troubled with the same once more.
      loaded.keptOperations = operations;
      return false;
    }
  }
}

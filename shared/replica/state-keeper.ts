import { type KeptState, keepState } from "./kept-state.ts";
import { countOf, type LoadedLedger } from "./loaded-ledger.ts";
import { type ReplicaStore, StoreFault } from "./ports.ts";
import type { Timers } from "./timers.ts";

export interface StateKeeperDeps {
  store: Pick<ReplicaStore, "read">;
  kept: KeptState | undefined;
  timers: Timers;
  loaded(): LoadedLedger;
  /** another number after every change, and none while one is under way; see `Mailbox.moment` */
  moment(): number | undefined;
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
  #quietSince: number | undefined;
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
  keepNow(): Promise<boolean> {
    const moment = this.#deps.moment();
    return this.#keep(async () => this.#deps.moment() === moment);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#deps.timers.after(lookEveryMs, () => {
      void this.#look().finally(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    const moment = this.#deps.moment();
    const isQuiet = moment !== undefined && moment === this.#quietSince;
    this.#quietSince = moment;
    if (isQuiet) await this.#keep(() => this.#rest(moment));
  }

  async #rest(moment: number): Promise<boolean> {
    await new Promise<void>((resolve) => {
      this.#deps.timers.after(sliceRestMs, resolve);
    });
    return !this.#isClosed && this.#deps.moment() === moment;
  }

  async #keep(rest: () => Promise<boolean>): Promise<boolean> {
    const { kept, store } = this.#deps;
    const loaded = this.#deps.loaded();
    const operations = countOf(loaded);
    const grown = operations - loaded.keptOperations;
    if (!kept || grown < Math.max(grownLeast, operations * grownShare)) return false;
    try {
      const isKept = await keepState({ loaded, store, kept, rest });
      if (isKept) loaded.keptOperations = operations;
      return isKept;
    } catch (fault) {
      // What cannot be kept is folded again.
      if (fault instanceof StoreFault) return false;
      throw fault;
    }
  }
}

import type { ChainId } from "../../shared/journal/operation.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";

export interface ImportGateDeps {
  clock: Clock;
  /** sequence of the next operation of a chain here */
  nextOf(chain: ChainId): number;
  /** Resolves when a version of what is here now is whole, or cannot be had; it does not throw. */
  versionBefore(): Promise<void>;
}

/** Imports that open within this time share the version before the first of them. */
const sharedMs = 60_000;

/**
 * Holds back the run that opens an import until there is a version from before it, and with it whatever
 * follows in its chain. What other chains bring goes on meanwhile. A version that cannot be had, as on a
 * full disk, holds nothing up for ever: what a device recorded is never refused for that.
 */
export class ImportGate {
  readonly #deps: ImportGateDeps;
  readonly #held = new Map<ChainId, Promise<void>>();
  #last: { atMs: number; done: Promise<void> } | undefined;

  constructor(deps: ImportGateDeps) {
    this.#deps = deps;
  }

  /** @returns what has to be waited for before this run may be let in; nothing for nearly all */
  pass(run: Run): Promise<void> | undefined {
    const opens = run.operations.some((text) => text.includes('"kind":"ImportOpened"'));
    if (!opens && this.#held.size === 0) return undefined;
    const { chain = "", last = -1 } = readSeal(run.seal) ?? {};
    const held = this.#held.get(chain);
    if (held || !opens || last < this.#deps.nextOf(chain)) return held;
    const waiting = this.#version().finally(() => this.#held.delete(chain));
    this.#held.set(chain, waiting);
    return waiting;
  }

  #version(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    const ageMs = nowMs - (this.#last?.atMs ?? Number.NEGATIVE_INFINITY);
    if (this.#last && ageMs >= 0 && ageMs < sharedMs) return this.#last.done;
    this.#last = { atMs: nowMs, done: this.#deps.versionBefore() };
    return this.#last.done;
  }
}

import type { AuthorityState } from "../access/authority-state.ts";
import type { ChainId } from "../journal/operation.ts";
import type { Clock, Signatures } from "../journal/ports.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { ReplicaStore } from "./ports.ts";
import {
  type OwnState,
  type Refilled,
  type ServerFinding,
  serverLacked,
  type WatchState,
  watchServer,
  watchSettings,
} from "./server-watch.ts";

export interface WatcherDeps {
  store: ReplicaStore;
  signatures: Signatures;
  clock: Clock;
  authority: () => AuthorityState;
  chain: ChainId;
  own: () => OwnState;
  changed: () => void;
}

/** Remembers what the server signed, and what it was caught at; durable with the books. */
export class ServerWatcher {
  readonly #deps: WatcherDeps;
  #watch: WatchState;

  constructor(deps: WatcherDeps, watch: WatchState) {
    this.#deps = deps;
    this.#watch = watch;
  }

  finding(): ServerFinding | undefined {
    return this.#watch.finding;
  }

  /** How many operations of this device servers have signed to hold. */
  ownNext(): number {
    return this.#watch.ownNext;
  }

  /** The newest checkpoint of the server, as it signed it. */
  text(): string | undefined {
    return this.#watch.text;
  }

  /**
   * A checkpoint of the server: compared with the one before and with what is here, and remembered.
   * @returns its heads; none when it says nothing new or is not this server's
   */
  async receive(text: string): Promise<readonly (readonly [string, number, string])[]> {
    const { authority, signatures, own, chain } = this.#deps;
    const { term, server, devices, org } = authority();
    if (text === this.#watch.text) return [];
    const checkpoint = await readCheckpoint(text, (id) => devices.get(id)?.key, signatures);
    const isOfToday = checkpoint?.org === org && checkpoint.term === term;
    if (!checkpoint || !isOfToday || checkpoint.server !== server) return [];
    const [, shown = 0] = checkpoint.heads.find(([each]) => each === chain) ?? [];
    const ownNext = Math.max(this.#watch.ownNext, shown);
    await this.#keep(await watchServer({ ...this.#watch, ownNext }, text, checkpoint, own()));
    return checkpoint.heads;
  }

  /** What the server had once written and was given back by this device. */
  async lacked(refilled: Refilled): Promise<void> {
    if (refilled.lost.length === 0 && refilled.authority === 0) return;
    await this.#keep(serverLacked(this.#watch, refilled, this.#deps.clock.nowMs()));
  }

  async #keep(watch: WatchState): Promise<void> {
    const before = this.#watch.finding;
    this.#watch = watch;
    await this.#deps.store.commit({ settings: watchSettings(watch) }).catch(() => undefined);
    if (JSON.stringify(before) !== JSON.stringify(watch.finding)) this.#deps.changed();
  }
}

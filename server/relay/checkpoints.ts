import { summarise } from "../../shared/replica/state-hash.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { ServerMessage } from "../../shared/sync/messages.ts";
import type { Relay } from "./relay.ts";

const quietMs = 2000;
const latestMs = 15_000;
/** Above this many members a state hash would hold up everybody; heads and balance say enough. */
const hashedMembersMax = 3000;

/**
 * Signs what this server holds whenever it has been quiet for a moment, at the latest every quarter of
 * a minute while it grows, and shows it to everybody: the devices are its witnesses.
 */
export class Checkpoints {
  readonly #relay: Relay;
  readonly #timers: Timers;
  readonly #show: (text: string) => void;
  #newest: string | undefined;
  #cancelQuiet: (() => void) | undefined;
  #cancelLatest: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(relay: Relay, timers: Timers, show: (text: string) => void) {
    this.#relay = relay;
    this.#timers = timers;
    this.#show = show;
    relay.listen({ entered: () => this.#grew(), authorityGrew: () => this.#grew() });
    if (relay.authority) this.#grew();
  }

  /** Somebody came: he compares what he remembers with what there is. */
  showTo(peer: { send(message: ServerMessage): void }): void {
    if (this.#newest !== undefined) peer.send({ type: "checkpoint", text: this.#newest });
    else
      void this.#sign().then(() => {
        if (this.#newest !== undefined) peer.send({ type: "checkpoint", text: this.#newest });
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelQuiet?.();
    this.#cancelLatest?.();
    await this.#running;
  }

  #grew(): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#timers.after(quietMs, () => this.#issue());
    this.#cancelLatest ??= this.#timers.after(latestMs, () => this.#issue());
  }

  #issue(): void {
    this.#cancelQuiet?.();
    this.#cancelLatest?.();
    this.#cancelQuiet = undefined;
    this.#cancelLatest = undefined;
    this.#running = this.#running
      .then(() => this.#sign())
      .then(() => {
        if (!this.#isClosed && this.#newest !== undefined) this.#show(this.#newest);
      });
  }

  async #sign(): Promise<void> {
    if (!this.#relay.authority) return;
    const checkpoint = this.#relay.checkpoint();
    const state = checkpoint.members <= hashedMembersMax ? summarise(this.#relay.ledger).hash : "";
    this.#newest = await this.#relay.signCheckpoint({ ...checkpoint, state });
  }
}

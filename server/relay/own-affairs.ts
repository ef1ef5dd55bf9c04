import { homeDevice, purseFor } from "../../shared/access/authority-state.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { Timers } from "../../shared/replica/device-session.ts";
import type { CheckedRun } from "../../shared/replica/ledger.ts";
import { sweepHome, voidUndoneLots } from "../../shared/replica/steward.ts";
import type { DeviceReport } from "./holders.ts";
import type { Relay } from "./relay.ts";
import { isAccountedFor } from "./value-desk.ts";

const delayMs = 200;
/** Drafts in one run; each may hold some hundred lines. */
const draftsMost = 10;
const roundsMost = 10_000;

/**
 * What the server does with its own purses by itself: value goes home where a till is home, lots of
 * undone imports are taken back.
 */
export class OwnAffairs {
  readonly #relay: Relay;
  readonly #timers: Timers;
  readonly #reportOf: (device: string) => DeviceReport | undefined;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    relay: Relay,
    timers: Timers,
    reportOf: (device: string) => DeviceReport | undefined,
  ) {
    this.#relay = relay;
    this.#timers = timers;
    this.#reportOf = reportOf;
    relay.listen({
      entered: (runs) => {
        if (runs.some((run) => this.#concernsUs(run))) this.soon();
      },
      authorityGrew: () => this.soon(),
    });
    this.soon();
  }

  /** Looks again shortly. */
  soon(): void {
    this.#cancel ??= this.#timers.after(delayMs, () => {
      this.#cancel = undefined;
      this.#running = this.#running.then(() => this.settle());
    });
  }

  /** Does all there is to do now. */
  async settle(): Promise<void> {
    const { authority, device } = this.#relay;
    if (!authority) return;
    for (const store of authority.stores.keys()) {
      const chain = purseFor(authority, device, store);
      await this.#repeat(store, () => voidUndoneLots(this.#relay.ledger.books, chain));
      await this.#repeat(store, () => this.#sweep(chain));
    }
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await this.#running;
  }

  #sweep(chain: string): Drafting[] {
    const { authority, device, ledger } = this.#relay;
    if (!authority || homeDevice(authority) === device) return [];
    if (!isAccountedFor(authority, this.#relay.heads(), this.#reportOf)) return [];
    return sweepHome(ledger.books, authority, {
      device,
      chain,
      keepsAllotment: false,
      held: new Set(),
    });
  }

  async #repeat(store: string, drafting: () => Drafting[]): Promise<void> {
    for (let round = 0; round < roundsMost; round++) {
      const author = { store, staff: "", attested: true };
      const recorded = await this.#relay.record(author, () => drafting().slice(0, draftsMost));
      if (!recorded.ok || recorded.value === undefined) return;
    }
  }

  #concernsUs({ run }: CheckedRun): boolean {
    const purse = `"purse":"${this.#relay.device}@`;
    return run.operations.some(
      (text) =>
        text.includes(purse) ||
        text.includes('"kind":"ImportUndone"') ||
        text.includes('"kind":"OperationReversed"'),
    );
  }
}

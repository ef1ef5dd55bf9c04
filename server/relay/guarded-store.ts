import type { Clock } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Mailbox } from "../../shared/replica/mailbox.ts";
import { type ReplicaStore, type StoreChange, StoreFault } from "../../shared/replica/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { RaiseAlarm } from "./alarms.ts";

export interface GuardedStoreDeps {
  store: ReplicaStore;
  mailbox: Mailbox;
  clock: Clock;
  timers: Timers;
  alarm: RaiseAlarm;
  isClosed(): boolean;
}

const probeMs = 2000;

/** A store whose failures are values, told once; nothing is acknowledged until a write worked again. */
export class GuardedStore {
  readonly #deps: GuardedStoreDeps;
  #fault: StoreFault | undefined;

  constructor(deps: GuardedStoreDeps) {
    this.#deps = deps;
  }

  /** `store-full`, `store-refused` or `store-broken` while writing fails. */
  trouble(): string | undefined {
    return this.#fault && `store-${this.#fault.reason}`;
  }

  async commit(change: StoreChange): Promise<Result<void, string>> {
    try {
      await this.#deps.store.commit(change);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      this.#failing(fault);
      return refuse(`store-${fault.reason}`);
    }
    this.#recovered();
    return done(undefined);
  }

  /** Tried again every two seconds. */
  #failing(fault: StoreFault): void {
    const { alarm, timers, mailbox, clock, isClosed } = this.#deps;
    if (!this.#fault)
      alarm({ kind: "store-failing", detail: { reason: fault.reason, error: fault.message } });
    this.#fault = fault;
    timers.after(probeMs, () => {
      if (this.#fault !== fault || isClosed()) return;
      const settings = { probe: String(clock.nowMs()) };
      void mailbox.post(() => this.commit({ settings }));
    });
  }

  #recovered(): void {
    if (!this.#fault) return;
    this.#fault = undefined;
    this.#deps.alarm({ kind: "store-recovered", detail: {} });
  }
}

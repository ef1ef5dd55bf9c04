import type { Clock } from "../../shared/journal/ports.ts";
import type { Result } from "../../shared/outcome/result.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { RelayEvents } from "../relay/relay.ts";
import type { Created, CreateOptions, SnapshotRefusal } from "./create-snapshot.ts";

export interface ScheduleDeps {
  take(options: CreateOptions): Promise<Result<Created, SnapshotRefusal>>;
  /** @returns a function that stops telling */
  listen(listener: Partial<RelayEvents>): () => void;
  timers: Timers;
  clock: Clock;
  /** Takes away versions that are not kept any longer. */
  thin(): Promise<unknown>;
  /** an automatic snapshot could not be taken; it is tried again within the hour */
  onFault(fault: unknown): void;
}

/** Several entries may come at once: an invitation, its enrolment. */
const afterAuthorityMs = 2000;
const hourMs = 60 * 60 * 1000;
const thinEveryMs = 24 * hourMs;

/**
 * Takes snapshots by itself: after every change of rights, hourly while something changes, and when the
 * server stops. Rights matter most: going back must not bring back who was locked out. Once a day it
 * has thinned what is there.
 */
export class SnapshotSchedule {
  readonly #deps: ScheduleDeps;
  readonly #stopListening: () => void;
  #cancelSoon: (() => void) | undefined;
  #cancelHourly: (() => void) | undefined;
  #taking: Promise<void> = Promise.resolve();
  #thinnedMs: number | undefined;
  #isClosed = false;

  constructor(deps: ScheduleDeps) {
    this.#deps = deps;
    this.#stopListening = deps.listen({
      authorityGrew: () => this.#soon(),
      entered: () => this.#withinTheHour(),
      keysCame: () => this.#withinTheHour(),
    });
  }

  /** The last one, of what the server leaves behind; the relay must have come to rest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#cancelSoon?.();
    this.#cancelHourly?.();
    await this.#taking;
    await this.#take("server stopped");
  }

  #soon(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = this.#deps.timers.after(afterAuthorityMs, () => {
      this.#cancelSoon = undefined;
      this.#taking = this.#taking.then(() => this.#take("rights changed"));
    });
  }

  #withinTheHour(): void {
    if (this.#isClosed) return;
    this.#cancelHourly ??= this.#deps.timers.after(hourMs, () => {
      this.#cancelHourly = undefined;
      this.#taking = this.#taking.then(() => this.#take("hourly"));
    });
  }

  async #take(reason: string): Promise<void> {
    try {
      const taken = await this.#deps.take({ reason, unlessSame: true });
      if (taken.ok) return await this.#thinDaily();
      if (taken.refusal === "not-founded") return;
      this.#deps.onFault(new Error("the live store is damaged: no version is made of it"));
    } catch (fault) {
      this.#deps.onFault(fault);
    }
    this.#withinTheHour();
  }

  async #thinDaily(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    const isDue = this.#thinnedMs === undefined || nowMs - this.#thinnedMs >= thinEveryMs;
    if (this.#isClosed || !isDue) return;
    this.#thinnedMs = nowMs;
    await this.#deps.thin();
  }
}

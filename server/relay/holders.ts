import type { Heads } from "../../shared/journal/chain.ts";
import type { Timers } from "../../shared/replica/device-session.ts";
import type { Holder } from "../../shared/sync/messages.ts";

/** What a device last said of itself. */
export interface DeviceReport {
  heads: [chain: string, next: number, hash: string][];
  complete: boolean;
  persisted: boolean;
  /** in which it was said */
  term: number;
  atMs: number;
}

export interface HoldersDeps {
  timers: Timers;
  /** kept between starts */
  kept: Readonly<Record<string, DeviceReport>>;
  keep(reports: Readonly<Record<string, DeviceReport>>): Promise<void>;
  broadcast(holders: Holder[]): void;
  server(): { device: string; heads: Heads };
}

const tellEveryMs = 1000;
const keepEveryMs = 5000;

/** Who holds what, told to everybody, at most once a second. */
export class Holders {
  readonly #deps: HoldersDeps;
  readonly #reports: Map<string, DeviceReport>;
  readonly #online = new Map<string, number>();
  #cancelTell: (() => void) | undefined;
  #cancelKeep: (() => void) | undefined;

  constructor(deps: HoldersDeps) {
    this.#deps = deps;
    this.#reports = new Map(Object.entries(deps.kept));
  }

  report(device: string, report: DeviceReport): void {
    this.#reports.set(device, report);
    this.#cancelKeep ??= this.#deps.timers.after(keepEveryMs, () => void this.#keep());
    this.changed();
  }

  reportOf(device: string): DeviceReport | undefined {
    return this.#reports.get(device);
  }

  cameOnline(device: string): void {
    this.#online.set(device, (this.#online.get(device) ?? 0) + 1);
    this.changed();
  }

  wentOffline(device: string): void {
    const sockets = (this.#online.get(device) ?? 1) - 1;
    if (sockets > 0) this.#online.set(device, sockets);
    else this.#online.delete(device);
    this.changed();
  }

  changed(): void {
    this.#cancelTell ??= this.#deps.timers.after(tellEveryMs, () => {
      this.#cancelTell = undefined;
      this.#deps.broadcast(this.list());
    });
  }

  list(): Holder[] {
    const { device, heads } = this.#deps.server();
    const own = [...heads].map(([chain, { next, hash }]) => [chain, next, hash] as const);
    return [
      { device, complete: true, online: true, heads: own.map((head) => [...head]) },
      ...[...this.#reports].map(([id, { heads, complete }]) => ({
        device: id,
        complete,
        online: this.#online.has(id),
        heads,
      })),
    ];
  }

  async close(): Promise<void> {
    this.#cancelTell?.();
    this.#cancelKeep?.();
    await this.#keep();
  }

  #keep(): Promise<void> {
    this.#cancelKeep = undefined;
    return this.#deps.keep(Object.fromEntries(this.#reports));
  }
}

import type { Heads } from "../../shared/journal/chain.ts";
import { type ChainId, deviceOfChain } from "../../shared/journal/operation.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import type { Holder } from "../../shared/sync/messages.ts";

/** What a device last said of itself. */
export interface DeviceReport {
  heads: [chain: string, next: number, hash: string][];
  complete: boolean;
  persisted: boolean;
  /** chains of which it knows that more exists than it holds */
  known?: [chain: string, next: number][] | undefined;
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
  /** who has reported since this start */
  readonly #heard = new Set<string>();
  readonly #claims = new Map<ChainId, number>();
  #cancelTell: (() => void) | undefined;
  #cancelKeep: (() => void) | undefined;

  constructor(deps: HoldersDeps) {
    this.#deps = deps;
    this.#reports = new Map(Object.entries(deps.kept));
  }

  report(device: string, report: DeviceReport): void {
    this.#reports.set(device, report);
    this.#heard.add(device);
    this.#cancelKeep ??= this.#deps.timers.after(keepEveryMs, () => void this.#keep());
    this.changed();
  }

  reportOf(device: string): DeviceReport | undefined {
    return this.#reports.get(device);
  }

  /** Something is known to exist: a checkpoint of our own says so. */
  claim(chain: ChainId, next: number): void {
    this.#claims.set(chain, Math.max(next, this.#claims.get(chain) ?? 0));
  }

  hasBeenHeard(device: string): boolean {
    return this.#heard.has(device);
  }

  /** Operations that somebody says exist and that are not here, by chain. */
  missing(): Missing[] {
    const { heads } = this.#deps.server();
    const claims = new Map(this.#claims);
    const claim = (chain: ChainId, next: number) =>
      claims.set(chain, Math.max(next, claims.get(chain) ?? 0));
    for (const [device, report] of this.#reports) {
      for (const [chain, next] of report.heads)
        if (deviceOfChain(chain) === device || this.#heard.has(device)) claim(chain, next);
      for (const [chain, next] of report.known ?? []) claim(chain, next);
    }
    return [...claims].flatMap(([chain, next]) => {
      const from = heads.get(chain)?.next ?? 0;
      return next > from ? [{ chain, from, to: next - 1 }] : [];
    });
  }

  cameOnline(device: string): void {
    this.#online.set(device, (this.#online.get(device) ?? 0) + 1);
    this.changed();
  }

  /** What it said last held until now. */
  wentOffline(device: string, atMs: number): void {
    const sockets = (this.#online.get(device) ?? 1) - 1;
    if (sockets > 0) this.#online.set(device, sockets);
    else this.#online.delete(device);
    const report = this.#reports.get(device);
    if (report && sockets <= 0) {
      this.#reports.set(device, { ...report, atMs });
      this.#cancelKeep ??= this.#deps.timers.after(keepEveryMs, () => void this.#keep());
    }
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
      ...[...this.#reports].map(([id, { heads, complete, known }]) => ({
        device: id,
        complete,
        online: this.#online.has(id),
        heads,
        ...(known ? { known } : {}),
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

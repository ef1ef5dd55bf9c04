import { homeDevice, purseFor } from "../../shared/access/authority-state.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { CheckedRun } from "../../shared/replica/ledger.ts";
import { settleDebts } from "../../shared/replica/settle-debts.ts";
import { sweepHome, voidUndoneLots } from "../../shared/replica/steward.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { DeviceReport } from "./holders.ts";
import type { Relay } from "./relay.ts";
import { isAccountedFor } from "./value-desk.ts";

const delayMs = 200;
/** Drafts in one run; each may hold some hundred lines. */
const draftsMost = 10;
const roundsMost = 10_000;

/**
 * What the server does with its own purses by itself: value goes home where a till is home, lots of
 * undone imports are taken back, what is owed to them is settled from what came home.
 */
export class OwnAffairs {
  readonly #relay: Relay;
  readonly #timers: Timers;
  readonly #reportOf: ReportOf;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(relay: Relay, timers: Timers, reportOf: ReportOf) {
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
  settle(): Promise<void> {
    return settleOwnAffairs(this.#relay, this.#reportOf);
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await this.#running;
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

type ReportOf = (device: string) => DeviceReport | undefined;

/** Takes back lots of undone imports, settles debts and sends value home, as far as it lies in our purses. */
export async function settleOwnAffairs(relay: Relay, reportOf: ReportOf): Promise<void> {
  const { authority, device } = relay;
  for (const store of authority?.stores.keys() ?? []) {
    const chain = purseFor(relay.ledger.log, device, store);
    // A new term's server may be told only later that the old one had taken a lot back already.
    const isTold = () => isAccountedFor(relay.ledger.log, relay.heads(), reportOf);
    await repeat(relay, store, () => (isTold() ? voidUndoneLots(relay.ledger.books, chain) : []));
    await repeat(relay, store, () => (isTold() ? settleDebts(relay.ledger.books, chain) : []));
    await repeat(relay, store, () => sweep(relay, chain, reportOf));
  }
}

function sweep(relay: Relay, chain: string, reportOf: ReportOf): Drafting[] {
  const { ledger, device } = relay;
  if (homeDevice(ledger.log) === device) return [];
  if (!isAccountedFor(ledger.log, relay.heads(), reportOf)) return [];
  const holder = { device, chain, keepsAllotment: false, held: new Set<string>() };
  return sweepHome(ledger.books, ledger.log, holder);
}

async function repeat(relay: Relay, store: string, drafting: () => Drafting[]): Promise<void> {
  for (let round = 0; round < roundsMost; round++) {
    const author = { store, staff: "" };
    const recorded = await relay.record(author, () => drafting().slice(0, draftsMost));
    if (!recorded.ok || recorded.value === undefined) return;
  }
}

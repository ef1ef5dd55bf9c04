import { openProposals, standingOf } from "../../shared/access/proposals.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { Relay } from "./relay.ts";
import { type ReplacingDeps, settleReplacements, waitingAlarm } from "./replace-recovery.ts";

export interface ApprovalWatchDeps extends Omit<ReplacingDeps, "relay" | "nowMs"> {
  relay: Pick<Relay, "authority" | "ledger" | "sequence" | "listen">;
  timers: Timers;
  clock: { nowMs(): number };
  log: { error(facts: object, message: string): void };
  /** does what else was approved and waits for nobody any more */
  carryOut?: (() => Promise<unknown>) | undefined;
}

const lookEveryMs = 60_000;
const soonMs = 200;
const alarmAgainMs = 24 * 3_600_000;

/** A running server's eye on what was approved: it says again what only the card approved, and acts. */
export class ApprovalWatch {
  readonly #deps: ApprovalWatchDeps;
  /** wall milliseconds, by proposal */
  readonly #alarmedMs = new Map<string, number>();
  readonly #stopListening: () => void;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(deps: ApprovalWatchDeps) {
    this.#deps = deps;
    this.#stopListening = deps.relay.listen({ authorityGrew: () => this.#lookIn(soonMs) });
    this.#lookIn(soonMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#cancel?.();
    await this.#running;
  }

  #lookIn(ms: number): void {
    if (this.#isClosed) return;
    this.#cancel?.();
    this.#cancel = this.#deps.timers.after(ms, () => {
      this.#running = this.#running
        .then(() => this.look())
        .finally(() => this.#lookIn(lookEveryMs));
    });
  }

  /** Does and says all there is now. */
  async look(): Promise<void> {
    const { clock, log, carryOut } = this.#deps;
    const nowMs = clock.nowMs();
    try {
      await settleReplacements({ ...this.#deps, nowMs });
      await carryOut?.();
    } catch (error) {
      log.error({ error: String(error) }, "what was approved was not done");
    }
    this.#remind(nowMs);
  }

  /** Once a day and after every start: whoever did not see it the first time may still withdraw it. */
  #remind(nowMs: number): void {
    const { relay, alarm } = this.#deps;
    const { authority } = relay;
    if (!authority) return;
    for (const proposal of openProposals(authority)) {
      const { approval, id } = proposal;
      const isAlone = typeof approval?.by === "string";
      const standing = standingOf(authority, proposal, nowMs);
      const untilMs = standing.is === "waiting-until" ? standing.untilMs : approval?.untilMs;
      if (untilMs === undefined || !(isAlone || standing.is === "waiting-until")) continue;
      const lastMs = this.#alarmedMs.get(id);
      if (lastMs !== undefined && nowMs - lastMs < alarmAgainMs) continue;
      this.#alarmedMs.set(id, nowMs);
      alarm(waitingAlarm(proposal, untilMs));
    }
  }
}

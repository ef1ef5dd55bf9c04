import { Unreachable } from "../sync/server-api.ts";
import { bringLog, bringLostEntries } from "./bring-log.ts";
import { handOverLeftovers } from "./hand-over-leftovers.ts";
import {
  heirOf,
  type SucceedDeps,
  type SuccessionPort,
  succeedItself,
  takeLog,
} from "./succeed-itself.ts";

/** A server that was put back takes nothing at first. */
const bringEveryMs = 5000;

export const tryAgain = "try-again";

/** Why a device is not let in, or goes on no further under its identity. */
export type StandingReason =
  | "not-admitted"
  /** a recovery left behind the entry that enrolled it: the owner has not given it again */
  | "awaiting-owner"
  /** something was settled: it may be let in now */
  | typeof tryAgain
  | "server-older"
  | "identity-in-doubt"
  | "identity-renewed"
  | (string & {});

/**
 * Finds out why the server does not let this device in, hands over what it still has, and lets it go on
 * under a new identity where its own is in doubt.
 */
export class IdentityKeeper {
  readonly #deps: Omit<SucceedDeps, "succession"> & { succession?: SuccessionPort | undefined };
  #isSucceeding = false;
  #isBringing = false;
  #broughtMs = Number.NEGATIVE_INFINITY;
  #handedOver = 0;

  constructor(deps: Omit<SucceedDeps, "succession"> & { succession?: SuccessionPort | undefined }) {
    this.#deps = deps;
  }

  /**
   * The server's log says whether somebody replaced or froze this device.
   * @returns undefined while a succession is under way
   * @throws Unreachable
   */
  async whyNotAdmitted(): Promise<StandingReason | undefined> {
    const { replica } = this.#deps;
    const log = await takeLog(this.#deps);
    if (log.ok && log.value.isAdopted) return tryAgain;
    if (!log.ok && log.refusal === "not-accepted") {
      if (await this.#isExpected()) return this.renew();
      // It does not know us, perhaps because it lacks what enrolled us.
      const brought = await bringLog(this.#deps);
      if (brought === "taken") return tryAgain;
      if (brought === "awaiting-owner") return brought;
    }
    if (log.ok && replica.trouble()) return this.renew();
    const own = replica.authority.devices.get(replica.device);
    if (own?.closed || !log.ok) await this.#handOver();
    if (own?.closed) return "not-admitted";
    // It holds fewer changes of rights than we do: an older copy was put in its place.
    return log.ok || log.refusal === "server-older" ? "server-older" : "not-admitted";
  }

  /**
   * The server's log does not go on from ours.
   * @param otherwise what that means, unless the recovery key opened the server's anew
   * @throws Unreachable
   */
  async whyParted(otherwise: StandingReason): Promise<StandingReason> {
    const log = await takeLog(this.#deps);
    return log.ok && log.value.isAdopted ? tryAgain : otherwise;
  }

  /** The server is told what a recovery left behind; asked again while there is something. */
  async bringLostEntries(): Promise<void> {
    const { clock, replica } = this.#deps;
    if (this.#isBringing || replica.lostEntries().length === 0) return;
    if (clock.nowMs() - this.#broughtMs < bringEveryMs) return;
    this.#isBringing = true;
    this.#broughtMs = clock.nowMs();
    await bringLostEntries(this.#deps)
      .catch((fault: unknown) => {
        if (!(fault instanceof Unreachable)) throw fault;
      })
      .finally(() => {
        this.#isBringing = false;
      });
  }

  /**
   * @returns undefined while a succession is under way
   * @throws Unreachable
   */
  async renew(): Promise<StandingReason | undefined> {
    const { succession } = this.#deps;
    if (this.#isSucceeding) return undefined;
    if (!succession) return "identity-in-doubt";
    this.#isSucceeding = true;
    try {
      const succeeded = await succeedItself({ ...this.#deps, succession });
      if (succeeded.ok) return "identity-renewed";
      return succeeded.refusal === "replaced" ? "not-admitted" : succeeded.refusal;
    } finally {
      this.#isSucceeding = false;
    }
  }

  /** A key that was made here is let in, in our place: the answer to its entry did not reach us. */
  async #isExpected(): Promise<boolean> {
    const { replica, succession } = this.#deps;
    const pending = await succession?.pendingSigner();
    if (!pending) return false;
    await takeLog({ ...this.#deps, signer: pending });
    return heirOf(replica, pending) !== undefined;
  }

  /** What was recorded here is kept by the server even now; told once. */
  async #handOver(): Promise<void> {
    const count = this.#deps.replica.looseRuns().length;
    if (count === this.#handedOver) return;
    const kept = await handOverLeftovers(this.#deps);
    if (kept === count) this.#handedOver = count;
  }
}

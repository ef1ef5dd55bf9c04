import { handOverLeftovers } from "./hand-over-leftovers.ts";
import { type SucceedDeps, type SuccessionPort, succeedItself, takeLog } from "./succeed-itself.ts";

/** Why a device is not let in, or goes on no further under its identity. */
export type StandingReason =
  | "not-admitted"
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
    if (log.ok && replica.trouble()) return this.renew();
    const own = replica.authority.devices.get(replica.device);
    if (own?.closed || !log.ok) await this.#handOver();
    if (own?.closed) return "not-admitted";
    // It holds fewer changes of rights than we do: an older copy was put in its place.
    return log.ok ? "server-older" : "not-admitted";
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

  /** What was recorded here is kept by the server even now; told once. */
  async #handOver(): Promise<void> {
    const count = this.#deps.replica.looseRuns().length;
    if (count === this.#handedOver) return;
    const kept = await handOverLeftovers(this.#deps);
    if (kept === count) this.#handedOver = count;
  }
}

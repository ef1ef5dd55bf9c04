import type { ChainId } from "../../shared/journal/operation.ts";
import type { Result } from "../../shared/outcome/result.ts";

/** Who calls, as it says itself, and what it says that it holds: the sequence after the last by chain. */
export interface CallingDevice {
  device: string;
  heads: readonly (readonly [ChainId, number])[];
}

/** A server that holds nothing but the recovery key, waiting for a device to bring the rest. */
export interface RecoveryDesk {
  /** Proof for a device that this server was started by the owner. */
  prove(org: string, nonce: string): Promise<string>;
  /**
   * Takes over a device's authority log and opens the next term.
   * @param seals the last of each of the old servers' chains: what a server signed cannot be inflated
   */
  adopt(
    entries: readonly string[],
    seals: readonly string[],
    caller?: CallingDevice,
  ): Promise<Result<void, string>>;
}

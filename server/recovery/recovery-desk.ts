import type { Result } from "../../shared/outcome/result.ts";

/** A server that holds nothing but the recovery key, waiting for a device to bring the rest. */
export interface RecoveryDesk {
  /** Proof for a device that this server was started by the owner. */
  prove(org: string, nonce: string): Promise<string>;
  /**
   * Takes over a device's authority log and opens the next term.
   * @param seals the last of each of the old servers' chains: what a server signed cannot be inflated
   */
  adopt(entries: readonly string[], seals: readonly string[]): Promise<Result<void, string>>;
}

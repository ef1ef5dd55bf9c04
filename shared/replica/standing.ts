import type { Device } from "../access/authority-state.ts";
import type { Heads } from "../journal/chain.ts";
import type { ChainId } from "../journal/operation.ts";

/**
 * Why a device must not go on under its identity: `copied`, somebody else recorded under it too;
 * `put-back`, it holds operations of its own that it never recorded, so its storage is an older copy;
 * `lost`, operations that it did record are gone, here and at the server.
 */
export type IdentityTrouble = "copied" | "put-back" | "lost";

export interface OwnHistory {
  device: Device | undefined;
  /** what is here of the own chain */
  next: number;
  /** how many operations this device knows to have recorded */
  recordedNext: number;
  /** how many operations of this device servers have signed to hold */
  shownNext: number;
  /** a run of the own chain stands apart */
  isForked: boolean;
}

/**
 * Judged by what is sealed or signed alone, so that nobody believes on a mere word that he was copied.
 * @param server what the server holds, once everything that it offers is here; undefined without contact
 */
export function identityTrouble(
  { device, next, recordedNext, shownNext, isForked }: OwnHistory,
  chain: ChainId,
  server: Heads | undefined,
): IdentityTrouble | undefined {
  if (isForked || device?.closed?.why === "stopped") return "copied";
  if (next > recordedNext) return "put-back";
  const known = Math.max(recordedNext, shownNext);
  if (server && known > Math.max(next, server.get(chain)?.next ?? 0)) return "lost";
  return undefined;
}

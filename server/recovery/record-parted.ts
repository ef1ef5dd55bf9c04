import type { Signer } from "../../shared/journal/ports.ts";
import type { LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { Relay } from "../relay/relay.ts";
import type { RecoverPlatform } from "./build-aside.ts";
import type { ChosenLog } from "./offered-logs.ts";

/**
 * What other authority logs say since they parted from ours is kept in ours, as if a device had brought
 * it: what it restricts is in force at once, what it grants waits for the owner.
 * @returns how many entries
 */
export async function recordParted(
  loaded: LoadedLedger,
  parted: ChosenLog["parted"],
  {
    store,
    device,
    signer,
    clock,
    signatures,
  }: Pick<RecoverPlatform, "clock" | "signatures"> & {
    store: ReplicaStore;
    device: string;
    signer: Signer;
  },
): Promise<number> {
  if (parted.length === 0) return 0;
  const timers = { after: () => () => undefined };
  const alarm = () => undefined;
  const before = loaded.ledger.log.lost.size;
  const relay = new Relay({ store, clock, timers, signatures, device, signer, alarm }, loaded, []);
  for (const { log, common } of parted)
    await relay.log.take(log.state.heads[common - 1] ?? "", log.entries.slice(common));
  return loaded.ledger.log.lost.size - before;
}

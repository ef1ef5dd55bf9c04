import type { Signatures, Signer } from "../../shared/journal/ports.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import type { Relay } from "../relay/relay.ts";
import type { SnapshotSource } from "./create-snapshot.ts";

/** A running server. It goes on accepting while a snapshot is taken of it. */
export const sourceOfRelay = (
  relay: Relay,
  { store, signer }: { store: ReplicaStore; signer: Signer },
): SnapshotSource => ({
  cut: () => ({ ledger: relay.ledger, documents: relay.documents() }),
  read: (name, from, most) => store.read(name, from, most),
  keys: () => relay.keyring.entries(),
  device: relay.device,
  signer,
});

/**
 * A server that is not running, from its store.
 * @throws Error when the stored authority log does not check
 */
export async function sourceOfStore(
  store: ReplicaStore,
  identity: { device: string; signer: Signer },
  { signatures, nowMs }: { signatures: Signatures; nowMs: number },
): Promise<SnapshotSource> {
  const state = await store.load();
  const { documents, keys } = state;
  const { ledger } = await loadLedger(store, state, signatures, nowMs);
  return {
    cut: () => ({ ledger, documents }),
    read: (name, from, most) => store.read(name, from, most),
    keys: () => keys,
    ...identity,
  };
}

import { fromBase64Url } from "../../shared/journal/bytes.ts";
import { RunningHash } from "../../shared/journal/chain.ts";
import {
  type ChainId,
  chainOf,
  deviceOfChain,
  readOperation,
} from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal, sealedBytes } from "../../shared/journal/seal.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { OperationPlaces } from "../../shared/replica/operation-places.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";

/** A run that contradicts what is known of its chain. */
export interface Fork {
  chain: ChainId;
  first: number;
  last: number;
  head: string;
  run: Run;
}

/** Keeps forked branches apart, both sides of them readable. */
export interface ForkShelf {
  /** @returns false when this branch is there already, or its device has filled its share */
  keep(fork: Fork): Promise<boolean>;
}

/**
 * Whether a run is what its device sealed, whatever we hold of its chain: only then a contradiction
 * is a fork, and not just somebody's noise.
 */
export async function isSealedByItsDevice(
  run: Run,
  ledger: Ledger,
  signatures: Signatures,
): Promise<boolean> {
  const seal = readSeal(run.seal);
  const prev = seal && fromBase64Url(seal.prev);
  if (!seal || !prev || seal.org !== ledger.log.org) return false;
  if (seal.last - seal.first + 1 !== run.operations.length) return false;
  const hash = new RunningHash(prev);
  for (const [index, text] of run.operations.entries()) {
    const operation = readOperation(text);
    if (!operation || chainOf(operation) !== seal.chain || operation.seq !== seal.first + index)
      return false;
    hash.add(text);
  }
  if (hash.toString() !== seal.head) return false;
  const key = ledger.log.devices.get(deviceOfChain(seal.chain))?.key ?? "";
  return signatures.verify(key, sealedBytes(seal), seal.sig);
}

/** Whether operations that are known by number are also the same. */
export async function isResend(
  run: Run,
  { store, places }: { store: ReplicaStore; places: OperationPlaces },
): Promise<boolean> {
  const seal = readSeal(run.seal);
  if (!seal) return false;
  for (let seq = seal.first; seq <= seal.last; ) {
    const place = places.find(`${seal.chain}:${seq}`);
    if (!place) return false;
    const last = Math.min(place.last, seal.last);
    const stored = await store.read(place.document, place.at + seq - place.first, last - seq + 1);
    for (const text of stored) {
      if (text !== run.operations[seq - seal.first]) return false;
      seq++;
    }
    if (stored.length === 0) return false;
  }
  return true;
}

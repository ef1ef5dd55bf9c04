import type { DocumentName } from "../documents/document-name.ts";
import { fromBase64Url } from "../journal/bytes.ts";
import { RunningHash } from "../journal/chain.ts";
import { type ChainId, chainOf, deviceOfChain, readOperation } from "../journal/operation.ts";
import type { Signatures } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import { readSeal, sealedBytes } from "../journal/seal.ts";
import type { Ledger } from "./ledger.ts";

/**
 * A run that contradicts what counts at its place in its chain: it is one of two histories of the same
 * device. Kept and relayed like every run, shown, and counted for nothing.
 */
export interface Branch {
  chain: ChainId;
  first: number;
  last: number;
  /** chain hash before and after it */
  prev: string;
  head: string;
  /** empty for a loose run, which `seal` then finds */
  document: DocumentName;
  at: number;
  seal: string;
}

/** All runs that stand apart, by the hash that they lead to. */
export class Branches {
  readonly #byHead = new Map<string, Branch>();

  /** @returns false when it is known already */
  add(branch: Branch): boolean {
    const known = this.#byHead.get(branch.head);
    if (known && (known.document !== "" || branch.document === "")) return false;
    this.#byHead.set(branch.head, branch);
    return known === undefined;
  }

  get(head: string): Branch | undefined {
    return this.#byHead.get(head);
  }

  has(head: string): boolean {
    return this.#byHead.has(head);
  }

  get size(): number {
    return this.#byHead.size;
  }

  list(): Branch[] {
    return [...this.#byHead.values()].sort((a, b) => (a.head < b.head ? -1 : 1));
  }

  of(device: string): Branch[] {
    return this.list().filter(({ chain }) => deviceOfChain(chain) === device);
  }
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

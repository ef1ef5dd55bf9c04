import { hashBehind, hashBytes, toBase64Url, utf8 } from "./bytes.ts";
import type { ChainId } from "./operation.ts";

/** Where a chain stands: how many operations it has and the hash over all of them. */
export interface ChainHead {
  /** sequence of the next operation; 0 for an empty chain */
  next: number;
  /** SHA-256 over everything so far, 43 characters of base64url */
  hash: string;
}

/** What a replica holds, by chain. */
export type Heads = ReadonlyMap<ChainId, ChainHead>;

/** A chain's hash while it is being followed; bytes, to spare a base64 round per operation. */
export class RunningHash {
  #hash: Uint8Array;

  constructor(hash: Uint8Array) {
    this.#hash = hash;
  }

  static start(org: string, chain: ChainId): RunningHash {
    return new RunningHash(hashBytes(utf8(`youbei-chain-v1\n${org}\n${chain}`)));
  }

  add(operationText: string): void {
    this.#hash = hashBehind(this.#hash, operationText);
  }

  copy(): RunningHash {
    return new RunningHash(this.#hash);
  }

  bytes(): Uint8Array {
    return this.#hash;
  }

  toString(): string {
    return toBase64Url(this.#hash);
  }
}

import { fromBase64Url } from "../../shared/journal/bytes.ts";
import {
  type ChainId,
  deviceOfChain,
  type Operation,
  refOf,
  splitRef,
} from "../../shared/journal/operation.ts";
import { hashOfKey } from "../../shared/members/member-fields.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";

export type KeyEntry = [member: MemberId, key: string];

/** What a keyring asks of the journal. */
export interface KeyringFacts {
  /** what the books say of a member's key; undefined while the member is not counted */
  hashOf(member: MemberId): string | undefined;
  /** sequence of the next operation of a chain to come */
  nextOf(chain: ChainId): number;
  /** whether there can be operations of a chain at all */
  isKnown(chain: ChainId): boolean;
}

const keysPerPage = 4000;
/**
 * How far ahead of its chain's head a member's key may come, in operations: from the device that adds
 * the member, more than an import of 100,000 that was made without network; from one that carries
 * another's runs, more than it has on their way at a time.
 */
const ownAheadMax = 110_000;
const othersAheadMax = 10_000;

/**
 * Keys of members in the order in which they came, so that a device reads on from where it stopped.
 * Which key is right is told by the hash in the operation that adds the member. Before that operation
 * is here there is nothing to tell a key from noise: then only those that can be needed soon are kept,
 * one for each member and one more in its place.
 */
export class Keyring {
  readonly #entries: KeyEntry[];
  readonly #keyByMember: Map<MemberId, string>;
  /** members whose key was given in place of another */
  readonly #replaced = new Set<MemberId>();
  readonly #facts: KeyringFacts;

  constructor(entries: readonly KeyEntry[], facts: KeyringFacts) {
    this.#entries = [];
    this.#keyByMember = new Map();
    this.#facts = facts;
    this.add(entries);
  }

  get total(): number {
    return this.#entries.length;
  }

  entries(): readonly KeyEntry[] {
    return this.#entries;
  }

  /** Whether the key that an operation needs is here; true for one that needs none. */
  covers(operation: Operation): boolean {
    const hash = keyHashOf(operation);
    if (hash === undefined) return true;
    const key = this.#keyByMember.get(refOf(operation));
    return key !== undefined && hashOf(key) === hash;
  }

  /** Whether the right key of a member is here. */
  holds(member: MemberId): boolean {
    const key = this.#keyByMember.get(member);
    return key !== undefined && hashOf(key) === this.#facts.hashOf(member);
  }

  /**
   * Which of the keys that a device offers are worth keeping: the right one of a known member; for a
   * member yet to come, the first, and one in its place from the device that adds the member.
   * @returns `isTooFar` when some are of members too far ahead of what is here: to be put again later
   */
  worthKeeping(
    offered: readonly KeyEntry[],
    from: string,
  ): { keys: KeyEntry[]; isTooFar: boolean } {
    const nextByChain = new Map<ChainId, number>();
    const kept = new Map<MemberId, string>();
    let isTooFar = false;
    for (const [member, key] of offered) {
      if (this.#keyByMember.get(member) === key || kept.has(member)) continue;
      if (fromBase64Url(key)?.length !== 32) continue;
      const hash = this.#facts.hashOf(member);
      if (hash !== undefined && hashOf(key) === hash) kept.set(member, key);
      if (hash !== undefined || !this.#isOpen(member, from)) continue;
      const { chain, seq } = splitRef(member);
      const next = nextByChain.get(chain) ?? this.#facts.nextOf(chain);
      nextByChain.set(chain, next);
      const aheadMax = deviceOfChain(chain) === from ? ownAheadMax : othersAheadMax;
      if (seq - next > aheadMax) isTooFar = true;
      else kept.set(member, key);
    }
    return { keys: [...kept], isTooFar };
  }

  /** Whether a key of a member yet to come may still be given by a device. */
  #isOpen(member: MemberId, from: string): boolean {
    const { chain, seq } = splitRef(member);
    if (member !== `${chain}:${seq}` || !this.#facts.isKnown(chain)) return false;
    if (!this.#keyByMember.has(member)) return true;
    return deviceOfChain(chain) === from && !this.#replaced.has(member);
  }

  add(entries: readonly KeyEntry[]): void {
    for (const [member, key] of entries) {
      if (this.#keyByMember.has(member)) this.#replaced.add(member);
      this.#entries.push([member, key]);
      this.#keyByMember.set(member, key);
    }
  }

  page(from: number): KeyEntry[] {
    return this.#entries.slice(from, from + keysPerPage);
  }
}

function keyHashOf(operation: Operation): string | undefined {
  const hash = operation.kind === "MemberAdded" ? operation.body["keyHash"] : undefined;
  return typeof hash === "string" ? hash : undefined;
}

function hashOf(key: string): string | undefined {
  const bytes = fromBase64Url(key);
  return bytes ? hashOfKey(bytes) : undefined;
}

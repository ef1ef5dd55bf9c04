import { fromBase64Url } from "../../shared/journal/bytes.ts";
import { deviceOfChain, type Operation, refOf, splitRef } from "../../shared/journal/operation.ts";
import { hashOfKey } from "../../shared/members/member-fields.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";

export type KeyEntry = [member: MemberId, key: string];

const keysPerPage = 4000;

/**
 * Keys of members in the order in which they came, so that a device reads on from where it stopped.
 * Which key is right is told by the hash in the operation that adds the member.
 */
export class Keyring {
  readonly #entries: KeyEntry[];
  readonly #keyByMember: Map<MemberId, string>;
  readonly #hashOf: (member: MemberId) => string | undefined;

  /** @param hashOf what the books say of a member's key; undefined while the member is not counted */
  constructor(entries: readonly KeyEntry[], hashOf: (member: MemberId) => string | undefined) {
    this.#entries = [...entries];
    this.#keyByMember = new Map(entries);
    this.#hashOf = hashOf;
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
    return key !== undefined && hashOf(key) === this.#hashOf(member);
  }

  /**
   * Which of the keys that a device offers are worth keeping: the right one of a known member; for a
   * member yet to come, any from the device that adds it, and the first from another.
   */
  worthKeeping(offered: readonly KeyEntry[], from: string): KeyEntry[] {
    return offered.filter(([member, key]) => {
      const hash = this.#hashOf(member);
      const here = this.#keyByMember.get(member);
      if (here === key || fromBase64Url(key)?.length !== 32) return false;
      if (hash !== undefined) return hashOf(key) === hash;
      return here === undefined || deviceOfChain(splitRef(member).chain) === from;
    });
  }

  add(entries: readonly KeyEntry[]): void {
    for (const [member, key] of entries) {
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

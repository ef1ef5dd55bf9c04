import type { MemberId } from "../members/member-kinds.ts";
import type { DeviceMessage, ServerMessage } from "../sync/messages.ts";
import type { DeviceReplica } from "./device-replica.ts";

const keysPerMessage = 1000;
const lackingSetting = "keys-lacking";

/**
 * Keeps the keyring here and the one at the server the same. The server's is read on from where we
 * stopped; what it lacks is found by counting, and put before any run that needs it.
 */
export class KeyExchange {
  readonly #replica: DeviceReplica;
  readonly #remember: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
  };
  readonly #send: (message: DeviceMessage) => void;
  readonly #newId: () => number;
  readonly #putsById = new Map<number, MemberId[]>();
  readonly #putting = new Set<MemberId>();
  readonly #known = new Set<MemberId>();
  /** keys that the server could not take: offered again at the next beat */
  readonly #refused = new Set<MemberId>();
  #generation = 0;
  #position = 0;
  #total: number | undefined;
  #readingAll = false;

  constructor(
    replica: DeviceReplica,
    remember: { get(name: string): string | undefined; set(name: string, value: string): void },
    send: (message: DeviceMessage) => void,
    newId: () => number,
  ) {
    this.#replica = replica;
    this.#remember = remember;
    this.#send = send;
    this.#newId = newId;
  }

  start(): void {
    const [generation, position] = (this.#remember.get("keyring") ?? "0:0").split(":").map(Number);
    this.#generation = generation ?? 0;
    this.#position = position ?? 0;
    this.#send({ type: "keys-get", generation: this.#generation, from: this.#position });
  }

  reset(): void {
    this.#putsById.clear();
    this.#putting.clear();
    this.#known.clear();
    this.#refused.clear();
    this.#total = undefined;
    this.#readingAll = false;
  }

  isIdle(): boolean {
    const isAllSent = this.#putsById.size === 0 && this.#refused.size === 0;
    return this.#total !== undefined && this.#position >= this.#total && isAllSent;
  }

  /** Whether the server is known to hold a member's key, or has been given it on this connection. */
  isThere(member: MemberId): boolean {
    return this.#known.has(member);
  }

  /** The server could not take keys; runs that need them must wait for the next try. */
  refused(id: number): void {
    for (const member of this.#putsById.get(id) ?? []) {
      this.#putting.delete(member);
      this.#refused.add(member);
    }
    this.#putsById.delete(id);
  }

  /** Once a second: its disk may have room again. */
  beat(): void {
    const again = [...this.#refused];
    this.#refused.clear();
    this.put(again);
  }

  put(members: readonly MemberId[]): void {
    const keys = members
      .filter((member) => !this.#known.has(member) && !this.#putting.has(member))
      .flatMap((member) => {
        const key = this.#replica.keyText(member);
        return key === undefined ? [] : [[member, key] as [MemberId, string]];
      });
    for (let at = 0; at < keys.length; at += keysPerMessage) {
      const part = keys.slice(at, at + keysPerMessage);
      const id = this.#newId();
      this.#putsById.set(
        id,
        part.map(([member]) => member),
      );
      for (const [member] of part) this.#putting.add(member);
      this.#send({ type: "keys-put", id, keys: part });
    }
  }

  async take(message: ServerMessage): Promise<void> {
    if (message.type === "keys-accepted") {
      for (const member of this.#putsById.get(message.id) ?? []) {
        this.#known.add(member);
        this.#putting.delete(member);
      }
      this.#putsById.delete(message.id);
      return;
    }
    if (message.type !== "keys") return;
    const { generation, from, total, keys } = message;
    // What does not go on from where we stand, or begin anew, would only move us past what we lack.
    if (from > (generation === this.#generation ? this.#position : 0)) return;
    await this.#replica.receiveKeys(keys);
    const wrongThere: MemberId[] = [];
    for (const [member, key] of keys)
      if (this.#replica.keyText(member) === key) this.#known.add(member);
      else if (this.#replica.keyring.keyOf(member)) wrongThere.push(member);
    this.put(wrongThere);
    this.#generation = generation;
    this.#position = Math.max(from + keys.length, generation === this.#generation ? 0 : from);
    this.#total = total;
    this.#remember.set("keyring", `${generation}:${this.#position}`);
    if (this.#position < total && keys.length > 0)
      this.#send({ type: "keys-get", generation, from: this.#position });
    else this.#readToTheEnd();
  }

  /** What is missing now that all was read may have come when something wrong stood in its place. */
  #readToTheEnd(): void {
    const lacking = String(this.#replica.keyring.lacking());
    const isKnown = lacking === (this.#remember.get(lackingSetting) ?? "0");
    this.#remember.set(lackingSetting, lacking);
    if (isKnown || lacking === "0") this.#compare();
    else {
      this.#position = 0;
      this.#send({ type: "keys-get", generation: this.#generation, from: 0 });
    }
  }

  /** Fewer keys there than here: read all of them once, then put what is missing. */
  #compare(): void {
    const all = [...this.#replica.keys()].map(([member]) => member);
    if (all.length <= (this.#total ?? 0)) return;
    if (this.#readingAll || this.#known.size >= (this.#total ?? 0)) {
      this.#readingAll = false;
      this.put(all);
      return;
    }
    this.#readingAll = true;
    this.#position = 0;
    this.#send({ type: "keys-get", generation: this.#generation, from: 0 });
  }
}

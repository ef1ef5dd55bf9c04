import { authorityDocument, type DocumentName } from "../../shared/documents/document-name.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { isSealText } from "../../shared/journal/seal.ts";

/** The socket of somebody who follows a document. */
export interface FollowerSocket {
  /** Resolves when the bytes have left; false when the socket is gone. */
  update(bytes: Uint8Array): Promise<boolean>;
  /** The last of a catch-up: after it the follower is synced. */
  lastUpdate(bytes: Uint8Array): Promise<boolean>;
  /** Live; never waits. The socket closes itself when its reader is too slow. */
  push(bytes: Uint8Array): void;
  /** What the follower says it has cannot be: it holds more than there is. */
  tooFar(length: number): void;
}

export interface DocumentSource {
  length(name: DocumentName): number;
  read(name: DocumentName, from: number, most: number): Promise<string[]>;
}

/** Bytes of one update: below a mebibyte with what is wrapped around it. */
const updateBytesMost = 900 * 1024;
/** A connection begins with small updates: what one that breaks had half-sent is sent again. */
const firstUpdateBytes = 64 * 1024;
/** Of what a connection has carried, at most this part is one update. */
const carriedPart = 1 / 8;
/** Elements are hardly ever shorter: so many are read for an update of a size. */
const elementBytesLeast = 230;

/** Who follows which document, and how far each has got. */
export class Followers {
  readonly #source: DocumentSource;
  readonly #byName = new Map<DocumentName, Set<Follower>>();

  constructor(source: DocumentSource) {
    this.#source = source;
  }

  join(name: DocumentName, socket: FollowerSocket): Follower {
    const follower = new Follower(name, socket, this.#source);
    const all = this.#byName.get(name);
    if (all) all.add(follower);
    else this.#byName.set(name, new Set([follower]));
    return follower;
  }

  leave(follower: Follower): void {
    follower.stop();
    const all = this.#byName.get(follower.name);
    all?.delete(follower);
    if (all?.size === 0) this.#byName.delete(follower.name);
  }

  /** One merged update for everybody who has all that came before. */
  broadcast(name: DocumentName, from: number, elements: readonly string[]): void {
    const live = [...(this.#byName.get(name) ?? [])].filter((follower) => follower.isAt(from));
    if (live.length === 0) return;
    for (let at = 0; at < elements.length; ) {
      const part = partOf(elements.slice(at), updateBytesMost);
      const bytes = writeUpdate(name, from + at, part);
      for (const follower of live) follower.push(bytes, part.length);
      at += part.length;
    }
  }
}

/** One follower: catches up from what it has, in pieces that wait for its network, then live. */
export class Follower {
  readonly name: DocumentName;
  readonly #socket: FollowerSocket;
  readonly #source: DocumentSource;
  #position = 0;
  #isLive = false;
  #isStopped = false;
  #isCatchingUp = false;
  #askedAgainFrom: number | undefined;

  constructor(name: DocumentName, socket: FollowerSocket, source: DocumentSource) {
    this.name = name;
    this.#socket = socket;
    this.#source = source;
  }

  isAt(position: number): boolean {
    return this.#isLive && this.#position === position;
  }

  push(bytes: Uint8Array, count: number): void {
    this.#position += count;
    this.#socket.push(bytes);
  }

  stop(): void {
    this.#isStopped = true;
    this.#isLive = false;
  }

  /** @param from elements that the follower says it has */
  async catchUp(from: number): Promise<void> {
    const length = this.#source.length(this.name);
    if (from > length && this.name === authorityDocument) {
      // We were put back to an older copy, and he is about to tell us what came after it.
      this.#position = from;
      this.#isLive = true;
      await this.#socket.lastUpdate(writeUpdate(this.name, length, []));
      return;
    }
    if (from > length) {
      this.stop();
      this.#socket.tooFar(from);
      return;
    }
    this.#isLive = false;
    this.#askedAgainFrom = from;
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    try {
      for (let at = this.#take(); at !== undefined; at = this.#take()) await this.#stream(at);
    } finally {
      this.#isCatchingUp = false;
    }
  }

  #take(): number | undefined {
    const from = this.#askedAgainFrom;
    this.#askedAgainFrom = undefined;
    return this.#isStopped ? undefined : from;
  }

  async #stream(from: number): Promise<void> {
    this.#position = from;
    let carried = 0;
    while (!this.#isStopped && this.#askedAgainFrom === undefined) {
      const most = Math.min(updateBytesMost, Math.max(firstUpdateBytes, carried * carriedPart));
      const readMost = Math.ceil(most / elementBytesLeast);
      const read = await this.#source.read(this.name, this.#position, readMost);
      const elements = partOf(read, most);
      const bytes = writeUpdate(this.name, this.#position, elements);
      carried += bytes.length;
      this.#position += elements.length;
      // No await between this look at the length and going live: nothing is missed in between.
      if (this.#position >= this.#source.length(this.name)) {
        this.#isLive = true;
        await this.#socket.lastUpdate(bytes);
        return;
      }
      if (elements.length === 0 || !(await this.#socket.update(bytes))) return this.stop();
    }
  }
}

/** As many elements as fit one update, cut after a seal where there is one. */
function partOf(elements: readonly string[], bytesMost: number): string[] {
  let bytes = 0;
  let count = 0;
  for (const element of elements) {
    bytes += Buffer.byteLength(element) + 8;
    if (count > 0 && bytes > bytesMost) break;
    count++;
  }
  if (count < elements.length)
    for (let at = count; at > 0; at--)
      if (isSealText(elements[at - 1] ?? "")) return elements.slice(0, at);
  return elements.slice(0, count);
}

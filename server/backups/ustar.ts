import { concatBytes, fromUtf8, utf8 } from "../../shared/journal/bytes.ts";

/** A file in an archive, whole. */
export interface ArchiveEntry {
  /** relative, with `/` between folders; at most 100 ASCII characters */
  name: string;
  bytes: Uint8Array;
}

/** An archive that does not read as it was written. */
export class ArchiveFault extends Error {
  override name = "ArchiveFault";
  /** it was sealed for other keys than the one that was given */
  readonly isOthers: boolean;

  constructor(message: string, options: ErrorOptions & { isOthers?: boolean } = {}) {
    super(message, options);
    this.isOthers = options.isOthers ?? false;
  }
}

const blockBytes = 512;
/** Manifests are the largest: 16 Mi characters. A length above this is damage. */
const entryBytesMax = 64 * 1024 * 1024;

/** POSIX ustar of plain files: what `tar` unpacks on any system. */
export async function* packUstar(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes } of entries) {
    yield headOf(name, bytes.length);
    yield bytes;
    yield new Uint8Array(padding(bytes.length));
  }
  yield new Uint8Array(2 * blockBytes);
}

/**
 * Reads what `packUstar` writes, file by file.
 * @throws ArchiveFault for anything else, and for an archive without its end
 */
export async function* unpackUstar(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ArchiveEntry> {
  const blocks = new ByteQueue(source);
  for (;;) {
    const head = await blocks.take(blockBytes);
    if (head.every((byte) => byte === 0)) break;
    const { name, length } = readHead(head);
    const bytes = await blocks.take(length);
    await blocks.take(padding(length));
    yield { name, bytes };
  }
  const end = await blocks.take(blockBytes);
  if (end.some((byte) => byte !== 0)) throw new ArchiveFault("the archive's end is damaged");
  await blocks.skipZeros();
}

const padding = (length: number): number => (blockBytes - (length % blockBytes)) % blockBytes;

const checksumAt = 148;
const blank = utf8(" ".repeat(8));

function headOf(name: string, length: number): Uint8Array {
  const head = new Uint8Array(blockBytes);
  const set = (at: number, text: string) => head.set(utf8(text), at);
  set(0, name);
  set(100, "0000600\0");
  set(108, "0000000\0");
  set(116, "0000000\0");
  set(124, `${octal(length, 11)}\0`);
  // The same content gives the same archive, whenever it is made.
  set(136, `${octal(0, 11)}\0`);
  set(156, "0");
  set(257, "ustar\u000000");
  set(checksumAt, `${octal(sumOf(head), 6)}\0 `);
  return head;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

/** The checksum's own field counts as blanks. */
function sumOf(head: Uint8Array): number {
  const plain = head.slice();
  plain.set(blank, checksumAt);
  return plain.reduce((sum, byte) => sum + byte, 0);
}

function readHead(head: Uint8Array): { name: string; length: number } {
  const text = (at: number, length: number) =>
    String.fromCharCode(...head.subarray(at, at + length)).replace(/\0.*$/s, "");
  const isOurs = text(257, 6) === "ustar" && text(156, 1) === "0" && text(345, 155) === "";
  const sum = Number.parseInt(text(checksumAt, 8), 8);
  if (!isOurs || sum !== sumOf(head)) throw new ArchiveFault("a file's head is damaged");
  const length = Number.parseInt(text(124, 12), 8);
  if (!(length >= 0 && length <= entryBytesMax)) throw new ArchiveFault("a file is too large");
  return { name: text(0, 100), length };
}

/** Chunks of any size, taken in the sizes that are asked for. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more()))
        throw new ArchiveFault("the archive is cut off");
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts);
  }

  /** To the very end: only there does a cipher or a checksum below say that all of it was good. */
  async skipZeros(): Promise<void> {
    do {
      if (this.#rest.some((byte) => byte !== 0))
        throw new ArchiveFault("something follows the archive's end");
    } while (await this.#more());
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done !== true) this.#rest = next.value;
    return next.done !== true;
  }
}

/** @throws ArchiveFault when an entry that must be text is none */
export function textOfEntry({ name, bytes }: ArchiveEntry): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new ArchiveFault(`${name} is no text`);
  }
}

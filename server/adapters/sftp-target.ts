import { posix } from "node:path";
import type { FileEntryWithStats } from "ssh2";
import {
  checkTargetFolder,
  checkTargetName,
  isTargetName,
  type Target,
  TargetFault,
  type TargetFile,
  type TargetSource,
  type TransferOptions,
} from "../backups/target.ts";
import type { SftpSettings } from "../backups/target-settings.ts";
import { inTargetWords, readBlocks, throwIfCancelled } from "./exact-source.ts";
import {
  ignoreMissing,
  openSession,
  type SftpSession,
  sftpFaultOf,
  sftpStatus,
  statusOf,
} from "./sftp-session.ts";
import { Turns } from "./turns.ts";

/** A request's worth: what every server takes. */
const blockBytes = 32 * 1024;
/** Requests under way at once: 1 MiB, so that a far server is not slow. */
const windowRequests = 32;
const windowBytes = blockBytes * windowRequests;
/** How much is compared with the source at each place that is looked at. */
const comparedBytes = 64 * 1024;
const progressBytes = 1024 * 1024;
/** Less than this free, and a server that fails without a reason has no room. */
const roomBytes = 4 * 1024 * 1024;

/** A folder on an SSH server, as a NAS or a rented machine has it. */
export function openSftp(settings: SftpSettings): Target {
  return new SftpTarget(settings);
}

class SftpTarget implements Target {
  readonly #settings: SftpSettings;
  readonly #turns = new Turns();
  #session: Promise<SftpSession> | undefined;

  constructor(settings: SftpSettings) {
    this.#settings = settings;
  }

  list(folder: string): Promise<TargetFile[]> {
    checkTargetFolder(folder);
    return inOurWords(async () => {
      const found = await this.#filesBelow(await this.#connected(), folder);
      return found.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  put(name: string, source: TargetSource, options: TransferOptions = {}): Promise<void> {
    checkTargetName(name);
    return this.#turns.take(name, () => inOurWords(() => this.#put(name, source, options)));
  }

  async *get(name: string, from = 0, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
    checkTargetName(name);
    throwIfCancelled(options.signal);
    const path = this.#path(name);
    const { session, handle, bytes } = await inOurWords(async () => {
      const session = await this.#connected();
      const { size } = await session.stat(path);
      return { session, handle: await session.open(path, "r"), bytes: size };
    });
    try {
      let at = from;
      for await (const chunk of readAhead(session, handle, from, bytes)) {
        throwIfCancelled(options.signal);
        at += chunk.length;
        yield chunk;
        options.onProgress?.(at);
      }
    } finally {
      await session.closeFile(handle).catch(() => undefined);
    }
  }

  remove(name: string): Promise<void> {
    checkTargetName(name);
    return this.#turns.take(name, () =>
      inOurWords(async () => {
        const session = await this.#connected();
        await this.#removePartials(session, this.#path(name));
        await session.remove(this.#path(name)).catch(ignoreMissing);
      }),
    );
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    session?.end();
  }

  /** The open connection, or a new one. */
  async #connected(): Promise<SftpSession> {
    const open = await this.#session?.catch(() => undefined);
    if (open?.isOpen()) return open;
    const opening = openSession(this.#settings);
    this.#session = opening;
    return opening;
  }

  async #put(name: string, source: TargetSource, options: TransferOptions): Promise<void> {
    throwIfCancelled(options.signal);
    const session = await this.#connected();
    const path = this.#path(name);
    if ((await sizeOf(session, path)) === source.bytes) return;
    await makeFolders(session, posix.dirname(path));
    const partial = partialOf(path, source.bytes);
    await this.#removePartials(session, path, partial);
    try {
      await upload(session, partial, source, options);
    } catch (error) {
      throw await this.#orFull(session, error);
    }
    await session.replace(partial, path);
  }

  /** A server whose disk is full says no more than "failure". */
  async #orFull(session: SftpSession, error: unknown): Promise<unknown> {
    if (statusOf(error) !== sftpStatus.failure) return error;
    const free = await session.free(this.#settings.folder).catch(() => undefined);
    if (free === undefined || free > roomBytes) return error;
    return new TargetFault("full", "there is no room left", { cause: error });
  }

  /** Of uploads that came to nothing. */
  async #removePartials(session: SftpSession, path: string, but?: string): Promise<void> {
    const [folder, begins] = [posix.dirname(path), `.${posix.basename(path)}.`];
    for (const { filename } of await entriesOf(session, folder)) {
      const rest = filename.slice(begins.length);
      if (!filename.startsWith(begins) || !/^\d+\.partial$/.test(rest)) continue;
      const partial = posix.join(folder, filename);
      if (partial !== but) await session.remove(partial).catch(ignoreMissing);
    }
  }

  async #filesBelow(session: SftpSession, folder: string): Promise<TargetFile[]> {
    const found: TargetFile[] = [];
    for (const { filename, attrs } of await entriesOf(session, this.#path(folder))) {
      const name = folder === "" ? filename : `${folder}/${filename}`;
      if (!isTargetName(name)) continue;
      if (attrs.isDirectory()) found.push(...(await this.#filesBelow(session, name)));
      else if (attrs.isFile()) found.push({ name, bytes: attrs.size });
    }
    return found;
  }

  #path(name: string): string {
    return posix.join(this.#settings.folder, name);
  }
}

/** Hidden, beside the file, and of another length another one. */
const partialOf = (path: string, bytes: number): string =>
  posix.join(posix.dirname(path), `.${posix.basename(path)}.${bytes}.partial`);

/** Makes a partial into what the source is, going on where an earlier try ended. */
async function upload(
  session: SftpSession,
  partial: string,
  source: TargetSource,
  options: TransferOptions,
): Promise<void> {
  const trusted = await trustedBytes(session, partial, source);
  const handle = await session.open(partial, trusted === 0 ? "w" : "r+");
  try {
    // There are servers that empty every file that is opened for writing.
    const from = (await session.size(handle)) < trusted ? 0 : trusted;
    if (from > 0) options.onProgress?.(from);
    await writeAhead(session, handle, from, source, options);
    await session.sync(handle);
  } finally {
    await session.closeFile(handle).catch(() => undefined);
  }
  const isWhole =
    (await sizeOf(session, partial)) === source.bytes &&
    (await isSame(session, partial, source, [0, trusted - comparedBytes, trusted]));
  if (!isWhole) {
    await session.remove(partial);
    throw new TargetFault("damaged", "the server does not have what it was sent");
  }
  options.onProgress?.(source.bytes);
}

/**
 * How much of a partial can be gone on with. Its last stretch may have holes, for requests are under way
 * side by side; and it may be of another content of the same length, encrypted with another key.
 */
async function trustedBytes(
  session: SftpSession,
  partial: string,
  source: TargetSource,
): Promise<number> {
  const held = (await sizeOf(session, partial)) ?? 0;
  const end = held > source.bytes ? 0 : held - windowBytes;
  if (end <= 0) return 0;
  return (await isSame(session, partial, source, [0, end - comparedBytes])) ? end : 0;
}

/** Compares stretches of a file with the source; by a handle of its own, for reading. */
async function isSame(
  session: SftpSession,
  path: string,
  source: TargetSource,
  starts: readonly number[],
): Promise<boolean> {
  const handle = await session.open(path, "r");
  try {
    for (const start of starts) {
      const from = Math.max(0, start);
      const length = Math.min(comparedBytes, source.bytes - from);
      const theirs = await readFully(session, handle, from, length);
      const ours = await stretchOf(source, from, length);
      if (Buffer.compare(theirs, ours) !== 0) return false;
    }
    return true;
  } finally {
    await session.closeFile(handle).catch(() => undefined);
  }
}

async function readFully(
  session: SftpSession,
  handle: Buffer,
  from: number,
  length: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of readAhead(session, handle, from, from + length)) parts.push(chunk);
  return Buffer.concat(parts);
}

async function stretchOf(source: TargetSource, from: number, length: number): Promise<Buffer> {
  for await (const block of readBlocks(source, from, length, {})) return Buffer.from(block);
  return Buffer.alloc(0);
}

async function writeAhead(
  session: SftpSession,
  handle: Buffer,
  from: number,
  source: TargetSource,
  options: TransferOptions,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  let [at, told] = [from, from];
  try {
    for await (const block of readBlocks(source, from, blockBytes, options)) {
      if (underWay.length === windowRequests) await underWay.shift();
      const write = session.write(handle, block, at);
      write.catch(() => undefined);
      underWay.push(write);
      at += block.length;
      const confirmed = at - underWay.length * blockBytes;
      if (confirmed - told < progressBytes) continue;
      told = confirmed;
      options.onProgress?.(told);
    }
    for (const write of underWay.splice(0)) await write;
  } finally {
    // Nothing is written any more after this, whatever happened.
    await Promise.allSettled(underWay);
  }
}

/** A stretch of a file, in order; requests run ahead of whoever reads. */
async function* readAhead(
  session: SftpSession,
  handle: Buffer,
  from: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const underWay: Promise<Buffer>[] = [];
  let asked = from;
  const ask = () => {
    const [start, length] = [asked, Math.min(blockBytes, end - asked)];
    asked += length;
    const reading = readBlock(session, handle, start, length);
    reading.catch(() => undefined);
    underWay.push(reading);
  };
  while (asked < end && underWay.length < windowRequests) ask();
  for (let next = underWay.shift(); next; next = underWay.shift()) {
    const reading = next;
    yield await inOurWords(() => reading);
    if (asked < end) ask();
  }
}

async function readBlock(
  session: SftpSession,
  handle: Buffer,
  start: number,
  length: number,
): Promise<Buffer> {
  const block = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const read = await session.read(handle, block.subarray(filled), start + filled);
    if (read === 0) throw new TargetFault("damaged", "the file ended before its length");
    filled += read;
  }
  return block;
}

/** @returns undefined when there is no such file */
async function sizeOf(session: SftpSession, path: string): Promise<number | undefined> {
  try {
    const stats = await session.stat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

async function entriesOf(session: SftpSession, folder: string): Promise<FileEntryWithStats[]> {
  try {
    return await session.list(folder);
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

async function makeFolders(session: SftpSession, path: string): Promise<void> {
  try {
    await session.stat(path);
  } catch (error) {
    ignoreMissing(error);
    await makeFolders(session, posix.dirname(path));
    // Somebody else may have made it meanwhile.
    await session.makeFolder(path).catch(() => session.stat(path));
  }
}

const inOurWords = <Value>(action: () => Promise<Value>): Promise<Value> =>
  inTargetWords(sftpFaultOf, action);

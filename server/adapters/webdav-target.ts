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
import type { WebdavSettings } from "../backups/target-settings.ts";
import { inTargetWords, readBlocks, throwIfCancelled } from "./exact-source.ts";
import { Turns } from "./turns.ts";
import {
  type DavEntry,
  WebdavConnection,
  type WebdavDeps,
  webdavFaultOf,
} from "./webdav-connection.ts";
import {
  partBytes,
  partCheck,
  partName,
  partsFolder,
  readPartName,
  readPartsFolder,
} from "./webdav-parts.ts";

/** A file as it lies on the server: whole, or in a folder of parts. */
interface Lying {
  bytes: number;
  /** of the file or the folder of parts */
  path: string;
  isInParts: boolean;
  changedMs: number;
}

/** A folder on a WebDAV server: 坚果云, a NAS, Nextcloud. */
export function openWebdav(settings: WebdavSettings, deps: WebdavDeps = {}): Target {
  return new WebdavTarget(new WebdavConnection(settings, deps));
}

class WebdavTarget implements Target {
  readonly #server: WebdavConnection;
  readonly #turns = new Turns();

  constructor(server: WebdavConnection) {
    this.#server = server;
  }

  list(folder: string): Promise<TargetFile[]> {
    checkTargetFolder(folder);
    return inOurWords(async () => {
      const found = await this.#filesBelow(folder);
      return found.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  /** One after the other, whatever their names: the server counts requests. */
  put(name: string, source: TargetSource, options: TransferOptions = {}): Promise<void> {
    checkTargetName(name);
    return this.#turns.take("all", () => inOurWords(() => this.#put(name, source, options)));
  }

  async *get(name: string, from = 0, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
    checkTargetName(name);
    throwIfCancelled(options.signal);
    const lying = await inOurWords(async () => latest(await this.#lying(name)));
    if (!lying) throw new TargetFault("not-there", `there is no ${name}`);
    if (from >= lying.bytes) return;
    const chunks = lying.isInParts
      ? this.#readParts(lying, from, options)
      : this.#readFile(lying.path, from, lying.bytes, options);
    let at = from;
    for await (const chunk of chunks) {
      throwIfCancelled(options.signal);
      at += chunk.length;
      yield chunk;
      options.onProgress?.(at);
    }
  }

  remove(name: string): Promise<void> {
    checkTargetName(name);
    return this.#turns.take("all", () =>
      inOurWords(async () => {
        const { folder, base } = split(name);
        const entries = (await this.#server.entries(folder)) ?? [];
        const lying = lyingIn(folder, base, entries).map(({ path }) => path);
        for (const path of [...lying, ...partialsIn(folder, base, entries)])
          await this.#server.remove(path);
      }),
    );
  }

  async close(): Promise<void> {
    this.#server.close();
  }

  async #put(name: string, source: TargetSource, options: TransferOptions): Promise<void> {
    throwIfCancelled(options.signal);
    const { folder, base } = split(name);
    const entries = await this.#server.entries(folder);
    if (!entries) await this.#server.makeFolder(folder);
    const before = lyingIn(folder, base, entries ?? []);
    const isThere = latest(before)?.bytes === source.bytes;
    if (isThere) return;
    const isInParts = source.bytes > partBytes;
    const path = isInParts ? partsFolder(name, source.bytes) : name;
    const partial = joined(folder, `.${base}.${source.bytes}.partial`);
    const begun = partialsIn(folder, base, entries ?? []);
    const isBegun = begun.includes(partial);
    for (const other of begun) if (other !== partial) await this.#server.remove(other);
    if (isInParts) await this.#putParts(partial, isBegun, source, options);
    else
      for await (const block of wholeBlock(source, options)) {
        await this.#server.put(partial, block, options.signal);
        options.onProgress?.(source.bytes);
      }
    await this.#server.move(partial, path);
    for (const old of before) if (old.path !== path) await this.#server.remove(old.path);
  }

  /** What lies there already is read from the source, compared by its digest, and not sent again. */
  async #putParts(
    partial: string,
    isBegun: boolean,
    source: TargetSource,
    options: TransferOptions,
  ): Promise<void> {
    const held = isBegun ? ((await this.#server.entries(partial)) ?? []) : [];
    if (!isBegun) await this.#server.makeFolder(partial);
    const names = new Map<string, number>();
    let sent = 0;
    for await (const block of readBlocks(source, 0, partBytes, options)) {
      const name = partName(names.size, block);
      names.set(name, block.length);
      const isHeld = held.some((entry) => entry.name === name && entry.bytes === block.length);
      if (!isHeld) await this.#server.put(joined(partial, name), asBuffer(block), options.signal);
      sent += block.length;
      options.onProgress?.(sent);
    }
    for (const entry of (await this.#server.entries(partial)) ?? []) {
      if (!names.has(entry.name)) await this.#server.remove(joined(partial, entry.name));
      else if (names.get(entry.name) === entry.bytes) names.delete(entry.name);
    }
    if (names.size > 0)
      throw new TargetFault("damaged", `the server lost ${names.size} parts of ${partial}`);
  }

  async #lying(name: string): Promise<Lying[]> {
    const { folder, base } = split(name);
    return lyingIn(folder, base, (await this.#server.entries(folder)) ?? []);
  }

  async #filesBelow(folder: string): Promise<TargetFile[]> {
    const entries = (await this.#server.entries(folder)) ?? [];
    const names = new Set(entries.map((entry) => shownName(entry)));
    const found: TargetFile[] = [];
    for (const base of names) {
      const name = joined(folder, base);
      if (!isTargetName(name)) continue;
      const lying = latest(lyingIn(folder, base, entries));
      if (lying) found.push({ name, bytes: lying.bytes });
      else found.push(...(await this.#filesBelow(name)));
    }
    return found;
  }

  async *#readFile(
    path: string,
    from: number,
    bytes: number,
    { signal }: TransferOptions,
  ): AsyncGenerator<Uint8Array> {
    const body = await inOurWords(() => this.#server.get(path, from, signal));
    if (!body) throw new TargetFault("not-there", `there is no ${path}`);
    let at = from;
    for await (const chunk of body) {
      at += chunk.length;
      yield chunk;
    }
    if (at !== bytes) throw new TargetFault("unreachable", `${path} ended at ${at} of ${bytes}`);
  }

  async *#readParts(
    { path, bytes }: Lying,
    from: number,
    options: TransferOptions,
  ): AsyncGenerator<Uint8Array> {
    const entries = (await inOurWords(() => this.#server.entries(path))) ?? [];
    const parts = entries
      .filter(({ name }) => readPartName(name))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const isComplete = parts.every(({ name }, index) => readPartName(name)?.index === index);
    if (!isComplete || parts.reduce((sum, part) => sum + part.bytes, 0) !== bytes)
      throw new TargetFault("damaged", `parts of ${path} are missing`);
    let start = 0;
    for (const part of parts) {
      const skipped = Math.min(part.bytes, Math.max(0, from - start));
      start += part.bytes;
      if (skipped === part.bytes) continue;
      const check = partCheck(part.name);
      const partPath = joined(path, part.name);
      for await (const chunk of this.#readFile(partPath, skipped, part.bytes, options)) {
        check.add(chunk);
        yield chunk;
      }
      if (skipped === 0 && !check.isWhole())
        throw new TargetFault("damaged", `${partPath} is not what was put there`);
    }
  }
}

/** All forms in which a file lies among the entries of its folder. */
function lyingIn(folder: string, base: string, entries: readonly DavEntry[]): Lying[] {
  return entries.flatMap((entry): Lying[] => {
    const { name, isFolder, bytes, changedMs } = entry;
    const path = joined(folder, name);
    if (name === base && !isFolder) return [{ path, isInParts: false, bytes, changedMs }];
    const parts = isFolder ? readPartsFolder(name) : undefined;
    if (parts?.name !== base) return [];
    return [{ path, isInParts: true, bytes: parts.bytes, changedMs }];
  });
}

/** What is left of uploads of a file. */
const partialsIn = (folder: string, base: string, entries: readonly DavEntry[]): string[] =>
  entries
    .filter(({ name }) => name.startsWith(`.${base}.`))
    .filter(({ name }) => /^\d+\.partial$/.test(name.slice(base.length + 2)))
    .map(({ name }) => joined(folder, name));

/** Two lie there only when a replacement was broken off after the new one had arrived. */
const latest = (lying: readonly Lying[]): Lying | undefined =>
  lying.reduce<Lying | undefined>(
    (best, each) => (best && best.changedMs >= each.changedMs ? best : each),
    undefined,
  );

const shownName = ({ name, isFolder }: DavEntry): string =>
  (isFolder && readPartsFolder(name)?.name) || name;

function split(name: string): { folder: string; base: string } {
  const at = name.lastIndexOf("/");
  return { folder: at < 0 ? "" : name.slice(0, at), base: name.slice(at + 1) };
}

const joined = (folder: string, name: string): string =>
  folder === "" ? name : `${folder}/${name}`;

/** A small source as one buffer, an empty one too. */
async function* wholeBlock(source: TargetSource, options: TransferOptions): AsyncGenerator<Buffer> {
  let isEmpty = true;
  for await (const block of readBlocks(source, 0, partBytes, options)) {
    isEmpty = false;
    yield asBuffer(block);
  }
  if (isEmpty) yield Buffer.alloc(0);
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const inOurWords = <Value>(action: () => Promise<Value>): Promise<Value> =>
  inTargetWords(webdavFaultOf, action);

import type { UploadPart } from "s3mini";
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
import type { S3Settings } from "../backups/target-settings.ts";
import { inTargetWords, readBlocks, throwIfCancelled } from "./exact-source.ts";
import { etagOf, S3Bucket, type S3Deps, s3FaultOf } from "./s3-bucket.ts";
import { Turns } from "./turns.ts";

const mebibyte = 1024 * 1024;
/** Smaller ones are refused by most services, but for the last. */
const partBytesLeast = 8 * mebibyte;
/** Services count to 10,000. */
const partsMost = 9_000;

/** A bucket, or a folder in one: 阿里云 OSS, 腾讯 COS, MinIO, AWS. */
export function openS3(settings: S3Settings, deps: S3Deps = {}): Target {
  return new S3Target(new S3Bucket(settings, deps), settings.folder);
}

class S3Target implements Target {
  readonly #bucket: S3Bucket;
  /** of keys; with a slash at its end, or empty */
  readonly #prefix: string;
  readonly #turns = new Turns();

  constructor(bucket: S3Bucket, folder: string) {
    this.#bucket = bucket;
    this.#prefix = folder === "" ? "" : `${folder}/`;
  }

  list(folder: string): Promise<TargetFile[]> {
    checkTargetFolder(folder);
    return inOurWords(async () => {
      const below = folder === "" ? "" : `${folder}/`;
      const found = await this.#bucket.list(`${this.#prefix}${below}`);
      return found
        .map(({ name, bytes }) => ({ name: name.slice(this.#prefix.length), bytes }))
        .filter(({ name }) => isTargetName(name))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  put(name: string, source: TargetSource, options: TransferOptions = {}): Promise<void> {
    checkTargetName(name);
    return this.#turns.take(name, () => inOurWords(() => this.#put(name, source, options)));
  }

  async *get(name: string, from = 0, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
    checkTargetName(name);
    throwIfCancelled(options.signal);
    const key = this.#prefix + name;
    const bytes = await inOurWords(() => this.#bucket.size(key));
    if (bytes === undefined) throw new TargetFault("not-there", `there is no ${name}`);
    if (from >= bytes) return;
    const body = await inOurWords(() => this.#bucket.get(key, from, options.signal));
    if (!body) throw new TargetFault("not-there", `there is no ${name}`);
    let at = from;
    for await (const chunk of body) {
      throwIfCancelled(options.signal);
      at += chunk.length;
      yield chunk;
      options.onProgress?.(at);
    }
    if (at !== bytes) throw new TargetFault("unreachable", `${name} ended at ${at} of ${bytes}`);
  }

  remove(name: string): Promise<void> {
    checkTargetName(name);
    const key = this.#prefix + name;
    return this.#turns.take(name, () =>
      inOurWords(async () => {
        for (const { id } of await this.#bucket.uploads(key)) await this.#bucket.abort(key, id);
        await this.#bucket.remove(key);
      }),
    );
  }

  async close(): Promise<void> {}

  async #put(name: string, source: TargetSource, options: TransferOptions): Promise<void> {
    throwIfCancelled(options.signal);
    const key = this.#prefix + name;
    if ((await this.#bucket.size(key)) === source.bytes) return;
    if (source.bytes > partBytesLeast) await this.#putParts(key, source, options);
    else await this.#bucket.put(key, await wholeOf(source, options), options.signal);
    const bytes = await this.#bucket.size(key);
    if (bytes !== source.bytes)
      throw new TargetFault("damaged", `${name} has ${bytes} of ${source.bytes} bytes there`);
    options.onProgress?.(source.bytes);
  }

  /** Parts that an earlier try sent are read from the source, compared by digest, and not sent again. */
  async #putParts(key: string, source: TargetSource, options: TransferOptions): Promise<void> {
    const [begun, ...older] = await this.#bucket.uploads(key);
    for (const { id } of older) await this.#bucket.abort(key, id);
    const id = begun?.id ?? (await this.#bucket.begin(key));
    const held = await this.#bucket.parts(key, id);
    const parts: UploadPart[] = [];
    let sent = 0;
    for await (const block of readBlocks(source, 0, partBytesOf(source.bytes), options)) {
      const number = parts.length + 1;
      const there = held.get(number);
      const isThere = there?.bytes === block.length && there.etag === etagOf(block);
      const content = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
      const { signal } = options;
      parts.push(
        isThere
          ? { partNumber: number, etag: there.etag }
          : await this.#bucket.putPart(key, id, { number, content, signal }),
      );
      sent += block.length;
      if (sent < source.bytes) options.onProgress?.(sent);
    }
    await this.#bucket.complete(key, id, parts);
  }
}

/** So many mebibytes that the parts suffice. */
const partBytesOf = (bytes: number): number =>
  Math.max(partBytesLeast, Math.ceil(bytes / partsMost / mebibyte) * mebibyte);

async function wholeOf(source: TargetSource, options: TransferOptions): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of readBlocks(source, 0, partBytesLeast, options)) blocks.push(block);
  return Buffer.concat(blocks);
}

const inOurWords = <Value>(action: () => Promise<Value>): Promise<Value> =>
  inTargetWords(s3FaultOf, action);

import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip, type Gunzip, type Gzip } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";
import { type ArchiveEntry, ArchiveFault, packUstar, unpackUstar } from "./ustar.ts";

/**
 * Files as `tar | gzip | age`: the standard tools open it. A piece at a time, so that memory does not
 * grow with what is put in.
 * @param recipients `age1…`; whoever has one of their keys can open it
 */
export async function* sealArchive(
  entries: AsyncIterable<ArchiveEntry>,
  recipients: readonly string[],
): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const plain = streamOf(through(packUstar(entries), createGzip()));
  yield* chunksOf(await encrypter.encrypt(plain));
}

/**
 * The files of a sealed archive, in order. Only when the last has come is it known that nothing was
 * changed or cut off.
 * @param identity `AGE-SECRET-KEY-1…`
 * @throws ArchiveFault when it was not sealed for this key, or is damaged; what the source throws comes
 * through as it is
 */
export async function* openArchive(
  sealed: AsyncIterable<Uint8Array>,
  identity: string,
): AsyncGenerator<ArchiveEntry> {
  const source = new Watched(sealed);
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const plain = chunksOf(await decrypter.decrypt(streamOf(source.chunks())));
    yield* unpackUstar(through(plain, createGunzip()));
  } catch (error) {
    if (source.fault) throw source.fault.error;
    if (error instanceof ArchiveFault) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const isOthers = message.includes("no identity matched");
    const what = isOthers ? "it is sealed for another key" : `it is damaged (${message})`;
    throw new ArchiveFault(what, { cause: error, isOthers });
  }
}

/** Tells a source that fails from what its bytes lead to. */
class Watched {
  readonly #source: AsyncIterable<Uint8Array>;
  fault: { error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#source;
    } catch (error) {
      this.fault = { error };
      throw error;
    }
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: Gzip | Gunzip,
): AsyncGenerator<Uint8Array> {
  const piping = pipeline(source, transform);
  // Told below, or by what is read here; never to nobody.
  piping.catch(() => undefined);
  for await (const chunk of transform) yield chunk as Uint8Array;
  await piping;
}

function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

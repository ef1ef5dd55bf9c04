import { TargetFault, type TargetSource, type TransferOptions } from "../backups/target.ts";

/** What a source threw, on its way through an adapter: nothing that its target is to blame for. */
class SourceFault extends Error {
  override name = "SourceFault";
}

/** @throws TargetFault `cancelled` */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TargetFault("cancelled", "cancelled");
}

/**
 * A source from a place on, all of it: a source that is shorter or longer than it says must not become
 * a file that looks whole.
 * @throws TargetFault `cancelled`, between chunks
 */
export async function* readExactly(
  source: TargetSource,
  from: number,
  { signal }: TransferOptions,
): AsyncGenerator<Uint8Array> {
  let at = from;
  for await (const chunk of chunksOf(source, from)) {
    throwIfCancelled(signal);
    at += chunk.length;
    if (at > source.bytes) break;
    yield chunk;
  }
  if (at !== source.bytes)
    throw new SourceFault("", {
      cause: new RangeError(`a source of ${source.bytes} bytes came to ${at} or more`),
    });
}

async function* chunksOf(source: TargetSource, from: number): AsyncGenerator<Uint8Array> {
  if (from === source.bytes) return;
  const chunks = source.read(from)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch((cause: unknown) => {
        throw new SourceFault("", { cause });
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.().catch(() => undefined);
  }
}

/** A source from a place on in pieces of one length; only the last may be shorter. */
export async function* readBlocks(
  source: TargetSource,
  from: number,
  blockBytes: number,
  options: TransferOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let block = new Uint8Array(Math.min(blockBytes, source.bytes - from));
  let [filled, at] = [0, from];
  for await (const chunk of readExactly(source, from, options))
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + block.length - filled);
      block.set(part, filled);
      [taken, filled] = [taken + part.length, filled + part.length];
      if (filled < block.length) continue;
      at += filled;
      yield block;
      block = new Uint8Array(Math.min(blockBytes, source.bytes - at));
      filled = 0;
    }
}

/**
 * Does something on a target and says in our words what went wrong there.
 * @param faultOf what a driver threw in our words; the error itself when it is a mistake of ours
 */
export async function inTargetWords<Value>(
  faultOf: (error: unknown) => unknown,
  action: () => Promise<Value>,
): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SourceFault) throw error.cause;
    throw error instanceof TargetFault ? error : faultOf(error);
  }
}

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { readJson } from "../data/data-lock.ts";
import { faultOf } from "../storage/fault-of.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readAll, readFile, replaceFile, writeAll } from "../storage/whole-files.ts";
import { TargetFault, type TargetSource } from "./target.ts";

/** A file that waits to be put on a target. */
export interface SpooledFile {
  /** as it will be called there */
  name: string;
  bytes: number;
  sha256: string;
}

interface SpoolDeps {
  files: Files;
  /** bytes that can still be written where a folder lies */
  freeBytes(folder: string): Promise<number>;
}

const planName = "plan.json";
const readBytes = 1024 * 1024;
/** Left to the shop: a backup never takes the room in which sales are kept. */
const keepFreeBytes = 256 * 1024 * 1024;
const lookEveryBytes = 16 * 1024 * 1024;

/**
 * What waits to be put on one target, in a folder of its own: whole files, so that an upload can go on
 * where it was interrupted, with the very same bytes. What has no plan yet was never whole.
 */
export class Spool<Plan extends { files: readonly SpooledFile[] }> {
  readonly #dir: string;
  readonly #deps: SpoolDeps;

  constructor(dir: string, deps: SpoolDeps) {
    this.#dir = dir;
    this.#deps = deps;
  }

  /** What is planned, without looking whether all of it is there. */
  async peek(): Promise<Plan | undefined> {
    return (await readJson(this.#deps.files, join(this.#dir, planName))) as Plan | undefined;
  }

  /**
   * Clears away what a killed process had begun, and what its disk has lost since.
   * @returns what was planned, when all of it is there
   */
  async planned(): Promise<Plan | undefined> {
    const text = await readFile(this.#deps.files, join(this.#dir, planName));
    try {
      const plan = text && (JSON.parse(fromUtf8(text)) as Plan);
      if (plan && (await this.#isWhole(plan))) return plan;
    } catch {
      // Told below: what cannot be put there any more must not stand in the way of what can.
    }
    await this.clear();
    return undefined;
  }

  /** Resolves when the file survives power loss. @throws StoreFault and nothing of it is left */
  async write(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    signal?: AbortSignal | undefined,
  ): Promise<SpooledFile> {
    const { files } = this.#deps;
    const path = join(this.#dir, name);
    await makeFolders(files, dirname(path));
    const hash = createHash("sha256");
    let bytes = 0;
    let lookAt = 0;
    const file = await files.open(path);
    try {
      await file.truncate(0);
      for await (const chunk of chunks) {
        if (signal?.aborted) throw new TargetFault("cancelled", "cancelled");
        if (bytes >= lookAt) {
          await this.#checkRoom();
          lookAt = bytes + lookEveryBytes;
        }
        await writeAll(file, chunk, bytes);
        hash.update(chunk);
        bytes += chunk.length;
      }
      await file.sync();
    } catch (error) {
      await file.truncate(0).catch(() => undefined);
      await files.remove(path).catch(() => undefined);
      throw faultOf(error);
    } finally {
      await file.close();
    }
    await files.syncFolder(dirname(path));
    return { name, bytes, sha256: hash.digest("hex") };
  }

  /** From here on it will be put there, whatever happens meanwhile. */
  async plan(plan: Plan): Promise<void> {
    await makeFolders(this.#deps.files, this.#dir);
    const text = JSON.stringify(plan);
    await replaceFile(this.#deps.files, join(this.#dir, planName), utf8(text));
  }

  source({ name, bytes }: SpooledFile): TargetSource {
    const { files } = this.#deps;
    const path = join(this.#dir, name);
    return {
      bytes,
      async *read(from) {
        const file = await files.open(path);
        try {
          for (let at = from; at < bytes; ) {
            const chunk = await readAll(file, at, Math.min(readBytes, bytes - at));
            if (chunk.length === 0) throw new StoreFault("broken", `${path} was cut off`);
            at += chunk.length;
            yield chunk;
          }
        } finally {
          await file.close();
        }
      },
    };
  }

  /** The plan first: as long as it is there, everything that it names is. */
  async clear(): Promise<void> {
    await this.#clear(this.#dir, true);
  }

  async #isWhole({ files }: Plan): Promise<boolean> {
    for (const { name, bytes } of files)
      if ((await this.#deps.files.stat(join(this.#dir, name)))?.size !== bytes) return false;
    return true;
  }

  async #clear(folder: string, isTop: boolean): Promise<void> {
    const { files } = this.#deps;
    const names = await files.list(folder);
    if (isTop && names.includes(planName)) {
      await files.remove(join(folder, planName));
      await files.syncFolder(folder);
    }
    for (const name of names) {
      const path = join(folder, name);
      if ((await files.stat(path))?.folder) await this.#clear(path, false);
      else await files.remove(path);
    }
  }

  async #checkRoom(): Promise<void> {
    if ((await this.#deps.freeBytes(this.#dir)) < keepFreeBytes)
      throw new StoreFault(
        "full",
        "the data folder's disk is nearly full: no backup is made on it",
      );
  }
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile, writeAll } from "../storage/whole-files.ts";

/** A blob as a manifest names it. */
export interface BlobName {
  sha256: string;
  bytes: number;
}

const leftover = /\.new$/;
const manifestName = /^(.+)\.json$/;

/**
 * Where snapshots lie: `blobs/<sha256>` and `manifests/<id>.json`. A blob never changes; a manifest is
 * written when everything that it names is durable. `closed/<term>-<store>-<month>.json` are the records of
 * closed months, whose segments are blobs.
 */
export class SnapshotFolder {
  readonly #dir: string;
  readonly #files: Files;
  /** blobs that this process wrote or read back; others may have been damaged meanwhile */
  readonly #seen = new Set<string>();

  constructor(dir: string, files: Files) {
    this.#dir = dir;
    this.#files = files;
  }

  /** Makes the folder, and clears away what a killed process had begun. */
  async prepare(): Promise<void> {
    for (const name of ["blobs", "manifests"]) {
      const folder = join(this.#dir, name);
      await makeFolders(this.#files, folder);
      for (const file of await this.#files.list(folder))
        if (leftover.test(file)) await this.#files.remove(join(folder, file));
    }
    for (const file of await this.#files.list(join(this.#dir, "closed")))
      if (leftover.test(file)) await this.#files.remove(join(this.#dir, "closed", file));
  }

  /** Names of the records of closed months, as `fileOfMonth` gives them. */
  async closedMonths(): Promise<string[]> {
    const names = await this.#files.list(join(this.#dir, "closed"));
    return names.flatMap((name) => manifestName.exec(name)?.[1] ?? []).sort();
  }

  /** @returns undefined when there is none, or it is no text */
  async closedMonthText(name: string): Promise<string | undefined> {
    const bytes = await readFile(this.#files, this.#closedPath(name));
    try {
      return bytes && fromUtf8(bytes);
    } catch {
      return undefined;
    }
  }

  /** Resolves when the record survives power loss; its segments are durable before. */
  async writeClosedMonth(name: string, text: string): Promise<void> {
    await makeFolders(this.#files, join(this.#dir, "closed"));
    await replaceFile(this.#files, this.#closedPath(name), utf8(text));
  }

  /** Oldest first. */
  async ids(): Promise<string[]> {
    const names = await this.#files.list(join(this.#dir, "manifests"));
    return names.flatMap((name) => manifestName.exec(name)?.[1] ?? []).sort();
  }

  /** @returns undefined when there is none, or it is no text */
  async manifestText(id: string): Promise<string | undefined> {
    const bytes = await readFile(this.#files, this.#manifestPath(id));
    try {
      return bytes && fromUtf8(bytes);
    } catch {
      return undefined;
    }
  }

  /** Resolves when the manifest, and every blob written before, survives power loss. */
  async writeManifest(id: string, text: string): Promise<void> {
    await this.#files.syncFolder(join(this.#dir, "blobs"));
    await replaceFile(this.#files, this.#manifestPath(id), utf8(text));
  }

  /** @returns undefined when no keys were put beside the manifests, or they are no text */
  async outsideKeyringText(): Promise<string | undefined> {
    const bytes = await readFile(this.#files, this.#outsideKeyringPath());
    try {
      return bytes && fromUtf8(bytes);
    } catch {
      return undefined;
    }
  }

  /** Resolves when the text, and every blob written before, survives power loss. */
  async writeOutsideKeyring(text: string): Promise<void> {
    await this.#files.syncFolder(join(this.#dir, "blobs"));
    await replaceFile(this.#files, this.#outsideKeyringPath(), utf8(text));
  }

  /** Resolves when that they are gone survives power loss; what they named stays until it is removed. */
  async removeManifests(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#files.remove(this.#manifestPath(id));
    await this.#files.syncFolder(join(this.#dir, "manifests"));
  }

  /** SHA-256 and size of each blob that is there. */
  async blobs(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (const name of await this.#files.list(join(this.#dir, "blobs"))) {
      const size = leftover.test(name) ? undefined : await this.blobSize(name);
      if (size !== undefined) sizes.set(name, size);
    }
    return sizes;
  }

  /** Takes away blobs that no manifest names, once that none does is durable. */
  async removeBlobs(blobs: Iterable<string>): Promise<void> {
    for (const sha256 of blobs) {
      this.#seen.delete(sha256);
      await this.#files.remove(this.#blobPath(sha256));
    }
    await this.#files.syncFolder(join(this.#dir, "blobs"));
  }

  async blobSize(sha256: string): Promise<number | undefined> {
    return (await this.#files.stat(this.#blobPath(sha256)))?.size;
  }

  /** Whether a blob is there as it was written; read back once in a process, and again when distrusted. */
  async holds({ sha256, bytes }: BlobName): Promise<boolean> {
    return (await this.blobSize(sha256)) === bytes && (await this.#isIntact(sha256));
  }

  /** Somebody found a blob damaged: the next snapshot reads it back, and puts it right. */
  distrust(sha256: string): void {
    this.#seen.delete(sha256);
  }

  readBlob(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return readFile(this.#files, this.#blobPath(sha256));
  }

  /**
   * Writes a blob unless it is there; one that is there but damaged is put right.
   * Its name is durable once a manifest was written.
   * @returns whether a new blob was written
   */
  async writeBlob(bytes: Uint8Array): Promise<BlobName & { isNew: boolean }> {
    const blob = { sha256: sha256Hex(bytes), bytes: bytes.length };
    const size = await this.blobSize(blob.sha256);
    if (size === bytes.length && (await this.#isIntact(blob.sha256)))
      return { ...blob, isNew: false };
    const path = this.#blobPath(blob.sha256);
    const file = await this.#files.open(`${path}.new`);
    try {
      await file.truncate(0);
      await writeAll(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#files.rename(`${path}.new`, path);
    this.#seen.add(blob.sha256);
    return { ...blob, isNew: size === undefined };
  }

  /** Takes blobs away that no manifest names, and what was begun. */
  async discard(blobs: readonly string[]): Promise<void> {
    for (const sha256 of blobs) {
      this.#seen.delete(sha256);
      await this.#files.remove(this.#blobPath(sha256));
    }
    await this.prepare();
  }

  async #isIntact(sha256: string): Promise<boolean> {
    if (this.#seen.has(sha256)) return true;
    const bytes = await this.readBlob(sha256);
    if (!bytes || sha256Hex(bytes) !== sha256) return false;
    this.#seen.add(sha256);
    return true;
  }

  #manifestPath(id: string): string {
    return join(this.#dir, "manifests", `${id}.json`);
  }

  #closedPath(name: string): string {
    return join(this.#dir, "closed", `${name}.json`);
  }

  #outsideKeyringPath(): string {
    return join(this.#dir, "keyring.json");
  }

  #blobPath(sha256: string): string {
    return join(this.#dir, "blobs", sha256);
  }
}

/** Of content, as it names a blob: hexadecimal, because some file systems fold case. */
export const sha256Hex = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

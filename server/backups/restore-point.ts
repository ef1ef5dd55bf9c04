import { createHash } from "node:crypto";
import { join } from "node:path";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Finding } from "../snapshots/finding.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { type OutsideKeyring, writeOutsideKeyring } from "../snapshots/outside-keyring.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders } from "../storage/whole-files.ts";
import { openArchive } from "./archive.ts";
import { takeContent } from "./archive-content.ts";
import { archiveName, type BackupNote, keyringFolder } from "./backup-note.ts";
import { type Chain, type MissingLink, missingLinks, reachableChains } from "./chains.ts";
import { readKeyringContent } from "./keyring-archive.ts";
import { type NoteCache, readNotes } from "./read-notes.ts";
import { type Target, TargetFault, type TransferOptions } from "./target.ts";
import { ArchiveFault } from "./ustar.ts";

export interface RestoreOptions extends TransferOptions {
  /** id of a point */
  which: string;
  /** `AGE-SECRET-KEY-1…`: of the recovery key, or of drills */
  identity: string;
  /** a folder that is not there yet, or is empty */
  to: string;
}

export interface RestoredPoint {
  point: string;
  snapshot: SnapshotId;
  /** UTC, by the server's clock, when it was put away */
  time: string;
  /** names of the archives, the full first */
  chain: string[];
  /** read from the target */
  bytes: number;
  /** archives that are damaged, for which others stood in */
  damage: Finding[];
}

/** Why nothing was restored. */
export type RestoreRefusal =
  | { code: "no-backup" }
  | { code: "no-such-point" }
  | { code: "folder-in-use"; folder: string }
  /** sealed for another key than the one that was given */
  | { code: "wrong-key" }
  /** no chain of whole archives leads to it */
  | {
      code: "unreachable";
      point: string;
      missing: MissingLink[];
      damage: Finding[];
      /** the newest point that can be restored */
      newestReachable: string | undefined;
    };

interface RestoreDeps {
  target: Target;
  files: Files;
  cache?: NoteCache | undefined;
}

/**
 * Makes a folder of snapshots of a point, from the target alone. An archive that is damaged is passed
 * over where another chain leads there. The folder has its name when all of it is there.
 * @throws TargetFault StoreFault
 */
export async function restorePoint(
  { target, files, cache }: RestoreDeps,
  options: RestoreOptions,
): Promise<Result<RestoredPoint, RestoreRefusal>> {
  const { which, to } = options;
  if ((await files.list(to)).length > 0) return refuse({ code: "folder-in-use", folder: to });
  const noted = await readNotes(target, cache, options);
  if (noted.archives.length === 0) return refuse({ code: "no-backup" });
  // An archive without its note is an upload that is not finished.
  const finished = noted.archives.filter(({ hasNote }) => hasNote);
  const point = which === "newest" ? finished.at(-1)?.id : which;
  if (point === undefined || !finished.some(({ id }) => id === point))
    return refuse({ code: "no-such-point" });
  const aside = `${to}.restoring`;
  const restoring = new Restoring({ target, files, aside, options }, noted.notes, noted.damage);
  const restored = await restoring.reach(point);
  if (!restored.ok) return restored;
  await restoring.takeKeys();
  await makeFolders(files, join(to, ".."));
  await files.rename(aside, to);
  await files.syncFolder(join(to, ".."));
  return restored;
}

interface Place {
  target: Target;
  files: Files;
  aside: string;
  options: RestoreOptions;
}

class Restoring {
  readonly #place: Place;
  readonly #folder: SnapshotFolder;
  #notes: readonly BackupNote[];
  readonly #damage: Finding[];
  /** whether anything could be opened with the key that was given */
  #opened = 0;
  #bytes = 0;

  constructor(place: Place, notes: readonly BackupNote[], damage: Finding[]) {
    this.#place = place;
    this.#folder = new SnapshotFolder(place.aside, place.files);
    this.#notes = notes;
    this.#damage = damage;
  }

  async reach(point: string): Promise<Result<RestoredPoint, RestoreRefusal>> {
    await this.#folder.prepare();
    for (;;) {
      const chains = reachableChains(this.#notes);
      const note = this.#notes.find(({ id }) => id === point);
      const chain = note && chains.get(note.snapshot);
      if (!note || !chain) return refuse(this.#unreachable(point, chains));
      await this.#forget(chain);
      const lost = await this.#take(chain);
      if (!lost) {
        const { snapshot, time } = note;
        const names = chain.map(archiveName);
        const found = { chain: names, bytes: this.#bytes, damage: this.#damage };
        return done({ point, snapshot, time, ...found });
      }
      if (lost.isOthers && this.#opened === 0) return refuse({ code: "wrong-key" });
      this.#notes = this.#notes.filter((other) => other !== lost.note);
    }
  }

  /** The newest keys that can be read; without any, the shop's money is still worth having. */
  async takeKeys(): Promise<void> {
    const { target } = this.#place;
    const names = (await target.list(keyringFolder)).map(({ name }) => name).sort();
    for (const name of names.toReversed()) {
      try {
        const { keyring, blobs } = await readKeyringContent(this.#open(name));
        for (const bytes of blobs) await this.#folder.writeBlob(bytes);
        await this.#folder.writeOutsideKeyring(writeOutsideKeyring(keyring));
        return;
      } catch (error) {
        this.#lose(name, error);
      }
    }
    this.#damage.push({ where: keyringFolder, what: "no keys of members can be read" });
    await this.#folder.writeOutsideKeyring(writeOutsideKeyring(noKeys));
  }

  /** Manifests of an earlier try: the newest in the folder shall be the one that was asked for. */
  async #forget(chain: Chain): Promise<void> {
    const { aside, files } = this.#place;
    const wanted = new Set(chain.map(({ snapshot }) => snapshot));
    for (const id of await this.#folder.ids())
      if (!wanted.has(id)) await files.remove(join(aside, "manifests", `${id}.json`));
  }

  /** @returns the archive that could not be taken, if there is one */
  async #take(chain: Chain): Promise<{ note: BackupNote; isOthers: boolean } | undefined> {
    for (const note of chain) {
      const base = note.since && (await readSnapshot(this.#folder, note.since.snapshot));
      const name = archiveName(note);
      try {
        const manifest = await takeContent(this.#open(name), this.#folder, base);
        this.#opened++;
        if (manifest.id === note.snapshot) continue;
        throw new ArchiveFault(`it leads to ${manifest.id}, not to ${note.snapshot}`);
      } catch (error) {
        this.#lose(name, error);
        const isOthers = error instanceof ArchiveFault && error.isOthers;
        return { note, isOthers: isOthers && (await this.#isAsNoted(note)) };
      }
    }
    return undefined;
  }

  /** Damage to its head makes an archive look as if it were sealed for another key. */
  async #isAsNoted(note: BackupNote): Promise<boolean> {
    const { target, options } = this.#place;
    const hash = createHash("sha256");
    for await (const chunk of target.get(archiveName(note), 0, options)) hash.update(chunk);
    return hash.digest("hex") === note.sha256;
  }

  async *#open(name: string) {
    const { target, options } = this.#place;
    const counted = this.#counted(target.get(name, 0, options));
    yield* openArchive(counted, options.identity);
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  /** Names what is damaged. @throws anything else, as a target that is gone */
  #lose(name: string, error: unknown): void {
    const isDamage =
      error instanceof ArchiveFault ||
      (error instanceof TargetFault && (error.code === "damaged" || error.code === "not-there"));
    if (!isDamage) throw error;
    this.#damage.push({ where: name, what: error.message });
  }

  #unreachable(point: string, chains: ReadonlyMap<SnapshotId, Chain>): RestoreRefusal {
    const snapshot = this.#notes.find(({ id }) => id === point)?.snapshot;
    const reachable = this.#notes.filter((note) => chains.has(note.snapshot));
    return {
      code: "unreachable",
      point,
      missing: snapshot === undefined ? [] : missingLinks(snapshot, this.#notes),
      damage: this.#damage,
      newestReachable: reachable.at(-1)?.id,
    };
  }
}

const noKeys: OutsideKeyring = {
  format: "youbei-keyring",
  version: 1,
  snapshot: "",
  time: new Date(0).toISOString(),
  count: 0,
  pages: [],
};

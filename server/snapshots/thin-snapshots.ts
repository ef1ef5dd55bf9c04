import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { faultOf } from "../storage/fault-of.ts";
import { defaultRetention } from "./keep-by-time.ts";
import { readSnapshot } from "./list-snapshots.ts";
import { type BlobPage, isSignedBy, type Manifest, pagesOf } from "./manifest.ts";
import { readOutsideKeyring } from "./outside-keyring.ts";
import { type KeptVersion, planThinning } from "./plan-thinning.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { SnapshotId } from "./snapshot-id.ts";

export interface ThinOptions {
  authority: AuthorityState;
  signatures: Signatures;
  nowMs: number;
  /** versions that stay whatever their age: what backups or a proposal to restore build on */
  held: readonly SnapshotId[];
  /** says what would be removed, and removes nothing */
  dryRun?: boolean | undefined;
}

export interface Thinned {
  /** oldest first; what would be removed, when nothing is */
  removed: SnapshotId[];
  kept: number;
  /** their time cannot be believed: they stay, and stand in for no other */
  doubtful: SnapshotId[];
  /** not as a server of this shop makes them, or something of them is gone: they stay, as those above */
  unsound: SnapshotId[];
  /** bytes of blobs that no version names any more */
  freedBytes: number;
  /** the clock has just leapt: nothing is removed for a week */
  hasLeapt: boolean;
}

/**
 * Thins the versions on the server's own disk by their time. Manifests go first, and blobs only when it
 * is durable that no manifest names them; where a manifest cannot be read no blob goes at all.
 * @throws StoreFault
 */
export async function thinSnapshots(
  folder: SnapshotFolder,
  options: ThinOptions,
): Promise<Thinned> {
  try {
    await folder.prepare();
    return await thin(folder, options);
  } catch (error) {
    throw faultOf(error);
  }
}

async function thin(folder: SnapshotFolder, options: ThinOptions): Promise<Thinned> {
  const { nowMs, held, dryRun } = options;
  const sizes = await folder.blobs();
  const read = await readAll(folder, sizes, options);
  const policy = defaultRetention;
  const { removable, doubtful, hasLeapt } = planThinning(read.sound, { nowMs, policy, held });
  const gone = new Set(removable);
  const named = await namedOutside(folder);
  for (const [id, blobs] of read.blobsById)
    if (!gone.has(id)) for (const sha256 of blobs) named?.add(sha256);
  const isKnown = named !== undefined && read.unreadable.length === 0;
  const unnamed = isKnown ? [...sizes.keys()].filter((sha256) => !named.has(sha256)) : [];
  if (dryRun !== true) {
    // Synced even if nothing was removed: a killed process may have removed some and not come so far.
    await folder.removeManifests(removable);
    await folder.removeBlobs(unnamed);
  }
  return {
    removed: removable,
    kept: read.blobsById.size + read.unreadable.length - removable.length,
    doubtful,
    unsound: [...read.unsound, ...read.unreadable].sort(),
    freedBytes: unnamed.reduce((sum, sha256) => sum + (sizes.get(sha256) ?? 0), 0),
    hasLeapt,
  };
}

interface ReadVersions {
  sound: KeptVersion[];
  unsound: SnapshotId[];
  unreadable: SnapshotId[];
  blobsById: Map<SnapshotId, string[]>;
}

async function readAll(
  folder: SnapshotFolder,
  sizes: ReadonlyMap<string, number>,
  options: ThinOptions,
): Promise<ReadVersions> {
  // What came back from a target has its keys beside all manifests.
  const hasKeysBeside = (await folder.outsideKeyringText()) !== undefined;
  const read: ReadVersions = { sound: [], unsound: [], unreadable: [], blobsById: new Map() };
  for (const id of await folder.ids()) {
    const manifest = await readSnapshot(folder, id);
    if (!manifest) {
      read.unreadable.push(id);
      continue;
    }
    const pages = manifest.documents.flatMap((document) => document.pages);
    const keys = manifest.keyring.pages;
    const names = pagesOf(manifest).map(({ sha256 }) => sha256);
    read.blobsById.set(id, names);
    const isHere = ({ sha256, bytes }: BlobPage) => sizes.get(sha256) === bytes;
    const isWhole = pages.every(isHere) && (hasKeysBeside || keys.every(isHere));
    if (!isWhole || !(await isOurs(manifest, options))) {
      read.unsound.push(id);
      continue;
    }
    const { time, reason, server, term } = manifest;
    read.sound.push({ id, time, reason, server, term });
  }
  return read;
}

/** Made by whoever is, or was, this shop's server. */
async function isOurs(
  manifest: Manifest,
  { authority, signatures }: ThinOptions,
): Promise<boolean> {
  const maker = authority.devices.get(manifest.server);
  return (
    manifest.organisation.id === authority.org &&
    maker?.server === true &&
    (await isSignedBy(manifest, maker.key, signatures))
  );
}

/** Keys that were put beside the manifests; undefined when it cannot be read what is named there. */
async function namedOutside(folder: SnapshotFolder): Promise<Set<string> | undefined> {
  const text = await folder.outsideKeyringText();
  if (text === undefined) return new Set();
  const keyring = readOutsideKeyring(text);
  return keyring && new Set(keyring.pages.map(({ sha256 }) => sha256));
}

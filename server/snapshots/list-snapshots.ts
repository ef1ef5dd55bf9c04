import { type Manifest, pagesOf, readManifest } from "./manifest.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { SnapshotId } from "./snapshot-id.ts";

/** A line of the list. */
export interface SnapshotListing {
  id: SnapshotId;
  /** by the server's clock, milliseconds since 1970 */
  atMs: number;
  reason: string;
  term: number;
  /** of everything that it names; blobs are shared between snapshots */
  bytes: number;
  members: number;
  operations: number;
}

/** Where the list is kept for quick reading; never the truth, the manifests are. */
export interface ListingCatalogue {
  snapshots(): readonly SnapshotListing[];
  /** Resolves when it is durable. */
  keep(snapshots: SnapshotListing[]): Promise<void>;
}

export interface SnapshotList {
  /** oldest first */
  snapshots: SnapshotListing[];
  /** ids whose manifest cannot be read */
  unreadable: SnapshotId[];
}

/**
 * Lists what is there. The catalogue saves reading the manifests where it names just these and is not
 * mistrusted.
 */
export async function listSnapshots(
  folder: SnapshotFolder,
  catalogue?: ListingCatalogue,
  { isMistrusted = false } = {},
): Promise<SnapshotList> {
  const ids = await folder.ids();
  const told = isMistrusted ? [] : (catalogue?.snapshots() ?? []);
  const known = new Map(told.map((listing) => [listing.id, listing]));
  const snapshots: SnapshotListing[] = [];
  const unreadable: SnapshotId[] = [];
  let isFresh = !isMistrusted && known.size === ids.length;
  for (const id of ids) {
    const listing = known.get(id);
    if (listing) snapshots.push(listing);
    else {
      isFresh = false;
      const manifest = await readSnapshot(folder, id);
      if (manifest) snapshots.push(listingOf(manifest));
      else unreadable.push(id);
    }
  }
  // A list that cannot be kept is read from the manifests next time.
  if (catalogue && !isFresh) await catalogue.keep(snapshots).catch(() => undefined);
  return { snapshots, unreadable };
}

/** @returns undefined when there is no such snapshot, or its manifest is damaged */
export async function readSnapshot(
  folder: SnapshotFolder,
  id: SnapshotId,
): Promise<Manifest | undefined> {
  const text = await folder.manifestText(id);
  const manifest = text === undefined ? undefined : readManifest(text);
  return manifest?.id === id ? manifest : undefined;
}

export function listingOf(manifest: Manifest): SnapshotListing {
  const { id, time, reason, term, state } = manifest;
  return {
    id,
    atMs: Date.parse(time),
    reason,
    term,
    bytes: pagesOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0),
    members: state.counts["members"] ?? 0,
    operations: state.counts["operations"] ?? 0,
  };
}

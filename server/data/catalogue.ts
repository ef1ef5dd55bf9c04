import type { TargetHistory } from "../backups/target-history.ts";
import type { DeviceReport } from "../relay/holders.ts";
import type { SnapshotListing } from "../snapshots/list-snapshots.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";

/**
 * Small facts about the server, never member data: all of it can be rebuilt, from snapshots' manifests,
 * from what devices say at their next contact, and by the owner, who chose the origin.
 */
export interface CatalogueData {
  reports: Record<string, DeviceReport>;
  snapshots: SnapshotListing[];
  /** of the snapshot that was read back last */
  snapshotCheck?: { id: SnapshotId; atMs: number; ok: boolean };
  /** the address under which devices open the app: what they keep belongs to it */
  origin?: string;
  /** what is known of each target of backups, by its id */
  backups: Record<string, TargetHistory>;
  /** the origin under which each device was connected last */
  origins: Record<string, string>;
}

export interface Catalogue {
  data(): Readonly<CatalogueData>;
  /** Resolves when the change survives power loss. */
  update(change: (data: CatalogueData) => void): Promise<void>;
}

export const emptyCatalogue = (): CatalogueData => ({
  reports: {},
  snapshots: [],
  origins: {},
  backups: {},
});

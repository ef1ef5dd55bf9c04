import type { DeviceReport } from "../relay/holders.ts";
import type { SnapshotListing } from "../snapshots/list-snapshots.ts";

/**
 * Small facts about the server, never member data: all of it can be rebuilt, from snapshots' manifests
 * and from what devices say at their next contact.
 */
export interface CatalogueData {
  reports: Record<string, DeviceReport>;
  snapshots: SnapshotListing[];
}

export interface Catalogue {
  data(): Readonly<CatalogueData>;
  /** Resolves when the change survives power loss. */
  update(change: (data: CatalogueData) => void): Promise<void>;
}

export const emptyCatalogue = (): CatalogueData => ({ reports: {}, snapshots: [] });

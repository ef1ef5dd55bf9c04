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
  /** version of the program that had the data open last */
  servedBy?: string;
  /** the address under which devices open the app: what they keep belongs to it */
  origin?: string;
  /** the device that stands by to be the server, and where it would serve */
  standby?: { device: string; origin: string };
  /** further addresses at which devices may find this server, or came to it from before */
  addresses?: string[];
  /** where the server was of which this one, a standby then, took the place */
  predecessor?: string;
  /** what is known of each target of backups, by its id */
  backups: Record<string, TargetHistory>;
  /** the origin under which each device was connected last */
  origins: Record<string, string>;
}

export interface Catalogue {
  /** what could not be read when it was opened; see `readCatalogue` */
  damaged?: readonly string[];
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

const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isListing = (value: unknown): boolean => {
  const { id, atMs, reason, term, bytes, members, operations } = (value ?? {}) as Record<
    string,
    unknown
  >;
  const numbers = [atMs, term, bytes, members, operations];
  return isText(id) && isText(reason) && numbers.every((each) => Number.isSafeInteger(each));
};

const isSound: { [Name in keyof CatalogueData]?: (value: unknown) => boolean } = {
  reports: isRecord,
  snapshots: (value) => Array.isArray(value) && value.every(isListing),
  snapshotCheck: isRecord,
  servedBy: isText,
  origin: isText,
  backups: isRecord,
  origins: (value) => isRecord(value) && Object.values(value as object).every(isText),
};

/**
 * Reads a catalogue as it was written; what is not as it should be is left out, because all of it
 * can be had again.
 * @returns the names of what was left out; `catalogue` when nothing of it could be read
 */
export function readCatalogue(value: unknown): { data: CatalogueData; damaged: string[] } {
  if (!isRecord(value)) return { data: emptyCatalogue(), damaged: ["catalogue"] };
  const kept = { ...(value as Partial<Record<keyof CatalogueData, unknown>>) };
  const names = Object.keys(isSound) as (keyof CatalogueData)[];
  const damaged = names.filter(
    (name) => kept[name] !== undefined && isSound[name]?.(kept[name]) === false,
  );
  for (const name of damaged) delete kept[name];
  return { data: { ...emptyCatalogue(), ...(kept as Partial<CatalogueData>) }, damaged };
}

import type { SnapshotId } from "../snapshots/snapshot-id.ts";
import { archiveName, type BackupNote } from "./backup-note.ts";

/** Archives to be restored one after the other, the full first. */
export type Chain = readonly BackupNote[];

/** Why nothing leads to a snapshot: nothing here brings what `archive` builds on. */
export interface MissingLink {
  archive: string;
  /** the snapshot that would have to be there first */
  needs: SnapshotId;
  /** the backup that brought it */
  backup: string;
}

/** A request costs more than its bytes: shorter chains are better than slightly smaller ones. */
const linkBytes = 256 * 1024;

interface Reached {
  chain: Chain;
  cost: number;
}

/**
 * How each snapshot can be reached, in the cheapest way. An archive is a step from one snapshot to a
 * later one, and it does not matter by which archive the former was reached: that is what makes a full
 * with its differential, and a full with its incrementals, stand in for each other.
 * @param notes of archives that are whole, in any order
 */
export function reachableChains(notes: readonly BackupNote[]): Map<SnapshotId, Chain> {
  const reached = new Map<SnapshotId, Reached>();
  for (const note of inOrder(notes)) {
    const before = note.since ? reached.get(note.since.snapshot) : { chain: [], cost: 0 };
    if (!before) continue;
    const cost = before.cost + note.bytes + linkBytes;
    const known = reached.get(note.snapshot);
    if (!known || cost < known.cost)
      reached.set(note.snapshot, { chain: [...before.chain, note], cost });
  }
  return new Map([...reached].map(([snapshot, { chain }]) => [snapshot, chain]));
}

/** What would have to be there for a snapshot to be reached; each break of every way to it. */
export function missingLinks(snapshot: SnapshotId, notes: readonly BackupNote[]): MissingLink[] {
  const missing: MissingLink[] = [];
  const met = new Set<SnapshotId>();
  const look = (wanted: SnapshotId) => {
    if (met.has(wanted)) return;
    met.add(wanted);
    for (const note of notes) {
      if (note.snapshot !== wanted || !note.since) continue;
      const { snapshot: needs, backup } = note.since;
      if (notes.some((other) => other.snapshot === needs)) look(needs);
      else missing.push({ archive: archiveName(note), needs, backup });
    }
  };
  look(snapshot);
  return missing;
}

/** Steps lead forward in time, so in this order a step's beginning comes before it. */
const inOrder = (notes: readonly BackupNote[]): BackupNote[] =>
  [...notes].sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1));

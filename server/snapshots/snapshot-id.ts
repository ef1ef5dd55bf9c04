import type { RandomSource } from "../../shared/journal/ports.ts";
import { newId } from "../../shared/replica/new-id.ts";

/** `20261123T020000000Z-k3m9x2`: sorts by time, says when, and never repeats. */
export type SnapshotId = string;

/** Whoever names a file so that no time comes after it does not keep new snapshots from a name. */
const lastMs = Date.UTC(9999, 0);

/**
 * A clock that went back does not put a new snapshot behind older ones: the newest is always last.
 * @param newest id of the newest snapshot that is there
 */
export function newSnapshotId(
  nowMs: number,
  newest: SnapshotId | undefined,
  random: RandomSource,
): SnapshotId {
  const afterMs = newest === undefined ? 0 : timeOf(newest) + 1;
  const atMs = afterMs > lastMs ? nowMs : Math.max(nowMs, afterMs);
  return `${new Date(atMs).toISOString().replace(/[-:.]/g, "")}-${newId(random, 6)}`;
}

/** @returns milliseconds since 1970; 0 for what is no id of ours */
function timeOf(id: SnapshotId): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-/.exec(id);
  if (!match) return 0;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = match
    .slice(1)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

import type { Finding } from "../snapshots/finding.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";

/** Why nothing was recovered, and nothing written. */
export type RecoveryRefusal =
  | { code: "no-snapshot" }
  | {
      code: "snapshot-damaged";
      snapshot: SnapshotId;
      damage: Finding[];
      newestUndamaged: SnapshotId | undefined;
    }
  /** none of the sources holds an authority log that checks */
  | { code: "nothing-readable" }
  /** somebody broke it off */
  | { code: "cancelled" }
  /** the words are those of another organisation's card */
  | { code: "wrong-recovery-key" }
  /** a live store with an organisation is here already */
  | { code: "live-data"; folder: string };

import type { Finding } from "../snapshots/finding.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";

/** Why nothing was recovered, and nothing written. */
export type RecoveryRefusal =
  | { code: "no-snapshot" }
  /** none of the files holds an authority log that checks */
  | { code: "no-rescue-file" }
  | {
      code: "snapshot-damaged";
      snapshot: SnapshotId;
      damage: Finding[];
      newestUndamaged: SnapshotId | undefined;
    }
  /** the words are those of another organisation's card */
  | { code: "wrong-recovery-key" }
  /** a live store with an organisation is here already */
  | { code: "live-data"; folder: string };

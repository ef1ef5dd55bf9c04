import type { StateSummary } from "../../shared/replica/state-hash.ts";
import type { Finding } from "../snapshots/finding.ts";
import type { BackupKind } from "./backup-note.ts";
import type { PutBackups } from "./backup-plan.ts";

/** What is known of a target without asking it. Times in milliseconds since 1970. */
export interface TargetHistory extends PutBackups {
  /** of the last backup: its archives together */
  lastBytes?: number | undefined;
  lastKinds?: readonly BackupKind[] | undefined;
  /** since when it cannot be reached or written, and why it could not the last time */
  failure?: { sinceMs: number; atMs: number; code: string; message: string } | undefined;
  /** for which keys the backups there are sealed; for others a full is due */
  recipients?: string | undefined;
  /** which keys of members, and what else of the server, lies there; as digests */
  keyring?: string | undefined;
  system?: string | undefined;
  /** damage was found in what later backups would build on: a full is due */
  isBroken?: boolean | undefined;
  verification?: VerificationFacts | undefined;
  drill?: DrillFacts | undefined;
  /** of the last drill that succeeded */
  provenMs?: number | undefined;
}

export interface VerificationFacts {
  atMs: number;
  ok: boolean;
  /** where the next one with a budget goes on; nothing when all was read */
  cursor?: string | undefined;
  /** when everything there had been read once */
  wholeMs?: number | undefined;
  damage: Finding[];
}

export interface DrillFacts {
  atMs: number;
  ok: boolean;
  /** the point that was restored, and its snapshot */
  point: string;
  snapshot: string;
  archives: number;
  /** read from the target */
  bytes: number;
  /** fetching, opening and rebuilding; verifying and comparing */
  restoreMs: number;
  verifyMs: number;
  state: Pick<StateSummary, "hash" | "trialBalance"> | undefined;
  /** whether the live system has exactly this at that point; undefined where it is of another term */
  isAsLive: boolean | undefined;
  members: number;
  missingKeys: number;
  damage: Finding[];
}

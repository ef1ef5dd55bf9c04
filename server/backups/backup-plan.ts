import * as z from "zod/mini";
import type { BackupKind } from "./backup-note.ts";

const interval = z.number().check(z.int(), z.minimum(60_000), z.maximum(366 * 24 * 3_600_000));

/** How often, in milliseconds; each kind only when something changed since. */
export const backupPlan = z.strictObject({
  fullMs: interval,
  differentialMs: interval,
  incrementalMs: interval,
  /** a restore into a scratch place, compared with what it must come to */
  drillMs: interval,
});
export type BackupPlan = z.infer<typeof backupPlan>;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export const defaultPlan: BackupPlan = {
  fullMs: 7 * dayMs,
  differentialMs: dayMs,
  incrementalMs: 15 * minuteMs,
  drillMs: 7 * dayMs,
};

/** A backup that lies on a target. */
export interface PutBackup {
  id: string;
  snapshot: string;
  atMs: number;
}

/** When each kind was put on a target last. */
export interface PutBackups {
  /** of any kind */
  last?: PutBackup | undefined;
  full?: PutBackup | undefined;
  /** differential or full */
  differential?: PutBackup | undefined;
}

/**
 * Which kind is due, the largest first. What was missed while the machine was off is due at its start.
 * @param isChanged whether there is anything that the last backup does not hold
 */
export function dueKind(
  plan: BackupPlan,
  put: PutBackups,
  { nowMs, isChanged }: { nowMs: number; isChanged: boolean },
): BackupKind | undefined {
  const { last, full, differential } = put;
  if (!last || !full) return "full";
  const isDue = (before: PutBackup | undefined, everyMs: number) =>
    (isChanged || before?.snapshot !== last.snapshot) && hasPassed(before, everyMs, nowMs);
  if (isDue(full, plan.fullMs)) return "full";
  if (isDue(differential, plan.differentialMs)) return "differential";
  return isDue(last, plan.incrementalMs) ? "incremental" : undefined;
}

/** A clock that was ahead and went back must not put off backups until it is there again. */
const hasPassed = (before: PutBackup | undefined, everyMs: number, nowMs: number): boolean =>
  before === undefined || Math.abs(nowMs - before.atMs) >= everyMs;

/** When something is put there next, if anything changes until then; milliseconds since 1970. */
export function nextRunMs(
  plan: BackupPlan,
  { last, full, differential }: PutBackups,
  nowMs: number,
): number {
  if (!last || !full) return nowMs;
  const next = [
    full.atMs + plan.fullMs,
    (differential ?? full).atMs + plan.differentialMs,
    last.atMs + plan.incrementalMs,
  ];
  return Math.max(nowMs, Math.min(...next));
}

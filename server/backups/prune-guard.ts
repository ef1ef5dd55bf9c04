import type { BackupNote } from "./backup-note.ts";
import type { BackupPlan } from "./backup-plan.ts";
import type { TargetHistory } from "./target-history.ts";

/**
 * Why nothing is taken away from a target now. `not-proven`: its last proven restore is older than a
 * week, or was never; `drill-failed`; `proven-point-gone`: what was proven is not there any more;
 * `damaged`; `shrank`: backups are gone that nobody here took away; `foreign-files`: there is much that
 * no server of this shop wrote; `multiplied`: more points in a day than its plan makes;
 * `size-changed`: the newest full is of another size than the one before.
 */
export type PruneObstacle =
  | "not-proven"
  | "drill-failed"
  | "proven-point-gone"
  | "damaged"
  | "shrank"
  | "foreign-files"
  | "multiplied"
  | "size-changed";

/** What is known of a target when something is to be taken away from it. */
export interface TargetFacts {
  nowMs: number;
  plan: BackupPlan;
  history: Readonly<TargetHistory>;
  /** of archives that are whole and signed by this shop's servers */
  notes: readonly BackupNote[];
  /** places that are damaged */
  damaged: number;
  /** backups that this server put or saw there and that are gone */
  missing: number;
  /** files beside those that the notes speak of */
  foreign: number;
}

const dayMs = 24 * 3_600_000;
const provenMsMax = 7 * dayMs;
/** An upload that was cut off, a note that somebody put there. */
const foreignMost = 10;
const fullRatioMax = 4;
const growthBytesMin = 1024 * 1024;

/** All that speaks against it; nothing is taken away while there is anything. */
export function obstaclesOf(facts: TargetFacts): PruneObstacle[] {
  const { history, notes, damaged, missing, foreign, nowMs } = facts;
  const { provenMs, drill, verification, isBroken } = history;
  const provenAgeMs = nowMs - (provenMs ?? Number.NEGATIVE_INFINITY);
  const found: [PruneObstacle, boolean][] = [
    // A clock that went back makes what was proven lie ahead; one that jumped makes it old.
    ["not-proven", !(provenAgeMs >= 0 && provenAgeMs <= provenMsMax)],
    ["drill-failed", drill?.ok === false],
    ["proven-point-gone", !notes.some(({ id }) => id === drill?.point)],
    ["damaged", damaged > 0 || isBroken === true || verification?.ok === false],
    ["shrank", missing > 0],
    ["foreign-files", foreign > Math.max(foreignMost, notes.length / 10)],
    ["multiplied", busiestDay(notes) > 2 * pointsADay(facts.plan) + 10],
    ["size-changed", isOtherSize(notes)],
  ];
  return found.filter(([, is]) => is).map(([obstacle]) => obstacle);
}

const pointsADay = ({ fullMs, differentialMs, incrementalMs }: BackupPlan): number =>
  Math.ceil(dayMs / fullMs + dayMs / differentialMs + dayMs / incrementalMs);

function busiestDay(notes: readonly BackupNote[]): number {
  const points = new Map<string, Set<string>>();
  // By the time that is told and by the id, whose clock another note may have pushed on.
  for (const { id, time } of notes)
    for (const day of [`time ${time.slice(0, 10)}`, `id ${id.slice(0, 8)}`]) {
      const found = points.get(day) ?? new Set();
      points.set(day, found.add(id));
    }
  return Math.max(0, ...[...points.values()].map(({ size }) => size));
}

function isOtherSize(notes: readonly BackupNote[]): boolean {
  const fulls = notes.filter(({ kind }) => kind === "full").sort((a, b) => (a.id < b.id ? -1 : 1));
  const [before, newest] = fulls.slice(-2).map(({ bytes }) => bytes);
  if (before === undefined || newest === undefined) return false;
  const isGrown = newest > fullRatioMax * before && newest - before > growthBytesMin;
  return isGrown || newest * fullRatioMax < before;
}

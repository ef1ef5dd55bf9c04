import {
  doubtfulPoints,
  newestBy,
  type Point,
  promisedPoints,
  type RetentionPolicy,
} from "./keep-by-time.ts";

/** A version that is signed by a server of this shop and lacks nothing. */
export interface KeptVersion extends Point {
  /** why it was taken, for people */
  reason: string;
  /** device id of the server that made it, and in which term */
  server: string;
  term: number;
}

export interface ThinningPlan {
  /** ids that nothing speaks for, oldest first */
  removable: string[];
  /** ids whose time cannot be believed: they stay, and stand in for no other */
  doubtful: string[];
  /** the clock has just leapt: nothing is removed until somebody had a week to notice */
  hasLeapt: boolean;
}

const dayMs = 24 * 3_600_000;
/** Even monthly versions lie nearer together than this, unless the server was off. */
const leapMsMin = 40 * dayMs;
const noticeMs = 7 * dayMs;

/**
 * Which versions on the server's own disk can go by their time. What was taken before an act stays as
 * long as daily ones do; the newest stays, and that of each term and before each long silence.
 * @param held ids that stay whatever their age, as what backups build on
 */
export function planThinning(
  versions: readonly KeptVersion[],
  { nowMs, policy, held }: { nowMs: number; policy: RetentionPolicy; held: readonly string[] },
): ThinningPlan {
  const sorted = [...versions].sort((a, b) => (a.id < b.id ? -1 : 1));
  const doubtful = doubtfulPoints(sorted, nowMs);
  const usable = sorted.filter(({ id }) => !doubtful.has(id));
  const leaps = leapsIn(usable, nowMs);
  const isBeforeAct = ({ reason, time }: KeptVersion) =>
    reason.startsWith("before ") && nowMs - Date.parse(time) <= policy.dailyMs;
  const kept = new Set([
    ...held,
    ...doubtful,
    ...promisedPoints(usable, nowMs, policy),
    ...usable.filter(isBeforeAct).map(({ id }) => id),
    ...newestBy(sorted, ({ server, term }) => `${server} ${term}`),
    ...newestBy(usable, () => "all"),
    ...leaps.map(({ before }) => before),
  ]);
  const hasLeapt = leaps.some(({ toMs }) => nowMs - toMs < noticeMs);
  const removable = hasLeapt ? [] : sorted.map(({ id }) => id).filter((id) => !kept.has(id));
  return { removable, doubtful: [...doubtful], hasLeapt };
}

/** Where no version was made for long, up to now: the server was off, or its clock is wrong. */
function leapsIn(
  versions: readonly KeptVersion[],
  nowMs: number,
): { before: string; toMs: number }[] {
  const times = [...versions.map(({ time }) => Date.parse(time)), nowMs];
  return versions.flatMap(({ id }, at) => {
    const [fromMs = 0, toMs = 0] = times.slice(at, at + 2);
    return toMs - fromMs > leapMsMin ? [{ before: id, toMs }] : [];
  });
}

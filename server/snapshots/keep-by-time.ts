/** How long points are kept, in milliseconds: by their time, never by their number. */
export interface RetentionPolicy {
  /** every point */
  allMs: number;
  /** the newest of each day, week, month; days of UTC, weeks from Monday */
  dailyMs: number;
  weeklyMs: number;
  monthlyMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const defaultRetention: RetentionPolicy = {
  allMs: 48 * hourMs,
  dailyMs: 30 * dayMs,
  weeklyMs: 366 * dayMs,
  monthlyMs: 7 * 366 * dayMs,
};

/** Something that can be gone back to: ids go up with every one that is made, whatever the clock says. */
export interface Point {
  id: string;
  /** ISO 8601, by the clock of the server that made it */
  time: string;
}

/** A clock is not exact to the second. */
const toleranceMs = 5 * 60_000;

/** @returns ids of the points that the policy keeps for their time */
export function promisedPoints(
  points: readonly Point[],
  nowMs: number,
  { allMs, dailyMs, weeklyMs, monthlyMs }: RetentionPolicy,
): string[] {
  const ageMs = (point: Point) => nowMs - timeOf(point);
  const within = (ms: number, period: (point: Point) => string) => {
    const newest = new Set(newestBy(points, period));
    return points.filter((point) => newest.has(point.id) && ageMs(point) <= ms);
  };
  const promised = [
    ...points.filter((point) => ageMs(point) <= allMs),
    ...within(dailyMs, ({ time }) => time.slice(0, 10)),
    // Day 4 of the epoch was a Monday.
    ...within(weeklyMs, (point) => String(Math.floor((timeOf(point) / dayMs - 4) / 7))),
    ...within(monthlyMs, ({ time }) => time.slice(0, 7)),
  ];
  return [...new Set(promised.map(({ id }) => id))];
}

/**
 * A time that is not over yet, or that is before that of an older point, was told by a clock that was
 * wrong, or by somebody. @returns ids of such points
 */
export function doubtfulPoints(points: readonly Point[], nowMs: number): Set<string> {
  const doubtful = new Set<string>();
  let latestMs = 0;
  for (const point of [...points].sort((a, b) => (a.id < b.id ? -1 : a.id === b.id ? 0 : 1))) {
    const atMs = timeOf(point);
    const isFuture = atMs > nowMs + toleranceMs;
    if (isFuture || atMs < latestMs - toleranceMs) doubtful.add(point.id);
    if (!isFuture) latestMs = Math.max(latestMs, atMs);
  }
  return doubtful;
}

/** @returns ids of the newest point of each group */
export function newestBy<Each extends Point>(
  points: readonly Each[],
  groupOf: (point: Each) => string,
): string[] {
  const newest = new Map<string, string>();
  for (const point of points) {
    const group = groupOf(point);
    if (point.id > (newest.get(group) ?? "")) newest.set(group, point.id);
  }
  return [...newest.values()];
}

const timeOf = ({ time }: Point): number => Date.parse(time);

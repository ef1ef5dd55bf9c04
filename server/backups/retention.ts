import {
  doubtfulPoints,
  newestBy,
  promisedPoints,
  type RetentionPolicy,
} from "../snapshots/keep-by-time.ts";
import type { BackupNote } from "./backup-note.ts";

export interface RetentionPlan {
  /** archives that nothing speaks for, the newest first: none builds on one before it */
  removable: BackupNote[];
  /** archives that stay */
  kept: BackupNote[];
  /** points whose time cannot be believed: they stay, and stand in for no other */
  doubtful: string[];
}

/**
 * What a target could do without. Only what a server of this shop signed is looked at; a point whose
 * time cannot be is kept and displaces none; whatever a kept archive builds on is kept.
 * @param notes of archives that are whole and signed by this shop's servers
 * @param held ids of points that stay whatever their age, as the last one that was proven
 */
export function planRetention(
  notes: readonly BackupNote[],
  { nowMs, policy, held }: { nowMs: number; policy: RetentionPolicy; held: readonly string[] },
): RetentionPlan {
  const chains = shortChains(notes);
  const doubtful = doubtfulPoints(notes, nowMs);
  // What no chain leads to may be whole again tomorrow; it is no promise meanwhile.
  const isUsable = ({ id, snapshot }: BackupNote) => chains.has(snapshot) && !doubtful.has(id);
  const usable = notes.filter(isUsable);
  const isYoung = ({ time }: BackupNote) => nowMs - Date.parse(time) <= policy.allMs;
  // Of these both ways of restoring stay, so that one can stand in for the other.
  const whole = new Set([
    ...held,
    ...doubtful,
    ...notes.filter((note) => !chains.has(note.snapshot) || isYoung(note)).map(({ id }) => id),
    ...newestBy(notes, ({ server, term }) => `${server} ${term}`),
  ]);
  const kept = new Set(notes.filter(({ id }) => whole.has(id)));
  for (const id of promisedPoints(usable, nowMs, policy)) addShortest(kept, id, notes, chains);
  addBases(kept, chains);
  for (const id of newestOfKeptChains(usable, kept, chains)) addShortest(kept, id, notes, chains);
  addBases(kept, chains);
  const removable = notes.filter((note) => !kept.has(note)).sort(newestFirst);
  return { removable, kept: [...kept], doubtful: [...doubtful] };
}

/** How a snapshot is reached: by this archive, after the ones before it. */
interface Link {
  note: BackupNote;
  base: Link | undefined;
  full: string;
  length: number;
}

type Chains = ReadonlyMap<string, Link>;

/**
 * How each snapshot can be reached from the latest full, and in the fewest steps: the cheapest way,
 * which restoring takes, may lead through everything that there is.
 */
function shortChains(notes: readonly BackupNote[]): Chains {
  const chains = new Map<string, Link>();
  for (const note of [...notes].sort((a, b) => -newestFirst(a, b))) {
    const base = note.since && chains.get(note.since.snapshot);
    if (note.since && !base) continue;
    const link = { note, base, full: base?.full ?? note.id, length: (base?.length ?? 0) + 1 };
    const known = chains.get(note.snapshot);
    const isBetter =
      !known || link.full > known.full || (link.full === known.full && link.length < known.length);
    if (isBetter) chains.set(note.snapshot, link);
  }
  return chains;
}

/** Of a point, the archive that builds on the least. */
function addShortest(
  kept: Set<BackupNote>,
  id: string,
  notes: readonly BackupNote[],
  chains: Chains,
): void {
  const reached = (note: BackupNote) => note.since && chains.get(note.since.snapshot);
  const [best] = notes
    .filter((note) => note.id === id && (!note.since || reached(note)))
    .sort((a, b) => {
      const [one, other] = [reached(a), reached(b)];
      if (!one || !other) return one ? 1 : -1;
      return one.full === other.full ? one.length - other.length : one.full > other.full ? -1 : 1;
    });
  if (best) kept.add(best);
}

/** Whatever an archive builds on. */
function addBases(kept: Set<BackupNote>, chains: Chains): void {
  for (const { since } of kept)
    for (let at = chains.get(since?.snapshot ?? ""); at; at = at.base) kept.add(at.note);
}

/** Of each full that stays, the newest point that builds on it. */
function newestOfKeptChains(
  usable: readonly BackupNote[],
  kept: ReadonlySet<BackupNote>,
  chains: Chains,
): string[] {
  const fulls = new Set([...kept].filter(({ since }) => !since).map(({ id }) => id));
  const fullOf = ({ snapshot }: BackupNote) => chains.get(snapshot)?.full ?? "";
  return newestBy(
    usable.filter((note) => fulls.has(fullOf(note))),
    fullOf,
  );
}

const newestFirst = (a: BackupNote, b: BackupNote): number =>
  a.id === b.id ? 0 : a.id < b.id ? 1 : -1;

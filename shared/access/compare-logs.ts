import { readEntry } from "./authority-entry.ts";
import type { AuthorityState } from "./authority-state.ts";

/**
 * How another copy of the authority log stands to ours. `longer`: it goes on from all of ours;
 * `shorter`: ours goes on from all of it; `superseding`, `superseded`: they part, and the one or the
 * other was opened anew by the recovery key; `diverged`: they part, and nobody has decided.
 */
export type LogStanding =
  | "same"
  | "longer"
  | "shorter"
  | "superseding"
  | "superseded"
  | "diverged"
  | "foreign";

/** @returns the other's standing, and how many entries both begin with */
export function compareLogs(
  own: AuthorityState,
  other: AuthorityState,
): { standing: LogStanding; common: number } {
  const shortest = Math.min(own.heads.length, other.heads.length);
  let common = 0;
  while (common < shortest && own.heads[common] === other.heads[common]) common++;
  if (common === 0) return { standing: "foreign", common };
  if (common === shortest) {
    const difference = other.heads.length - own.heads.length;
    if (difference === 0) return { standing: "same", common };
    return { standing: difference > 0 ? "longer" : "shorter", common };
  }
  const order = compareOpenings(beyond(own, common), beyond(other, common));
  if (order === 0) return { standing: "diverged", common };
  return { standing: order < 0 ? "superseding" : "superseded", common };
}

/** What a log says of its own beginning anew, from where it parts from another one. */
interface Beyond {
  /** of the newest opening by the card that both know, or before it */
  term: number;
  opening: string;
  /** whether the log was opened anew here */
  isOpened: boolean;
  /** how the card that both know was replaced */
  replaced: "by-card" | "without-card" | undefined;
}

function beyond({ texts, openings, recoveries }: AuthorityState, common: number): Beyond {
  const replacement = recoveries.find(({ since }) => since >= common);
  const until = replacement && !replacement.byCard ? replacement.since : Number.MAX_SAFE_INTEGER;
  const counted = openings.filter((opened) => opened < until);
  const newest = counted.at(-1) ?? 0;
  return {
    term: counted.length,
    opening: texts[newest] ?? "",
    isOpened: newest >= common,
    replaced: replacement && (replacement.byCard ? "by-card" : "without-card"),
  };
}

/**
 * A card that had a part in its own replacement has said its last word. What others replaced it by is
 * known to those who hold that entry, and proves nothing to those who do not: neither takes the other's
 * log, whatever was opened by either card, unless the card that both know had decided before.
 * @returns below 0 where the other goes on, 0 where nobody has decided; everybody decides the same
 */
function compareOpenings(own: Beyond, other: Beyond): number {
  if (own.replaced && other.replaced) return 0;
  if (other.replaced) return -compareOpenings(other, own);
  if (own.replaced === "by-card") return own.isOpened || other.isOpened ? 1 : 0;
  const order = compareTerms(own, other);
  return own.replaced === undefined || (order > 0 && own.isOpened) ? order : 0;
}

/**
 * The later term goes on. Of two that were opened from the same beginning, as when the card was used
 * twice, the one that its owner signed later.
 */
function compareTerms(own: Beyond, other: Beyond): number {
  if (own.term !== other.term) return own.term - other.term;
  const [here, there] = [own.opening, other.opening];
  if (here === there) return 0;
  const difference = (readEntry(here)?.at ?? 0) - (readEntry(there)?.at ?? 0);
  return difference !== 0 ? difference : here < there ? -1 : 1;
}

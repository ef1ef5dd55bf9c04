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
  const order = compareOpenings(own, other);
  if (order === 0) return { standing: "diverged", common };
  return { standing: order < 0 ? "superseding" : "superseded", common };
}

/**
 * The later term goes on. Of two that were opened from the same beginning, as when the card was used
 * twice, the one that its owner signed later; everybody decides the same.
 */
function compareOpenings(own: AuthorityState, other: AuthorityState): number {
  if (own.term !== other.term) return own.term - other.term;
  const [here, there] = [newestOpening(own), newestOpening(other)];
  if (here === there) return 0;
  const difference = (readEntry(here)?.at ?? 0) - (readEntry(there)?.at ?? 0);
  return difference !== 0 ? difference : here < there ? -1 : 1;
}

const newestOpening = ({ texts, openedSeq }: AuthorityState): string => texts[openedSeq] ?? "";

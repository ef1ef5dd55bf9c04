import type { Heads } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { Missing } from "../../shared/replica/witness.ts";

/**
 * What somebody says that he had and that is not here, by chain and sequence.
 * @param promised the sequence after the last, by chain
 * @param aside runs that are here and do not join: what is before them is missing, they are not
 */
export function missingOf(
  promised: ReadonlyMap<ChainId, number>,
  heads: Heads,
  aside: readonly Run[] = [],
): Missing[] {
  const known = new Map<ChainId, { first: number; last: number }[]>();
  for (const { seal } of aside) {
    const read = readSeal(seal);
    if (read) known.set(read.chain, [...(known.get(read.chain) ?? []), read]);
  }
  const ends = new Map(promised);
  for (const [chain, spans] of known)
    for (const { last } of spans) ends.set(chain, Math.max(last + 1, ends.get(chain) ?? 0));
  return [...ends].flatMap(([chain, next]) => {
    const missing: Missing[] = [];
    let from = heads.get(chain)?.next ?? 0;
    for (const { first, last } of (known.get(chain) ?? []).sort((a, b) => a.first - b.first)) {
      if (first > from) missing.push({ chain, from, to: first - 1 });
      from = Math.max(from, last + 1);
    }
    if (next > from) missing.push({ chain, from, to: next - 1 });
    return missing;
  });
}

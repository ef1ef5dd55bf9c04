import type { ChainHead, Heads } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { SnapshotDocument } from "./manifest.ts";

/** Where the chains stand at the end of all documents. */
export function endsOf(documents: readonly SnapshotDocument[]): Map<ChainId, ChainHead> {
  const ends = new Map<ChainId, ChainHead>();
  for (const { heads } of documents)
    for (const [chain, head] of Object.entries(heads))
      if (head.next > (ends.get(chain)?.next ?? 0)) ends.set(chain, head);
  return ends;
}

/** Whether the seals in the documents lead exactly to where the fold stands. */
export function isFolded(documents: readonly SnapshotDocument[], heads: Heads): boolean {
  const ends = endsOf(documents);
  const folded = [...heads].filter(([, head]) => head.next > 0);
  return (
    folded.length === ends.size &&
    folded.every(([chain, { next, hash }]) => {
      const end = ends.get(chain);
      return end?.next === next && end.hash === hash;
    })
  );
}

import type { Heads } from "../../shared/journal/chain.ts";
import type { SnapshotDocument } from "./manifest.ts";

/** Whether the seals in the documents lead exactly to where the fold stands. */
export function isFolded(documents: readonly SnapshotDocument[], heads: Heads): boolean {
  const ends = new Map<string, { next: number; hash: string }>();
  for (const document of documents)
    for (const [chain, head] of Object.entries(document.heads))
      if (head.next > (ends.get(chain)?.next ?? 0)) ends.set(chain, head);
  const folded = [...heads].filter(([, head]) => head.next > 0);
  return (
    folded.length === ends.size &&
    folded.every(([chain, { next, hash }]) => {
      const end = ends.get(chain);
      return end?.next === next && end.hash === hash;
    })
  );
}

import { type ChainId, deviceOfChain } from "../journal/operation.ts";
import type { Branch, Branches } from "./branches.ts";
import type { Ledger } from "./ledger.ts";

/** What was entered, and what stands apart from it. */
export interface EnteredChains {
  ledger: Ledger;
  branches: Branches;
  reader: {
    /** the chain's hash before sequence `next` */
    hashAt(chain: ChainId, next: number): Promise<string | undefined>;
    /** the hash that the entered run leads to which begins at `seq` */
    headOfRunAt(chain: ChainId, seq: number): Promise<string | undefined>;
  };
}

/**
 * Of two histories of a device that one counts which its cut names, on every replica, whatever came
 * first. Beyond the cut nothing counts; there the smaller hash stands in the chain, so that replicas
 * agree on what is apart. Before there is a cut it is the one that came first.
 * @returns hashes that runs lead to which must stand apart, one of which was entered: all that contend
 * for its place, so that folding again settles it at once and does not enter the next wrong one
 */
export async function wronglyCounted(loaded: EnteredChains): Promise<string[]> {
  const { branches, ledger } = loaded;
  const wrong: string[] = [];
  if (branches.size === 0) return wrong;
  const chains = new Set(branches.list().map(({ chain }) => chain));
  for (const chain of chains) {
    const closed = ledger.log.devices.get(deviceOfChain(chain))?.closed;
    if (!closed) continue;
    const cut = closed.cut[chain];
    const rivals = cut && cut.next > 0 ? await rivalsOfNamed(loaded, chain, cut) : [];
    if (rivals.length > 0) wrong.push(...rivals);
    else wrong.push(...(await rivalsBeyond(loaded, chain, cut?.next ?? 0)));
  }
  return wrong;
}

/** The entered run that stands where the history up to the cut parts from the chain, and others there. */
async function rivalsOfNamed(
  { branches, reader, ledger }: EnteredChains,
  chain: ChainId,
  cut: { next: number; hash: string },
): Promise<string[]> {
  if (ledger.head(chain).next >= cut.next && (await reader.hashAt(chain, cut.next)) === cut.hash)
    return [];
  let step = branches.get(cut.hash);
  if (!step) return [];
  for (let before = branches.get(step.prev); before; before = branches.get(step.prev))
    step = before;
  const entered = await reader.headOfRunAt(chain, step.first);
  return entered === undefined ? [] : [entered, ...othersAt(branches, step)];
}

/** What stands apart at the same place of a chain. */
const othersAt = (branches: Branches, { chain, first, head }: Branch): string[] =>
  branches
    .list()
    .filter((other) => other.chain === chain && other.first === first && other.head !== head)
    .map((other) => other.head);

async function rivalsBeyond(
  { branches, reader }: EnteredChains,
  chain: ChainId,
  cutNext: number,
): Promise<string[]> {
  const wrong: string[] = [];
  const roots = branches
    .list()
    .filter((branch) => branch.chain === chain && !branches.has(branch.prev));
  const smallestByFirst = new Map<number, Branch>();
  for (const root of roots) {
    const known = smallestByFirst.get(root.first);
    if (root.first >= cutNext && (!known || root.head < known.head))
      smallestByFirst.set(root.first, root);
  }
  for (const [first, root] of smallestByFirst) {
    const rival = await reader.headOfRunAt(chain, first);
    if (rival !== undefined && root.head < rival) wrong.push(rival, ...othersAt(branches, root));
  }
  return wrong;
}

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
 * @returns hashes that runs lead to which must stand apart though they were entered
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
    const named = cut && cut.next > 0 ? await rivalOfNamed(loaded, chain, cut) : undefined;
    if (named !== undefined) wrong.push(named);
    else wrong.push(...(await rivalsBeyond(loaded, chain, cut?.next ?? 0)));
  }
  return wrong;
}

/** The entered run that stands where the history up to the cut parts from the chain. */
async function rivalOfNamed(
  { branches, reader, ledger }: EnteredChains,
  chain: ChainId,
  cut: { next: number; hash: string },
): Promise<string | undefined> {
  if (ledger.head(chain).next >= cut.next && (await reader.hashAt(chain, cut.next)) === cut.hash)
    return undefined;
  let step = branches.get(cut.hash);
  if (!step) return undefined;
  for (let before = branches.get(step.prev); before; before = branches.get(step.prev))
    step = before;
  return reader.headOfRunAt(chain, step.first);
}

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
    if (rival !== undefined && root.head < rival) wrong.push(rival);
  }
  return wrong;
}

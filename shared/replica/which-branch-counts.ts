import type { Closing } from "../access/authority-state.ts";
import { RunningHash } from "../journal/chain.ts";
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
 * first. Beyond the cut, where nothing counts, the smaller hash stands in the chain, so that replicas
 * agree on what is apart. Before there is such a cut, or of a device that was only replaced, it is the
 * one that came first, until the server stops the device.
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
    wrong.push(...(await rivalsIn(loaded, chain, closed)));
  }
  return wrong;
}

async function rivalsIn(loaded: EnteredChains, chain: ChainId, closed: Closing): Promise<string[]> {
  let settled = 0;
  // Where a device was stopped after it had been replaced, that names the history from there on.
  for (const cut of [closed.cut[chain], closed.end?.[chain]]) {
    if (!cut || cut.next <= settled) continue;
    const rivals = await rivalsOfNamed(loaded, chain, { ...cut, from: settled });
    if (rivals.length > 0) return rivals;
    settled = cut.next;
  }
  const mayCount = closed.why === "replaced" && !closed.end;
  return mayCount ? [] : rivalsBeyond(loaded, chain, settled);
}

/**
 * The entered run that stands where the history up to the cut parts from the chain, and others there.
 * @param cut.from up to where the chain is settled already
 */
async function rivalsOfNamed(
  { branches, reader, ledger }: EnteredChains,
  chain: ChainId,
  cut: { from: number; next: number; hash: string },
): Promise<string[]> {
  if (ledger.head(chain).next >= cut.next && (await reader.hashAt(chain, cut.next)) === cut.hash)
    return [];
  let step = branches.get(cut.hash);
  if (!step) return [];
  for (let before = branches.get(step.prev); before; before = branches.get(step.prev))
    step = before;
  if (step.first < cut.from) return [];
  const entered = await reader.headOfRunAt(chain, step.first);
  return entered === undefined ? [] : [entered, ...othersAt(branches, step)];
}

/** What stands apart at the same place of a chain. */
const othersAt = (branches: Branches, { chain, first, head }: Branch): string[] =>
  branches
    .list()
    .filter((other) => other.chain === chain && other.first === first && other.head !== head)
    .map((other) => other.head);

/** Where histories part beyond the cut. What follows from none of what is here contends for no place. */
async function rivalsBeyond(
  { branches, reader, ledger }: EnteredChains,
  chain: ChainId,
  cutNext: number,
): Promise<string[]> {
  const wrong: string[] = [];
  const start = RunningHash.start(ledger.log.org, chain).toString();
  const hashBefore = async (seq: number) => (seq === 0 ? start : reader.hashAt(chain, seq));
  const apart = branches.list().filter((branch) => branch.chain === chain);
  const smallestByFirst = new Map<number, Branch>();
  for (const branch of apart) {
    const { first, prev, head } = branch;
    if (first < cutNext || branches.has(prev) || prev !== (await hashBefore(first))) continue;
    const known = smallestByFirst.get(first);
    if (!known || head < known.head) smallestByFirst.set(first, branch);
  }
  for (const [first, { prev, head }] of smallestByFirst) {
    const rival = await reader.headOfRunAt(chain, first);
    if (rival === undefined || rival < head) continue;
    const others = apart.filter((other) => other.prev === prev && other.head !== head);
    wrong.push(rival, ...others.map((other) => other.head));
  }
  return wrong;
}

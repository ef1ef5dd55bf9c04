import { join } from "node:path";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal, type Seal } from "../../shared/journal/seal.ts";
import type { RecoverPlatform } from "./build-aside.ts";
import { saveRescue } from "./save-rescue.ts";

/**
 * Keeps runs that cannot stand in a document yet in a rescue file of the data folder: what is missing
 * before them may be on a device that comes next week, and `rescue import` then takes them.
 * @returns undefined when there are none
 */
export async function saveAside(
  runs: readonly Run[],
  { dir, term, state }: { dir: string; term: number; state: AuthorityState },
  { files, clock }: RecoverPlatform,
): Promise<{ file: string; operations: number } | undefined> {
  if (runs.length === 0) return undefined;
  const file = join(dir, `after-a-gap-${term}.rescue`);
  const sealed = runs
    .flatMap((run) => {
      const seal = readSeal(run.seal);
      return seal ? [{ run, seal }] : [];
    })
    .sort((a, b) => a.seal.first - b.seal.first);
  const heads = new Map<ChainId, ChainHead>();
  for (const { seal } of sealed) heads.set(seal.chain, headAfter(seal));
  await saveRescue(
    {
      device: state.server,
      nowMs: clock.nowMs(),
      authority: state,
      authorityTexts: async () => state.texts,
      heads: () => heads,
      runsFrom: async (chain, seq, most) =>
        sealed
          .filter(({ seal }) => seal.chain === chain && seal.first >= seq)
          .slice(0, most)
          .map(({ run }) => run),
      runsApart: async () => [],
      keys: () => [],
    },
    file,
    files,
  );
  return { file, operations: runs.reduce((sum, { operations }) => sum + operations.length, 0) };
}

const headAfter = ({ last, head }: Seal): ChainHead => ({ next: last + 1, hash: head });

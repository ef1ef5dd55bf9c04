import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import type { Run } from "../../shared/journal/run.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { wronglyCounted } from "../../shared/replica/which-branch-counts.ts";
import { type Corpus, makeCorpus, quickSigner } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import { startVictim } from "./victim-server.ts";

const rivalsMade = 40;
const headOf = ({ seal }: Run): string => (JSON.parse(seal) as { head: string }).head;

/** Runs that each say something else at the next place of the crook's chain; the smallest hash last. */
async function rivalsOf(corpus: Corpus): Promise<Run[]> {
  const { ledger } = (await startVictim(corpus)).relay;
  const sale = corpus.runs.findLast(
    ({ seal, operations: [text = ""] }) =>
      seal.includes(`"${crookedChain}"`) && text.includes("SaleRecorded"),
  );
  const operation = JSON.parse(sale?.operations[0] ?? "{}") as { hlc: [number, number] };
  const rivals: Run[] = [];
  for (let made = 0; made < rivalsMade; made++) {
    const { next } = ledger.head(crookedChain);
    const text = canonicalJson({ ...operation, seq: next, hlc: [operation.hlc[0], made] });
    rivals.push(await sealAsCrook(ledger, [text], quickSigner("crook")));
  }
  return rivals.sort((a, b) => (headOf(a) < headOf(b) ? 1 : -1));
}

/** Replaces the crook at a head of its chain. */
async function replace({ organisation }: Corpus, head: ChainHead) {
  const cut = new Map([[crookedChain, head]]);
  await organisation.enrol("heir", { ceiling: "cashier", replaces: "crook", cut });
}

/** The owner stops the crook at a head of its chain. */
async function stop({ organisation }: Corpus, head: ChainHead) {
  const body = { device: "crook", cut: { [crookedChain]: head } };
  const owner = [{ by: "staff:boss" as const, signer: quickSigner("boss") }];
  await organisation.append({ kind: "DeviceFrozen", body }, owner);
}

describe("one place of a chain for which a device sealed many runs", () => {
  it.each([
    { where: "beyond the cut of a device that was stopped", closed: stop, counts: "smallest" },
    { where: "beyond the cut of a device that was replaced", closed: replace, counts: "first" },
    { where: "at the cut", closed: undefined, counts: "smallest" },
  ])(
    "$where is settled at once, not run by run by folding everything again [J6]",
    async ({ closed, counts }) => {
      const corpus = await makeCorpus();
      const rivals = await rivalsOf(corpus);
      const before = (await startVictim(corpus)).relay.ledger.head(crookedChain);
      const named = { next: before.next + 1, hash: headOf(rivals.at(-1) as Run) };
      await closed?.(corpus, before);
      const victim = await startVictim(corpus);
      for (const rival of rivals) await victim.relay.submit(rival);
      const { store, clock } = victim;
      let elements: readonly string[] = [...(await readAuthority(victim.store))];
      if (!closed) {
        // The server froze the device at what it met first: the owner names another history.
        await replace(corpus, named);
        elements = corpus.organisation.authority;
      }
      let folds = 0;
      const counting = {
        read: async (name: string, from: number, most: number) => {
          if (name !== "authority") return store.read(name, from, most);
          folds++;
          return [...elements];
        },
      };
      const loaded = await loadLedger(counting, await store.load(), nodeSignatures, clock.nowMs());
      expect(await wronglyCounted(loaded)).toEqual([]);
      const expected = counts === "first" ? headOf(rivals[0] as Run) : named.hash;
      expect(loaded.ledger.head(crookedChain).hash).toBe(expected);
      expect(loaded.branches.size).toBe(rivalsMade - 1);
      expect(folds).toBeLessThanOrEqual(3);
    },
  );
});

const readAuthority = (store: Awaited<ReturnType<typeof startVictim>>["store"]) =>
  store.read("authority", 0, 1000);

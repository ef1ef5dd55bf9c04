import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Run } from "../../shared/journal/run.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import {
  type Corpus,
  elementsOfRuns,
  makeCorpus,
  quickSigner,
  shopDocument,
  untrueChains,
} from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { forgeRuns, reseal } from "./forge.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";

interface Victim {
  store: MemoryStore;
  replica: DeviceReplica;
}

async function openVictim(corpus: Corpus, elements: readonly string[]): Promise<Victim> {
  const store = createMemoryStore();
  const { authority } = corpus.organisation;
  await store.commit({
    append: [
      { name: authorityDocument, from: 0, elements: authority },
      { name: shopDocument, from: 0, elements },
    ],
    keysAdd: [...corpus.keys],
  });
  return { store, replica: await open(corpus, store) };
}

const open = (corpus: Corpus, store: MemoryStore): Promise<DeviceReplica> =>
  createDeviceReplica({
    store,
    clock: corpus.organisation.clock,
    random: corpus.organisation.random,
    signatures: nodeSignatures,
    signer: quickSigner("pc1"),
    identity: { org: "testorg", device: "pc1", store: "s1" },
  });

/** What a server has at hand that wants to be believed. */
interface Material {
  corpus: Corpus;
  /** runs of `till1` beyond what the victim holds, not sealed by it */
  forged: readonly Run[];
  /** the same, beyond everything that is genuine */
  forgedLater: readonly Run[];
  /** the genuine next run of `till1`, sealed with another key */
  resealed: Run;
}

type Offer = (runs: Run[], dice: Dice, material: Material) => void;

const spot = (runs: readonly Run[], dice: Dice): number => dice.below(runs.length + 1);

/** Undefined for what an edit before this one made rough. */
function readTree(text: string): Tree | undefined {
  try {
    return JSON.parse(text) as Tree;
  } catch {
    return undefined;
  }
}

function editText(text: string, dice: Dice, other: string): string {
  const tree = readTree(text);
  if (tree === undefined || dice.oneIn(3)) return roughen(text, dice);
  return writeTree(mutateTree(tree, dice, readTree(other) ?? {}), dice.oneIn(2));
}

const offers: readonly Offer[] = [
  (runs, dice) => void runs.splice(dice.below(runs.length), 1),
  (runs, dice) => void runs.splice(spot(runs, dice), 0, dice.of(runs)),
  (runs, dice) => void runs.push(...runs.splice(dice.below(runs.length), 2)),
  (runs) => void runs.reverse(),
  (runs, dice, { corpus }) => void runs.splice(spot(runs, dice), 0, dice.of(corpus.runs)),
  (runs, dice, { corpus }) => void runs.splice(spot(runs, dice), 0, corpus.fork),
  (runs, dice, { resealed }) => void runs.splice(spot(runs, dice), 0, resealed),
  /** out of their turn: first what follows, then what it follows */
  function forgedOutOfTurn(runs, dice, { forged, forgedLater }) {
    const from = dice.below(5);
    const some = dice.of([forged, forgedLater]).slice(from, from + 1 + dice.below(4));
    runs.splice(dice.below(2), 0, ...some);
  },
  /** hidden among many, with a true seal behind them */
  function forgedAmongMany(runs, dice, { forged, corpus }) {
    runs.splice(0, dice.below(runs.length), ...forged.slice(0, 60 + dice.below(20)));
    runs.push(dice.of(corpus.runs.slice(0, corpus.known)));
  },
  function edited(runs, dice, { corpus }) {
    const at = dice.below(runs.length);
    const run = runs[at];
    if (!run) return;
    const operations = [...run.operations];
    const which = dice.below(operations.length);
    const [other = "{}"] = dice.of(corpus.runs).operations;
    operations[which] = editText(operations[which] as string, dice, other);
    runs[at] = { ...run, operations };
  },
  function editedSeal(runs, dice, { corpus }) {
    const at = dice.below(runs.length);
    const run = runs[at];
    if (run) runs[at] = { ...run, seal: editText(run.seal, dice, dice.of(corpus.runs).seal) };
  },
  function otherOperations(runs, dice, { corpus }) {
    const at = dice.below(runs.length);
    const run = runs[at];
    if (run) runs[at] = { ...run, operations: dice.of(corpus.runs).operations };
  },
  function otherSeal(runs, dice, { corpus }) {
    const at = dice.below(runs.length);
    const run = runs[at];
    if (run) runs[at] = { ...run, seal: dice.of(corpus.runs).seal };
  },
];

interface Lie {
  elements: string[];
  /** where the elements are cut into updates */
  cuts: number[];
  /** how far back an update begins */
  overlap: number;
  restarts: boolean;
}

function makeLie(dice: Dice, material: Material): Lie {
  const { corpus } = material;
  const runs = corpus.runs.slice(corpus.known);
  for (let left = dice.few(3); left > 0; left--)
    if (runs.length > 0) dice.of(offers)(runs, dice, material);
  const elements = elementsOfRuns(runs);
  if (dice.oneIn(5)) elements.splice(dice.below(elements.length + 1), dice.below(3));
  if (dice.oneIn(8)) elements.splice(dice.below(elements.length + 1), 0, dice.of(["", "{}", "x"]));
  const cuts = Array.from({ length: dice.below(3) }, () => dice.below(elements.length + 1));
  return {
    elements,
    cuts: [0, ...cuts, elements.length].sort((a, b) => a - b),
    overlap: dice.oneIn(4) ? dice.below(6) : 0,
    restarts: dice.oneIn(2),
  };
}

/** What must hold whatever a server sends. */
function expectTrue(corpus: Corpus, replica: DeviceReplica): void {
  expect(untrueChains(replica.heads(), corpus), "operations that nobody sealed").toEqual([]);
  const { trialBalance } = replica.summary();
  expect(Object.values(trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
}

async function tell({ replica }: Victim, { elements, cuts, overlap }: Lie): Promise<void> {
  const base = replica.documentLength(shopDocument);
  for (let part = 1; part < cuts.length; part++) {
    const [from = 0, to = 0] = [cuts[part - 1], cuts[part]];
    const back = Math.min(from, overlap);
    await replica.receive(shopDocument, base + from - back, elements.slice(from - back, to));
  }
}

describe("a server that lies about what devices sealed", () => {
  it("counts for nothing on a device: now, and when it starts again [J2]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const after = corpus.known;
    const next = corpus.runs.slice(after).find(({ seal }) => seal.includes('"till1@s1"'));
    const material: Material = {
      corpus,
      forged: await forgeRuns(corpus, { device: "till1", after, count: 80 }),
      forgedLater: await forgeRuns(corpus, {
        device: "till1",
        after: corpus.runs.length,
        count: 5,
      }),
      resealed: await reseal(next as Run, quickSigner("crook")),
    };
    const known = elementsOfRuns(corpus.runs.slice(0, after));
    let victim = await openVictim(corpus, known);
    const before = victim.replica.summary();
    let kept = 0;
    await runCampaign<Lie>({
      name: "dishonest-server",
      count: effort(800, 8000),
      make: (dice) => makeLie(dice, material),
      async attack(lie) {
        await tell(victim, lie);
        expectTrue(corpus, victim.replica);
        if (victim.replica.documentLength(shopDocument) === known.length) {
          expect(victim.replica.summary().label).toEqual(before.label);
          return;
        }
        kept++;
        if (lie.restarts) expectTrue(corpus, await open(corpus, victim.store));
        victim = await openVictim(corpus, known);
      },
      show: ({ elements, ...how }) => `${JSON.stringify(how)}\n${elements.join("\n")}`,
    });
    // Some of it was true, in an order that is as good as another.
    expect(kept).toBeGreaterThan(0);
  });
});

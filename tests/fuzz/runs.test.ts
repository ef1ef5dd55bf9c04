import { describe, expect, it } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, makeCorpus, quickSigner, untrueChains } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { forgeRuns, reseal } from "./forge.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";
import { startVictim, stateOf, type VictimServer } from "./victim-server.ts";

/** What was roughened before need not be JSON any more. */
function parse(text: string): Tree {
  try {
    return JSON.parse(text) as Tree;
  } catch {
    return { text };
  }
}

const editText = (text: string, other: string, dice: Dice): string =>
  dice.oneIn(4)
    ? roughen(text, dice)
    : writeTree(mutateTree(parse(text), dice, parse(other)), dice.oneIn(2));

type RunEdit = (run: Run, dice: Dice, corpus: Corpus) => Run;

const edits: readonly RunEdit[] = [
  function operation({ operations, seal }, dice, { runs }) {
    const changed = [...operations];
    const at = dice.below(changed.length);
    const [other = "{}"] = dice.of(runs).operations;
    if (changed[at] !== undefined) changed[at] = editText(changed[at] as string, other, dice);
    return { operations: changed, seal };
  },
  ({ operations, seal }, dice, { runs }) => ({
    operations,
    seal: seal.startsWith("{") ? editText(seal, dice.of(runs).seal, dice) : seal,
  }),
  ({ operations, seal }) => ({ operations: [...operations].reverse(), seal }),
  ({ operations, seal }) => ({ operations: operations.slice(1), seal }),
  ({ operations, seal }) => ({ operations: [...operations, ...operations], seal }),
  ({ operations, seal }, dice) => ({
    operations: [...operations, dice.of(operations) ?? ""],
    seal,
  }),
  ({ operations }, dice, { runs }) => ({ operations, seal: dice.of(runs).seal }),
  ({ seal }, dice, { runs }) => ({ operations: dice.of(runs).operations, seal }),
  ({ operations, seal }, dice, { runs }) => ({
    operations: [...operations, ...dice.of(runs).operations],
    seal,
  }),
  ({ operations, seal }, dice) => ({
    operations: Array.from({ length: dice.of([0, 499, 500, 501]) }, () => operations[0] ?? ""),
    seal,
  }),
  ({ operations, seal }, dice) => ({
    operations: [`${operations[0] ?? ""}${" ".repeat(dice.of([1, 70_000]))}`],
    seal,
  }),
];

const documentsOf = ({ store }: VictimServer): number[] =>
  [...store.content.documents.values()].map(({ length }) => length);

const textOf = ({ operations, seal }: Run): string => [...operations, seal].join("\n");

describe("runs that no device sealed", () => {
  it("changed anywhere they are refused, and nothing else happens; untouched they are taken or known [J1] [J2] [J6]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const genuine = new Set([...corpus.runs, corpus.fork].map(textOf));
    const forged = await Promise.all([
      ...corpus.runs.map((run) => reseal(run, quickSigner("crook"))),
      ...corpus.runs.map((run) => reseal(run, quickSigner("srv1"), { chain: "srv1@s1" })),
      ...corpus.runs.map((run) => reseal(run, quickSigner("crook"), { chain: "crook@s1" })),
    ]);
    forged.push(
      ...(await forgeRuns(corpus, { device: "till1", after: corpus.known, count: 5 })),
      ...(await forgeRuns(corpus, { device: "srv1", after: corpus.known, count: 5 })),
    );
    let victim = await startVictim(corpus);
    const before = stateOf(victim);
    const documents = documentsOf(victim);
    const seen = new Map<string, number>();
    const isGenuine = (run: Run) => genuine.has(textOf(run));
    const pool = [...corpus.runs, ...corpus.runs.slice(corpus.known), corpus.fork];
    await runCampaign<Run[]>({
      name: "runs",
      count: effort(8000, 60_000),
      make(dice) {
        return Array.from({ length: dice.few(4) }, () => {
          if (dice.oneIn(8)) return dice.of(forged);
          let run = dice.of(pool);
          if (!dice.oneIn(40))
            for (let left = dice.few(2); left > 0; left--) run = dice.of(edits)(run, dice, corpus);
          return run;
        });
      },
      async attack(runs) {
        const from = "crook";
        const answers = await Promise.all(runs.map((run) => victim.relay.submit(run, from)));
        let changed = false;
        for (const [index, answer] of answers.entries()) {
          const wasSealed = isGenuine(runs[index] as Run);
          const code = answer.ok ? "accepted" : answer.code;
          seen.set(code, (seen.get(code) ?? 0) + 1);
          if (answer.ok) expect(wasSealed, "accepted what nobody sealed").toBe(true);
          if (code === "apart") expect(runs[index], "called a fork").toEqual(corpus.fork);
          changed ||= wasSealed;
        }
        if (!changed) expect(documentsOf(victim), "something was stored").toEqual(documents);
        else {
          expect(untrueChains(victim.relay.heads(), corpus)).toEqual([]);
          expect(stateOf(victim).trouble).toBeUndefined();
          victim = await startVictim(corpus);
        }
      },
      look: () => expect(stateOf(victim)).toEqual(before),
      lookEvery: 20,
      show: (runs) => runs.map(textOf).join("\n\n"),
    });
    for (const code of ["accepted", "apart", "gap", "bad-seal", "malformed", "too-large"])
      expect([code, seen.get(code) ?? 0]).not.toEqual([code, 0]);
  });
});

import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { appendEntry } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { effort, patience } from "../harness/effort.ts";
import { authorityMaterial, crookedEntry, mayBeTaken, stateAfter } from "./authority-material.ts";
import { runCampaign } from "./campaign.ts";
import { makeCorpus } from "./corpus.ts";
import type { Dice } from "./dice.ts";

/** All of it as text, maps included. */
const imageOf = (state: AuthorityState): string =>
  JSON.stringify(state, (_key, value: unknown) => (value instanceof Map ? [...value] : value));

describe("changes of rights", () => {
  it("by who has no right, or changed after they were signed, change nothing [AC6] [AC4]", {
    timeout: patience(120_000),
  }, async () => {
    const material = await authorityMaterial(await makeCorpus());
    let state = material.state;
    const before = imageOf(state);
    let taken = 0;
    await runCampaign<{ dice: Dice; text?: string }>({
      name: "authority",
      count: effort(14_000, 70_000),
      make: (dice) => ({ dice }),
      async attack(mutant) {
        const text = await crookedEntry(material, mutant.dice);
        mutant.text = text;
        const appended = await appendEntry(state, text, nodeSignatures);
        if (!appended.ok) return expect(imageOf(state)).toBe(before);
        taken++;
        expect(mayBeTaken(text, material), "taken without a right").toBe(true);
        state = await stateAfter(material.log);
      },
      show: ({ text }) => text ?? "",
    });
    expect(taken).toBeGreaterThan(0);
  });

  it("by the entitled are taken: the campaign above is not refused everything [AC6]", async () => {
    const material = await authorityMaterial(await makeCorpus());
    const answers = [];
    for (const text of material.genuine) {
      const state = await stateAfter(material.log);
      answers.push((await appendEntry(state, text, nodeSignatures)).ok);
    }
    // Enrolments and terms are not the owner's to sign.
    expect(answers.filter(Boolean)).toHaveLength(14);
  });
});

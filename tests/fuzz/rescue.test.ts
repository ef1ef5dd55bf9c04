import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { chooseLog } from "../../server/recovery/offered-logs.ts";
import { rescueSource } from "../../server/recovery/rescue-source.ts";
import { surveySources } from "../../server/recovery/survey-sources.ts";
import { takeRescueAtServer } from "../../server/recovery/take-rescue-at-server.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { createDeviceReplica } from "../../shared/replica/device-replica.ts";
import { linesOf, readRescue } from "../../shared/replica/rescue-file.ts";
import { takeRescue } from "../../shared/replica/take-rescue.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { runCampaign } from "./campaign.ts";
import { makeCorpus, quickSigner, untrueChains } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { forgeRuns } from "./forge.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";
import {
  contentOf,
  filesOf,
  inPieces,
  rescueLine,
  rescueLines,
  sealForCard,
} from "./rescue-material.ts";
import { startVictim } from "./victim-server.ts";

describe("rescue files that were scratched, cut or written by somebody", () => {
  it("bring what their devices sealed and nothing else; nobody who reads them falls over [LO4] [J2] [AC6]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const { organisation, known } = corpus;
    const { authority, clock, random, recovery } = organisation;
    const source = await startVictim(corpus);
    const lines = await rescueLines(source);
    const stranger = await TestOrganisation.found("stranger");
    const forged = await forgeRuns(corpus, { device: "till1", after: known, count: 8 });
    const notKeys = ['[["x",1],null]', "no json", "5", "{}"];
    const sealed = await Promise.all(notKeys.map((keys) => sealForCard(source, keys)));
    const keyLines = [...sealed, "no age"].map((keys) => rescueLine({ keys }));
    const planted = [
      ...forged.map((run) => rescueLine({ runs: [run] })),
      rescueLine({ runs: [corpus.fork] }),
      rescueLine({ authority: stranger.authority }),
      rescueLine({ end: 0 }),
      `${"x".repeat(1_200_000)}\n`,
      "\n",
    ];
    const edits: ((made: string[], dice: Dice) => void)[] = [
      (made, dice) => void made.splice(dice.below(made.length), 1),
      (made, dice) => void made.splice(dice.below(made.length), 0, dice.of(made)),
      (made) => void made.reverse(),
      (made, dice) => void made.splice(dice.below(made.length), 0, dice.of(planted)),
      (made, dice) => void made.splice(dice.below(made.length), 0, dice.of(keyLines)),
      (made, dice) => void made.splice(dice.below(made.length + 1)),
      function scratch(made, dice) {
        const at = dice.below(made.length);
        const line = made[at] ?? "";
        const where = dice.below(line.length);
        made[at] = `${line.slice(0, where)}\u0000${line.slice(where + 1 + dice.below(30))}`;
      },
      function rewrite(made, dice) {
        const at = dice.below(made.length);
        try {
          const tree = JSON.parse(contentOf(made[at] ?? "")) as Tree;
          const other = JSON.parse(contentOf(dice.of(lines))) as Tree;
          const text = writeTree(mutateTree(tree, dice, other));
          made[at] = rescueLine(dice.oneIn(4) ? roughen(text, dice) : text);
        } catch {
          made.splice(at, 1);
        }
      },
    ];
    let whole = 0;
    await runCampaign<{ text: string; piece: number; reader: number }>({
      name: "rescue",
      count: effort(300, 10_000),
      make(dice) {
        const made = [...lines];
        for (let left = dice.few(4); left > 0; left--)
          if (made.length > 0) dice.of(edits)(made, dice);
        return { text: made.join(""), piece: dice.of([7000, 100_000]), reader: dice.below(3) };
      },
      async attack({ text, piece, reader }) {
        if (reader === 0) {
          const deps = { files: filesOf({ a: text }), recovery, signatures: nodeSignatures };
          const [found] = await surveySources([rescueSource("a", deps)], deps);
          if (!found) throw new Error("one source is surveyed");
          // Another shop's log may be in it, whole and true; it is told as such and not gone on from.
          const chosen = chooseLog(found.log ? [found.log] : [], recovery);
          const entries = chosen.log?.entries ?? [];
          expect(authority.slice(0, entries.length)).toEqual(entries);
          if (found.log && !chosen.log) expect(chosen.foreign).toEqual([found.log]);
          for (const [member, key] of found.keys)
            expect([typeof member, typeof key]).toEqual(["string", "string"]);
          return;
        }
        if (reader === 1) {
          const victim = await startVictim({ ...corpus, known: 4 });
          await takeRescueAtServer(victim.relay, inPieces(text, piece));
          expect([undefined, "store-rolled-back"]).toContain(victim.relay.trouble());
          const { log } = victim.relay.ledger;
          // A second history of a device is kept, and stops it.
          expect(log.heads.length).toBeLessThanOrEqual(authority.length + 1);
          if (!text.includes("branch"))
            expect(untrueChains(victim.relay.heads(), corpus)).toEqual([]);
          return;
        }
        const store = createMemoryStore();
        await store.commit({ append: [{ name: authorityDocument, from: 0, elements: authority }] });
        const replica = await createDeviceReplica({
          store,
          clock,
          random,
          signatures: nodeSignatures,
          signer: quickSigner("pc1"),
          identity: { org: "testorg", device: "pc1", store: "s1" },
        });
        const taken = await takeRescue(replica, readRescue(linesOf(inPieces(text, piece))));
        if (taken.ok && taken.value.missing.length === 0) whole++;
        expect(replica.authority.heads.length).toBe(authority.length);
        if (!text.includes("branch")) expect(untrueChains(replica.heads(), corpus)).toEqual([]);
      },
      show: ({ text }) => text,
    });
    expect(whole).toBeGreaterThan(0);
  });
});

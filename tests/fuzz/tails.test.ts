import { describe, expect, it } from "vitest";
import { isDocumentName, splitJournalName } from "../../shared/documents/document-name.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { isSealText } from "../../shared/journal/seal.ts";
import { readDeviceMessage, writeMessage } from "../../shared/sync/messages.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import { makeCorpus, quickSigner, shopDocument, untrueChains } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import type { Dice } from "./dice.ts";
import { positionOf } from "./fair-books.ts";
import { forgeRuns } from "./forge.ts";
import { mutateTree, type Tree } from "./mutate-json.ts";
import { showPutBack, startVictim } from "./victim-server.ts";

const names = [
  shopDocument,
  "authority",
  "journal/1/s1/2026-10",
  "journal/1/s1/2026-12",
  "journal/1/s1/9999-12",
  "journal/1/s1/0001-01",
  "journal/1/zz/2026-11",
  "journal/2/s1/2026-11",
  "../../etc",
];

describe("a device with a key that tells a server what it had written", () => {
  it("makes no document grow by what is known, and others' chains and balances stay [LO2] [J2]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const { runs, known, organisation } = corpus;
    const forged = await forgeRuns(corpus, { device: "till1", after: known, count: 6 });
    let isPutBack = false;
    const start = async () => {
      const fresh = await startVictim(corpus);
      if (isPutBack) await showPutBack(fresh);
      return fresh;
    };
    let victim = await start();
    const own = runs.filter(({ seal }) => seal.includes(`"${crookedChain}"`));
    const rivals: Run[] = [];
    const [text = "{}"] = own.at(-1)?.operations ?? [];
    const { next } = victim.relay.ledger.head(crookedChain);
    for (let made = 0; made < 20; made++) {
      const rival = text.replace(/"seq":\d+/, `"seq":${next}`).replace(/,\d+\]/, `,${made}]`);
      rivals.push(await sealAsCrook(victim.relay.ledger, [rival], quickSigner("crook")));
    }
    const genuine = runs.slice(0, known);
    const pick = (dice: Dice): Run => dice.of([...genuine, ...own, ...rivals, ...forged]);
    const make = (dice: Dice): Tree => {
      const name = dice.oneIn(2) ? shopDocument : dice.of(names);
      const length = victim.relay.documentLength(name);
      const from = dice.oneIn(6) ? dice.of([0, 1, 2 ** 53 - 1]) : length;
      const elements = Array.from({ length: dice.few(4) }, () => elementsOf(pick(dice))).flat();
      if (dice.oneIn(12)) elements.splice(dice.below(elements.length), 1);
      if (name === "authority" && dice.oneIn(2)) elements.unshift(...organisation.authority);
      const hash = "A".repeat(43);
      const message: Tree = dice.oneIn(5)
        ? { type: "compare", id: 1, name, length: from, last: dice.of(["", hash]) }
        : { type: "tail", id: 1, name, from, elements };
      return dice.oneIn(6)
        ? mutateTree(message, dice, { type: "want-branch", head: hash })
        : message;
    };
    const before = [...positionOf(victim.relay.ledger).balances];
    let taken = 0;
    await runCampaign<{ message?: Tree; seed: Dice }>({
      name: "tails",
      count: effort(3000, 30_000),
      make: (dice) => ({ seed: dice }),
      async attack(mutant) {
        mutant.message = make(mutant.seed);
        const message = readDeviceMessage(writeMessage(mutant.message as never));
        if (!message) return;
        await victim.desk.take(
          {
            device: "crook",
            send: (answer) => {
              if (answer.type === "tail-taken" && answer.code === undefined) taken++;
            },
          },
          message,
        );
      },
      async look() {
        const { relay, store } = victim;
        expect(relay.trouble()).toBe(isPutBack ? "store-rolled-back" : undefined);
        if (!isPutBack) expect(relay.documents()).toHaveLength(2);
        const others = [...relay.heads()].filter(([chain]) => chain !== crookedChain);
        expect(untrueChains(new Map(others), corpus)).toEqual([]);
        expect(relay.ledger.log.heads).toHaveLength(organisation.authority.length);
        expect(relay.branches().length).toBeLessThanOrEqual(100);
        const seals: string[] = [];
        for (const [name, elements] of store.content.documents) {
          expect(isDocumentName(name)).toBe(true);
          const month = splitJournalName(name)?.month ?? "2026-11";
          expect(month > "2016" && month < "2027").toBe(true);
          seals.push(...elements.filter(isSealText));
        }
        expect(seals.length, "each run once").toBe(new Set(seals).size);
        const counted = [...positionOf(relay.ledger).balances].map(([member]) => member);
        for (const [member] of before) expect(counted).toContain(member);
        isPutBack = !isPutBack;
        victim = await start();
      },
      lookEvery: 20,
      show: ({ message }) => JSON.stringify(message),
    });
    expect(taken).toBeGreaterThan(0);
  });
});

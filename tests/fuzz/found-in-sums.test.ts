import { describe, expect, it } from "vitest";
import { FenSum, sumFen } from "../../shared/money/fen-sum.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { amountFenMax } from "../../shared/stored-value/value-line.ts";
import { patience } from "../harness/effort.ts";
import { cashSale, makeCorpus, quickSigner } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import { Dice } from "./dice.ts";
import { startVictim } from "./victim-server.ts";

describe("sums that somebody drives beyond what a number holds", () => {
  it("are exact whatever the order, and show as the largest there is [MO1] [J3]", () => {
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    for (let seed = 0; seed < 2000; seed++) {
      const dice = new Dice(`sums:${seed}`);
      const sizes = [1, 100_00, amountFenMax, 2 ** 50, 2 ** 52, Number.MAX_SAFE_INTEGER];
      const amounts = Array.from({ length: dice.below(40) }, () => {
        const amount = dice.of(sizes) - dice.below(3);
        return dice.oneIn(2) ? -amount : amount;
      });
      const exact = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
      const shown = exact > most ? most : exact < -most ? -most : exact;
      expect(sumFen(amounts)).toBe(Number(shown));
      expect(sumFen(amounts.toReversed())).toBe(Number(shown));
      const back = new FenSum();
      for (const amount of [...amounts, ...amounts.map((each) => 0 - each)]) back.add(amount);
      expect(back.fen).toBe(0);
    }
  });

  it("stop no server: a cashier's device that records the largest sale 16,000 times is one line in the accounts [SA1]", {
    timeout: patience(60_000),
  }, async () => {
    const corpus = await makeCorpus();
    const { clock } = corpus.organisation;
    const { relay } = await startVictim(corpus);
    const { ledger } = relay;
    const author = { device: "crook", store: "s1", staff: "amy", attested: true };
    const tools = { ledger, clock, signer: quickSigner("crook") };
    const [model = ""] = (await authorRun(tools, author, [cashSale])).operations;
    const item = { discount: 0, list: amountFenMax, name: "x", payable: amountFenMax, quantity: 1 };
    const tender = { amount: amountFenMax, tender: "cash" };
    const body = { items: Array(6).fill(item), tenders: Array(6).fill(tender), value: [] };
    const { seq } = JSON.parse(model) as { seq: number };
    const text = JSON.stringify({ ...(JSON.parse(model) as object), body });
    for (let made = 0; made < 16_000; ) {
      const { next } = ledger.head(crookedChain);
      const texts = Array.from({ length: 250 }, (_, index) =>
        text.replace(`"seq":${seq},`, `"seq":${next + index},`),
      );
      const answer = await relay.submit(await sealAsCrook(ledger, texts, tools.signer), "crook");
      expect(answer).toMatchObject({ ok: true });
      made += texts.length;
    }
    expect(relay.trouble()).toBeUndefined();
    const { trialBalance } = summarise(ledger);
    expect(trialBalance["tender/cash"]).toBe(Number.MAX_SAFE_INTEGER);
    expect(trialBalance["revenue"]).toBe(-Number.MAX_SAFE_INTEGER);
    const honest = { device: "till1", store: "s1", staff: "boss", attested: true };
    const run = await authorRun({ ...tools, signer: quickSigner("till1") }, honest, [cashSale]);
    expect(await relay.submit(run, "till1")).toMatchObject({ ok: true });
  });
});

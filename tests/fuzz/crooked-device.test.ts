import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { createDeviceReplica } from "../../shared/replica/device-replica.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, cashSale, makeCorpus, quickSigner, shopDocument } from "./corpus.ts";
import { crookedChain, crookedText, type Parsed, sealAsCrook } from "./crooked-operations.ts";
import type { Dice } from "./dice.ts";
import { type Position, positionOf, whyUnfair } from "./fair-books.ts";
import { openVictim, startVictim, type VictimServer } from "./victim-server.ts";

/** Runs that one victim takes before another steps in. */
const runsPerVictim = 150;

/** A cashier's device in the hands of somebody who can program. */
class Crook {
  readonly #corpus: Corpus;
  readonly #models: readonly Parsed[];
  readonly #signer = quickSigner("crook");
  victim: VictimServer;
  #taken = 0;
  #position: Position;

  constructor(corpus: Corpus, victim: VictimServer) {
    this.#corpus = corpus;
    this.#models = corpus.runs.flatMap(({ operations }) =>
      operations.map((text) => JSON.parse(text) as Parsed),
    );
    this.victim = victim;
    this.#position = positionOf(victim.relay.ledger);
  }

  async run(dice: Dice): Promise<Run> {
    const { ledger } = this.victim.relay;
    const { books } = ledger;
    const words = {
      refs: [...books.members.keys(), ...books.lots.keys(), ...books.sales.keys()],
      credits: [...this.#position.credits.keys()],
      purses: ["till1@s1", "till2@s1", "srv1@s1", crookedChain, "zz@s1", "crook@s2"],
    };
    const { heads } = ledger.log;
    const first = ledger.head(crookedChain).next;
    const texts = Array.from({ length: dice.few(4) }, (_, index) =>
      crookedText(dice, {
        model: dice.of(this.#models),
        other: dice.of(this.#models),
        seq: first + index,
        auth: heads.at(-1) ?? "",
        heads,
        nowMs: this.#corpus.organisation.clock.nowMs(),
        words,
      }),
    );
    return sealAsCrook(ledger, texts, this.#signer);
  }

  /** @returns whether the run was taken */
  async submit(run: Run): Promise<boolean> {
    const { relay } = this.victim;
    const others = this.#othersHeads();
    const answer = await relay.submit(run, "pc1");
    expect(relay.trouble(), "the server goes on").toBeUndefined();
    expect(this.#othersHeads(), "chains of others").toEqual(others);
    expect(relay.ledger.log.heads).toHaveLength(this.#corpus.organisation.authority.length);
    const unfair = whyUnfair(
      relay.ledger,
      this.#position,
      answer.ok ? run.operations : [],
      crookedChain,
    );
    if (unfair !== undefined) throw new Error(unfair);
    if (!answer.ok) return false;
    this.#position = positionOf(relay.ledger);
    // Who cites a change of rights that there is not yet has nothing more to say until there is.
    const isMuted = run.operations.some((text) => text.includes('"auth":"99:'));
    if (++this.#taken % runsPerVictim === 0 || isMuted) await this.#changeVictim();
    return true;
  }

  #othersHeads() {
    return [...this.victim.relay.heads()].filter(([chain]) => chain !== crookedChain);
  }

  /** Before the next one steps in: everybody agrees, and honest devices go on. */
  async #changeVictim(): Promise<void> {
    await expectAllAgree(this.#corpus, this.victim);
    this.victim = await startVictim(this.#corpus);
    this.#position = positionOf(this.victim.relay.ledger);
  }
}

/** Another replica and the same one after a restart come to the same; an honest till goes on selling. */
async function expectAllAgree(corpus: Corpus, { relay, store }: VictimServer): Promise<void> {
  const { clock, random, authority } = corpus.organisation;
  const here = summarise(relay.ledger);
  const restarted = await openVictim(corpus, store);
  expect(summarise(restarted.relay.ledger), "after a restart").toEqual(here);
  const other = createMemoryStore();
  await other.commit({ append: [{ name: authorityDocument, from: 0, elements: authority }] });
  const replica = await createDeviceReplica({
    store: other,
    clock,
    random,
    signatures: nodeSignatures,
    signer: quickSigner("pc1"),
    identity: { org: "testorg", device: "pc1", store: "s1" },
  });
  const elements = [...(store.content.documents.get(shopDocument) ?? [])];
  const received = await replica.receive(shopDocument, 0, elements);
  expect(received, "what the server took, devices take").toEqual({ ok: true });
  expect(replica.summary(), "on a device").toEqual(here);
  for (const { id, fields, lastVisitMs, addedMs } of replica.members()) {
    for (const value of Object.values(fields)) expect(typeof value).toBe("string");
    for (const ms of [lastVisitMs, addedMs])
      expect(Number.isNaN(new Date(ms).getTime())).toBe(false);
    await replica.history(id);
  }
  const author = { device: "till1", store: "s1", staff: "boss", attested: true };
  const tools = { ledger: relay.ledger, clock, signer: quickSigner("till1") };
  const honest = await authorRun(tools, author, [cashSale]);
  expect(await relay.submit(honest, "till1")).toMatchObject({ ok: true });
  expect(await replica.receive(shopDocument, elements.length, elementsOf(honest))).toEqual({
    ok: true,
  });
}

describe("a cashier's device with a valid key and somebody else's software", () => {
  it("changes nothing beyond its right: not others' purses, chains, rights, nor a balance without its operation [AC1] [SA1] [SV3]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const crook = new Crook(corpus, await startVictim(corpus));
    let taken = 0;
    await runCampaign<{ seed: Dice; run?: Run }>({
      name: "crooked-device",
      count: effort(6000, 60_000),
      make: (dice) => ({ seed: dice }),
      async attack(mutant) {
        mutant.run = await crook.run(mutant.seed);
        if (await crook.submit(mutant.run)) taken++;
      },
      show: ({ run }) => [...(run?.operations ?? []), run?.seal].join("\n"),
    });
    await expectAllAgree(corpus, crook.victim);
    expect(taken).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { addMember } from "../harness/shop.ts";
import { runCampaign } from "./campaign.ts";
import { type ShownCheckpoint, shownCheckpoint } from "./checkpoint-material.ts";
import { type Corpus, elementsOfRuns, makeCorpus, quickSigner, shopDocument } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { startVictim, stateOf } from "./victim-server.ts";

interface Mutant {
  dice: Dice;
  shown?: ShownCheckpoint;
}

const show = ({ shown }: Mutant): string => `${shown?.isServers} ${shown?.text}`;

describe("checkpoints that a device shows", () => {
  it("stop the server only where it signed them itself, and showed more than it holds [WI1] [WI2]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    let victim = await startVictim(corpus);
    const { trouble: _none, ...before } = stateOf(victim);
    const held = victim.relay.checkpoint();
    let stopped = 0;
    await runCampaign<Mutant>({
      name: "checkpoints-up",
      count: effort(1200, 25_000),
      make: (dice) => ({ dice }),
      async attack(mutant) {
        mutant.shown = await shownCheckpoint(held, mutant.dice);
        const { text, isServers } = mutant.shown;
        const said: unknown[] = [];
        const peer = { device: "crook", send: (message: unknown) => void said.push(message) };
        await victim.desk.take(peer, { type: "checkpoint", text });
        expect(said).toEqual([]);
        const { trouble, ...after } = stateOf(victim);
        expect(after).toEqual(before);
        const chains = victim.desk.missing().map(({ chain }) => chain);
        if (trouble === undefined) return expect(chains).toEqual([]);
        expect(trouble).toBe("store-rolled-back");
        expect(isServers, "stopped by what the server never signed").toBe(true);
        expect(victim.alarms.map(({ kind }) => kind)).toEqual(["server-rolled-back"]);
        stopped++;
        victim = await startVictim(corpus);
      },
      show,
    });
    expect(stopped).toBeGreaterThan(0);
  });
});

async function openDevice(corpus: Corpus, store: MemoryStore): Promise<DeviceReplica> {
  const { clock, random } = corpus.organisation;
  return createDeviceReplica({
    store,
    clock,
    random,
    signatures: nodeSignatures,
    signer: quickSigner("pc1"),
    identity: { org: "testorg", device: "pc1", store: "s1" },
  });
}

async function deviceOf(corpus: Corpus) {
  const store = createMemoryStore();
  await store.commit({
    append: [
      { name: authorityDocument, from: 0, elements: corpus.organisation.authority },
      {
        name: shopDocument,
        from: 0,
        elements: elementsOfRuns(corpus.runs.slice(0, corpus.known)),
      },
    ],
    keysAdd: [...corpus.keys],
  });
  return { store, replica: await openDevice(corpus, store) };
}

/** Chains that a claim may name: one for each device and store that there are. */
const chainsMax = 6;

describe("checkpoints that a server shows", () => {
  it("are remembered only as it signed them, move nothing, and keep nobody from going on [WI1] [J2]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const held = (await startVictim(corpus)).relay.checkpoint();
    let { store, replica } = await deviceOf(corpus);
    const before = replica.summary();
    let found = 0;
    await runCampaign<Mutant>({
      name: "checkpoints-down",
      count: effort(1200, 25_000),
      make: (dice) => ({ dice }),
      async attack(mutant) {
        const earlier = replica.checkpoint();
        const finding = JSON.stringify(replica.serverFinding());
        mutant.shown = await shownCheckpoint(held, mutant.dice);
        const { text, isServers } = mutant.shown;
        await replica.receiveCheckpoint(text);
        if (!isServers) {
          expect(replica.checkpoint()).toBe(earlier);
          expect(JSON.stringify(replica.serverFinding())).toBe(finding);
        }
        expect(replica.summary()).toEqual(before);
        expect(replica.missing().length).toBeLessThanOrEqual(chainsMax);
        if (replica.serverFinding()) found++;
      },
      async look() {
        await replica.rememberMissing();
        const again = await openDevice(corpus, store);
        expect(again.summary()).toEqual(before);
        expect(again.serverFinding()).toEqual(replica.serverFinding());
        expect(again.missing().length).toBeLessThanOrEqual(chainsMax);
        await addMember(again, "新客", "13911112222");
        ({ store, replica } = await deviceOf(corpus));
      },
      lookEvery: 25,
      show,
    });
    expect(found).toBeGreaterThan(0);
  });
});

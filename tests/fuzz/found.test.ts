import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Run } from "../../shared/journal/run.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import { createDeviceReplica } from "../../shared/replica/device-replica.ts";
import { frameBytesMax, readDeviceMessage, writeMessage } from "../../shared/sync/messages.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import {
  type Corpus,
  cashSale,
  elementsOfRuns,
  makeCorpus,
  quickSigner,
  shopDocument,
  untrueChains,
} from "./corpus.ts";
import { sealAsCrook } from "./crooked-operations.ts";
import { positionOf } from "./fair-books.ts";
import { forgeRuns } from "./forge.ts";
import { startVictim } from "./victim-server.ts";

/** A device that holds what everybody knows. */
async function openDevice(corpus: Corpus, store = createMemoryStore()) {
  const { authority, clock, random } = corpus.organisation;
  if (store.content.documents.size === 0)
    await store.commit({
      append: [
        { name: authorityDocument, from: 0, elements: authority },
        {
          name: shopDocument,
          from: 0,
          elements: elementsOfRuns(corpus.runs.slice(0, corpus.known)),
        },
      ],
    });
  const identity = { org: "testorg", device: "pc1", store: "s1" };
  const tools = { clock, random, signatures: nodeSignatures, signer: quickSigner("pc1") };
  return { store, replica: await createDeviceReplica({ store, identity, ...tools }) };
}

/** An operation of the crook, sealed as it should be. */
async function crooked(corpus: Corpus, change: object) {
  const victim = await startVictim(corpus);
  const { ledger } = victim.relay;
  const author = { device: "crook", store: "s1", staff: "boss", attested: true };
  const tools = { ledger, clock: corpus.organisation.clock, signer: quickSigner("crook") };
  const { operations } = await authorRun(tools, author, [cashSale]);
  const operation = { ...(JSON.parse(operations[0] ?? "") as object), ...change };
  const text = JSON.stringify(operation);
  return { victim, run: await sealAsCrook(ledger, [text], quickSigner("crook")) };
}

describe("what was found by trying, and must not come back", () => {
  it("true seals behind forged runs vouch for none of them, however many come at once [J2]", async () => {
    const corpus = await makeCorpus();
    const { replica } = await openDevice(corpus);
    const after = corpus.known;
    const forged = await forgeRuns(corpus, { device: "till1", after, count: 70 });
    const genuine = corpus.runs[0] as Run;
    const from = replica.documentLength(shopDocument);
    await replica.receive(shopDocument, from, elementsOfRuns([...forged, genuine]));
    expect(untrueChains(replica.heads(), corpus)).toEqual([]);
  });

  it("a forged run that comes before what it follows counts for nothing after a restart either [J2]", async () => {
    const corpus = await makeCorpus();
    const { replica, store } = await openDevice(corpus);
    const after = corpus.runs.length;
    const forged = await forgeRuns(corpus, { device: "till1", after, count: 2 });
    for (const runs of [forged, corpus.runs.slice(corpus.known)]) {
      const from = replica.documentLength(shopDocument);
      await replica.receive(shopDocument, from, elementsOfRuns(runs));
    }
    expect(untrueChains(replica.heads(), corpus)).toEqual([]);
    const restarted = await openDevice(corpus, store);
    expect(untrueChains(restarted.replica.heads(), corpus)).toEqual([]);
  });

  it("the largest counter of a clock stops nobody: others record on [TI2]", async () => {
    const corpus = await makeCorpus();
    const aheadMs = corpus.organisation.clock.nowMs() + 3_600_000;
    const { victim, run } = await crooked(corpus, { hlc: [aheadMs, Number.MAX_SAFE_INTEGER] });
    expect(await victim.relay.submit(run, "crook")).toMatchObject({ ok: true });
    const drafting: Drafting = () => ({ kind: "ValueMoved", body: { value: [] } });
    const author = { store: "s1", staff: "" };
    expect(await victim.relay.record(author, () => [drafting])).toMatchObject({ ok: true });
  });

  it("a clock later than any date is not taken: no screen could show it", async () => {
    const corpus = await makeCorpus();
    const { victim, run } = await crooked(corpus, { hlc: [Number.MAX_SAFE_INTEGER, 0] });
    expect(await victim.relay.submit(run, "crook")).toMatchObject({ ok: false, code: "malformed" });
  });

  it("a debit with a plus sign is refused and leaves the purse that it names as it was [SV3]", async () => {
    const corpus = await makeCorpus();
    const credit = "crook@s1:1#0";
    const [third = ""] = corpus.members.slice(2);
    const line = { lot: "crook@s1:1", purse: "crook@s1", store: "s1", term: 1 };
    const body = {
      items: [{ discount: 0, list: 5_00, name: "x", payable: 5_00, quantity: 1 }],
      member: third,
      tenders: [{ amount: 5_00, tender: "stored-value" }],
      value: [
        {
          bonus: -10_00,
          credit,
          lot: line.lot,
          principal: 5_00,
          purse: line.purse,
          store: "s1",
          term: 1,
        },
      ],
    };
    const { victim, run } = await crooked(corpus, { body });
    const before = positionOf(victim.relay.ledger).credits.get(credit);
    expect(await victim.relay.submit(run, "crook")).toMatchObject({ ok: true });
    expect(positionOf(victim.relay.ledger).credits.get(credit)).toEqual(before);
  });

  it("a chain is not remembered for having been asked about: heads stay readable", async () => {
    const corpus = await makeCorpus();
    const { relay, desk } = await startVictim(corpus);
    const before = relay.heads().size;
    const chains = Array.from({ length: 4096 }, (_, index) => `srv1@x${index}`);
    const hash = "A".repeat(43);
    const heads = chains.map((chain) => [chain, 1, hash] as [string, number, string]);
    const peer = { device: "crook", send: () => {} };
    desk.join(peer);
    await desk.take(peer, { type: "heads", heads, complete: false, persisted: false });
    expect(relay.heads().size).toBe(before);
  });

  it("keys that a device puts can be read by every other: a page of them fits one frame", async () => {
    const { relay, desk } = await startVictim(await makeCorpus());
    const sent: Uint8Array[] = [];
    const peer = {
      device: "crook",
      send: (message: Parameters<typeof writeMessage>[0]) => void sent.push(writeMessage(message)),
    };
    desk.join(peer as never);
    for (let page = 0; page < 2; page++) {
      const keys = Array.from({ length: 2000 }, (_, index) => [
        `crook@${"店".repeat(80)}:${page * 2000 + index}`,
        "A".repeat(43),
      ]) as [string, string][];
      const bytes = writeMessage({ type: "keys-put", id: 1, keys });
      const message = readDeviceMessage(bytes);
      if (message) await desk.take(peer as never, message);
    }
    await desk.take(peer as never, { type: "keys-get", generation: 1, from: 0 });
    for (const bytes of sent) expect(bytes.length).toBeLessThan(frameBytesMax);
    expect(relay.trouble()).toBeUndefined();
  });
});

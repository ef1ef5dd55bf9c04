import { describe, expect, it } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { GapFiller } from "../../shared/replica/gap-filler.ts";
import { KeyExchange } from "../../shared/replica/key-exchange.ts";
import { RunPump } from "../../shared/replica/run-pump.ts";
import { type DeviceMessage, readDeviceMessage, writeMessage } from "../../shared/sync/messages.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { makeCorpus, quickSigner } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import { Dice } from "./dice.ts";
import { frameOf } from "./frames.ts";
import { frameOfTree } from "./lying-server.ts";
import { connectDevice, LyingSocket, openDevice, settled } from "./lying-socket.ts";
import type { Tree } from "./mutate-json.ts";
import { startVictim } from "./victim-server.ts";

const hash = "A".repeat(43);

async function openGaps() {
  const corpus = await makeCorpus();
  const device = await openDevice(corpus);
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const sent: DeviceMessage[] = [];
  const gaps = new GapFiller(device.replica, clock, (message) => void sent.push(message));
  const second = () => {
    clock.now += 1000;
    gaps.ask();
  };
  return { corpus, device, gaps, sent, second };
}

/** A session that came as far as it comes with a server that shows a document and heads. */
async function openSession() {
  const corpus = await makeCorpus();
  const device = await openDevice(corpus);
  const timers = new ManualTimers();
  const session = connectDevice(device, corpus, timers);
  await settled();
  const [control] = LyingSocket.opened;
  const say = async (message: Tree) => {
    control?.say(frameOfTree(message, new Dice("straight 9")));
    await settled();
  };
  control?.open();
  const authority = { name: "authority", length: 99, running: false };
  await say({ type: "documents", term: 1, documents: [authority] });
  control?.say(frameOf(0, 1, Uint8Array.of(0, 0)));
  await settled();
  return { corpus, device, timers, session, say };
}

/** What a server that is there says on every socket. */
const keepAlive = frameOf(1, 1, 0);

describe("what a server shows that there is", () => {
  it("is asked for a little at a time, however much it is", async () => {
    const { gaps, sent, second } = await openGaps();
    const branches = Array.from({ length: 20_000 }, (_, at) => `${"B".repeat(37)}${100_000 + at}`);
    gaps.serverHolds(new Map(), branches);
    const startMs = performance.now();
    for (let at = 0; at < 10; at++) second();
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(60);
  });

  it("is followed in as many sockets as a shop has stores, not in one for each name", async () => {
    const { say, timers, session } = await openSession();
    await say({ type: "heads", heads: [], branches: [] });
    const documents = Array.from({ length: 2000 }, (_, index) => ({
      name: `journal/1/z${index}/2026-11`,
      length: 5,
      running: true,
    }));
    for (let again = 0; again < 200; again++) {
      await say({ type: "documents", term: 1, documents });
      for (const socket of LyingSocket.opened)
        if (socket.readyState === 0) {
          socket.open();
          socket.say(frameOf(0, 1, Uint8Array.of(0, 0)));
        } else socket.say(keepAlive);
      await timers.pass(400);
    }
    expect(LyingSocket.opened.length).toBeLessThan(70);
    session.close();
  });
});

describe("what stands apart at a server and counts here", () => {
  it("shows that it holds another history of that device, which is asked for from its beginning [J6]", async () => {
    const { device, gaps, sent, second } = await openGaps();
    const { replica } = device;
    const [run] = await replica.runsFrom(crookedChain, 0, 1);
    const { head = "" } = readSeal(run?.seal ?? "") ?? {};
    gaps.serverHolds(replica.heads(), [head]);
    for (let at = 0; at < 5; at++) second();
    expect(sent).toContainEqual({ type: "want-branch", head });
    expect(sent.filter(({ type }) => type === "want")).toEqual([]);
    await gaps.take(run ? [run] : []);
    for (let at = 0; at < 5; at++) second();
    expect(sent).toContainEqual({ type: "want", chain: crookedChain, from: 0 });
  });
});

describe("what is said of chains that there cannot be", () => {
  it("is not missed, nor remembered, whoever says so and however often [LO3]", async () => {
    const { replica, store } = await openDevice(await makeCorpus());
    const heads = (round: number): [string, number, string][] =>
      Array.from({ length: 500 }, (_, index) => [`crook@z${round}x${index}`, 7, hash]);
    for (let round = 0; round < 4; round++) {
      replica.serverHolds(new Map(heads(round).map(([chain, next]) => [chain, { next, hash }])));
      const known = heads(round).map(([chain, next]): [string, number] => [chain, next]);
      const holder = { device: "srv1", complete: true, online: true, heads: heads(round), known };
      replica.othersHold([holder]);
    }
    replica.serverHolds(new Map([["till1@s1", { next: 900, hash }]]));
    expect(replica.missing()).toMatchObject([{ chain: "till1@s1", to: 899 }]);
    await replica.rememberMissing();
    expect(store.content.settings.get("missing")).toBe('[["till1@s1",900]]');
  });
});

describe("runs that come without end", () => {
  it("are not kept when nobody asked for them", async () => {
    const { corpus, device, gaps } = await openGaps();
    const before = device.store.content.outbox.length;
    for (let again = 0; again < 5; again++) await gaps.take(corpus.runs.slice(corpus.known));
    expect(device.store.content.outbox).toHaveLength(before);
    expect(device.replica.branches()).toEqual([]);
  });

  it("are kept in sequence, from where this device stands", async () => {
    const { corpus, device, gaps, second } = await openGaps();
    const theirs = corpus.runs.filter(({ seal }) => seal.includes(`"${crookedChain}"`));
    const before = device.store.content.outbox.length;
    gaps.serverHolds(new Map([[crookedChain, { next: 1000, hash }]]));
    second();
    await gaps.take(theirs.slice(-2));
    expect(device.store.content.outbox).toHaveLength(before);
    const next = device.replica.heads().get(crookedChain)?.next ?? 0;
    await gaps.take(theirs);
    expect(device.replica.heads().get(crookedChain)?.next).toBeGreaterThan(next);
    expect(device.replica.missing()).toEqual([]);
  });

  it("of two histories some hundred are kept, of a server's making none more [J6]", async () => {
    const { corpus, device, gaps, second } = await openGaps();
    const { relay } = await startVictim(corpus);
    const [text = "{}"] =
      corpus.runs.findLast(({ seal }) => seal.includes(`"${crookedChain}"`))?.operations ?? [];
    const { next } = relay.ledger.head(crookedChain);
    const rivals: Run[] = [];
    for (let made = 0; made < 260; made++) {
      const rival = text.replace(/"seq":\d+/, `"seq":${next}`).replace(/,\d+\]/, `,${made}]`);
      rivals.push(await sealAsCrook(relay.ledger, [rival], quickSigner("crook")));
    }
    for (const rival of rivals) {
      const { head } = JSON.parse(rival.seal) as { head: string };
      gaps.serverHolds(new Map(), [head]);
      second();
      await gaps.take([rival]);
    }
    expect(device.replica.branches().length).toBeLessThanOrEqual(200);
    expect(device.store.content.outbox.length).toBeLessThanOrEqual(205);
  });
});

describe("keys that a server offers", () => {
  it("beyond where this device stands move it nowhere: the next server's are read [ME5]", async () => {
    const { replica } = await openDevice(await makeCorpus());
    const remembered = new Map<string, string>();
    const remember = {
      get: (name: string) => remembered.get(name),
      set: (name: string, value: string) => void remembered.set(name, value),
    };
    const sent: DeviceMessage[] = [];
    const exchange = new KeyExchange(
      replica,
      remember,
      (message) => void sent.push(message),
      () => 1,
    );
    exchange.start();
    const far = 2 ** 53 - 1;
    const keys: [string, string][] = [["till1@s1:900", hash]];
    for (const generation of [1, 7, far])
      await exchange.take({ type: "keys", generation, from: far, total: far, keys });
    exchange.reset();
    exchange.start();
    for (const message of sent) expect(readDeviceMessage(writeMessage(message))).toEqual(message);
    expect(sent.at(-1)).toEqual({ type: "keys-get", generation: 0, from: 0 });
  });

  it("of members who are nowhere are kept up to more than any shop has, and no more [ME5]", async () => {
    const { replica, store } = await openDevice(await makeCorpus());
    const before = store.content.keys.size;
    for (let at = 0; at < 340_000; at += 20_000)
      await replica.receiveKeys(
        Array.from({ length: 20_000 }, (_, index) => [`till1@s1:${1000 + at + index}`, hash]),
      );
    const kept = store.content.keys.size - before;
    expect(kept).toBeGreaterThanOrEqual(299_000);
    expect(kept).toBeLessThanOrEqual(320_000);
  });
});

describe("what a server acknowledges", () => {
  it("is believed of what it was sent, and as far as it was sent [J8]", async () => {
    const { device, say, session } = await openSession();
    const { replica } = device;
    const unsent = replica.unsent();
    expect(unsent).toBeGreaterThan(0);
    for (const id of [0, 1, 2, 3, 77]) {
      await say({ type: "accepted", id, chain: replica.chain, next: 2 ** 53 - 1 });
      await say({ type: "accepted", id, chain: "crook@nowhere", next: 5 });
    }
    expect(replica.saved(device.unsent).onServer).toBe(false);
    expect(replica.unsent()).toBe(unsent);
    session.close();
  });

  it("a run that was sent is acknowledged up to its end, not beyond [J8]", async () => {
    const { replica } = await openDevice(await makeCorpus());
    const sent: DeviceMessage[] = [];
    const send = (message: DeviceMessage) => void sent.push(message);
    const remember = { get: () => undefined, set: () => undefined };
    let id = 0;
    const keys = new KeyExchange(replica, remember, send, () => ++id);
    const pump = new RunPump(replica, keys, send, () => ++id);
    const heads = new Map(replica.heads());
    heads.delete(replica.chain);
    pump.serverHolds(heads);
    pump.allow();
    await settled();
    const put = sent.find(({ type }) => type === "keys-put");
    if (put?.type === "keys-put") await keys.take({ type: "keys-accepted", id: put.id });
    pump.push();
    await settled();
    const submit = sent.find(({ type }) => type === "submit");
    if (submit?.type !== "submit") throw new Error("nothing was sent");
    const end = replica.heads().get(replica.chain)?.next ?? 0;
    expect(pump.accepted(999, replica.chain, end)).toBe(false);
    expect(pump.accepted(submit.id, "till1@s1", end)).toBe(false);
    pump.wanted(replica.chain, 0);
    await settled();
    const again = sent.findLast(({ type }) => type === "submit");
    if (again?.type !== "submit") throw new Error("nothing was sent");
    expect(pump.accepted(again.id, replica.chain, end)).toBe(true);
    pump.wanted(replica.chain, 0);
    await settled();
    const last = sent.findLast(({ type }) => type === "submit");
    if (last?.type !== "submit") throw new Error("nothing was sent");
    expect(pump.accepted(last.id, replica.chain, end + 1)).toBe(false);
  });
});

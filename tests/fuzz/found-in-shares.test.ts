import { describe, expect, it } from "vitest";
import { Keyring } from "../../server/relay/keyring.ts";
import { writeCheckpoint } from "../../shared/replica/checkpoint.ts";
import { OperationPlaces } from "../../shared/replica/operation-places.ts";
import {
  type DeviceMessage,
  frameBytesMax,
  type ServerMessage,
  writeMessage,
} from "../../shared/sync/messages.ts";
import { makeCorpus, quickSigner, shopDocument } from "./corpus.ts";
import { startVictim } from "./victim-server.ts";

const hash = "A".repeat(43);

/** A server, and one device of it that says what it likes. */
async function openDesk(device = "crook") {
  const corpus = await makeCorpus();
  const victim = await startVictim(corpus);
  const answers: ServerMessage[] = [];
  const peer = { device, send: (message: ServerMessage) => void answers.push(message) };
  const say = async (message: DeviceMessage) => {
    await victim.desk.take(peer, message);
    return answers.at(-1);
  };
  let id = 0;
  const put = (...keys: [string, string][]) => say({ type: "keys-put", id: ++id, keys });
  return { corpus, victim, say, put, answers };
}

const key = (index: number): string => `${"B".repeat(37)}${String(index).padStart(5, "0")}A`;
const keysFrom = (chain: string, from: number, count: number): [string, string][] =>
  Array.from({ length: count }, (_, index) => [`${chain}:${from + index}`, key(index)]);

describe("keys of members who may never come", () => {
  it("one for each member: not one for each way of writing its name, nor one for each time [ME5]", async () => {
    const { victim, put } = await openDesk();
    const { keyring, ledger } = victim.relay;
    const { next } = ledger.head("crook@s1");
    const before = keyring.total;
    await put([`crook@s1:${next}`, key(1)]);
    expect(keyring.total).toBe(before + 1);
    const aliases = [`0${next}`, `00${next}`, `000${next}`].map((seq) => `crook@s1:${seq}`);
    await put(...aliases.map((alias): [string, string] => [alias, key(2)]));
    await put(...keysFrom("crook@nowhere", 0, 50), ...keysFrom("nobody@s1", 0, 50));
    expect(keyring.total).toBe(before + 1);
    for (let again = 2; again < 20; again++)
      await put([`crook@s1:${next}`, key(again)], [`crook@s1:${next}`, key(again + 50)]);
    expect(keyring.total, "its own, and one in its place").toBe(before + 2);
  });

  it("what a restart reads back leaves no room for another", async () => {
    const { victim, put } = await openDesk();
    const { next } = victim.relay.ledger.head("crook@s1");
    const member = `crook@s1:${next}`;
    await put([member, key(1)]);
    await put([member, key(2)]);
    const facts = { hashOf: () => undefined, nextOf: () => next, isKnown: () => true };
    const again = new Keyring(victim.relay.keyring.entries(), facts);
    expect(again.worthKeeping([[member, key(3)]], "crook").keys).toEqual([]);
    expect(again.total).toBe(victim.relay.keyring.total);
  });

  it("only those that can be needed soon: the rest is to be put again, what came with it is kept [ME5]", async () => {
    const { victim, put } = await openDesk();
    const { keyring, ledger } = victim.relay;
    const mine = ledger.head("crook@s1").next;
    const theirs = ledger.head("till1@s1").next;
    const before = keyring.total;
    const far = 2 ** 49;
    const answer = await put([`crook@s1:${mine}`, key(1)], [`crook@s1:${far}`, key(2)]);
    expect(answer).toMatchObject({ type: "refused", code: "keys-too-far-ahead" });
    expect(keyring.total).toBe(before + 1);
    expect(await put([`till1@s1:${theirs + 10_001}`, key(3)])).toMatchObject({ type: "refused" });
    expect(await put([`till1@s1:${theirs + 9000}`, key(4)])).toMatchObject({
      type: "keys-accepted",
    });
    expect(keyring.total).toBe(before + 2);
  });

  it("an import of 100,000 that was made without network may bring all its keys first [LO2]", async () => {
    const { victim, put } = await openDesk("till1");
    const { keyring, ledger } = victim.relay;
    const { next } = ledger.head("till1@s1");
    const before = keyring.total;
    for (let at = 0; at < 100_000; at += 4000)
      expect(await put(...keysFrom("till1@s1", next + at, 4000))).toMatchObject({
        type: "keys-accepted",
      });
    expect(keyring.total).toBe(before + 100_000);
  });
});

describe("what a device asks for", () => {
  it("is found at once at the end of a long chain, and after a gap [J9]", () => {
    const places = new OperationPlaces();
    const count = 200_000;
    for (let run = 0; run < count; run++)
      places.add("till1@s1", {
        first: run * 3,
        last: run * 3 + 1,
        document: shopDocument,
        at: run,
      });
    const startMs = performance.now();
    for (let asked = 0; asked < 3000; asked++)
      expect(places.from("till1@s1", (count - 1 - asked) * 3 + 2)?.at).toBe(
        asked === 0 ? undefined : count - asked,
      );
    expect(performance.now() - startMs).toBeLessThan(1500);
    expect([0, 1, 2, 3].map((seq) => places.from("till1@s1", seq)?.first)).toEqual([0, 0, 3, 3]);
    expect(places.from("nobody@s1", 0)).toBeUndefined();
  });
});

describe("what a device claims that it, or somebody, holds", () => {
  it("is remembered of chains that can exist, once for each, and told in frames that others can read [LO3]", async () => {
    const { victim, say } = await openDesk();
    const { desk, timers } = victim;
    const told: ServerMessage[] = [];
    desk.join({ device: "pc1", send: (message) => void told.push(message) });
    const name = (index: number) => `crook@${"s".repeat(26)}${String(index).padStart(6, "0")}`;
    for (let round = 0; round < 3; round++)
      await say({
        type: "heads",
        heads: Array.from({ length: 4000 }, (_, index) => [name(round * 4000 + index), 7, hash]),
        known: Array.from({ length: 4000 }, (_, index) => [name(round * 4000 + index), 9]),
        complete: true,
        persisted: true,
      });
    expect(desk.reportOf("crook")).toMatchObject({ heads: [], known: [] });
    expect(desk.missing()).toEqual([]);
    await say({
      type: "heads",
      heads: Array.from({ length: 4000 }, () => ["till1@s1", 1, hash]),
      known: Array.from({ length: 4000 }, () => ["till1@s1", 1]),
      complete: true,
      persisted: true,
    });
    await timers.pass(2000);
    expect(desk.reportOf("crook")).toMatchObject({
      heads: [["till1@s1", 1, hash]],
      known: [["till1@s1", 1]],
    });
    expect(desk.missing()).toEqual([]);
    for (const message of told) {
      expect(writeMessage(message).length).toBeLessThan(frameBytesMax / 50);
      if (message.type === "holders")
        for (const { heads } of message.holders) expect(heads.length).toBeLessThan(10);
    }
  });

  it("a claim that contradicts ours, and a document that differs, is told once, however often it is made", async () => {
    const { victim, say } = await openDesk();
    const { next } = victim.relay.ledger.head("till1@s1");
    for (let again = 0; again < 50; again++) {
      await say({
        type: "heads",
        heads: [["till1@s1", next, hash]],
        complete: true,
        persisted: true,
      });
      await say({ type: "compare", id: again, name: shopDocument, length: 3, last: hash });
      const name = `journal/1/zz${again}/2026-11`;
      await say({ type: "compare", id: again, name, length: 3, last: hash });
    }
    expect(victim.alarms.map(({ kind }) => kind)).toEqual(["fork", "document-ahead"]);
  });

  it("a checkpoint is read once for each connection: the newest is all that tells something [WI1]", async () => {
    const { victim, say } = await openDesk();
    const held = victim.relay.checkpoint();
    const documents: [string, number][] = [[shopDocument, 999]];
    await say({ type: "checkpoint", text: await writeCheckpoint(held, quickSigner("srv1")) });
    const text = await writeCheckpoint({ ...held, documents }, quickSigner("srv1"));
    await say({ type: "checkpoint", text });
    expect(victim.relay.isSuspended()).toBe(false);
    await victim.desk.take({ device: "crook", send: () => {} }, { type: "checkpoint", text });
    expect(victim.relay.isSuspended()).toBe(true);
  });
});

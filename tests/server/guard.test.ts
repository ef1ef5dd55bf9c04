import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { writeStateVector } from "../../shared/documents/state-vector.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { toBase64Url } from "../../shared/journal/bytes.ts";
import { chainOf } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal, sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { hashOfKey, newMemberKey } from "../../shared/members/member-fields.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import {
  control,
  enrolRaw,
  inviteByRecovery,
  openSocket,
  type RawDevice,
  type RawSocket,
  syncFrame,
} from "./raw-device.ts";
import {
  eventually,
  type FoundedServer,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

/** A shop whose server has a journal document, an honest device on it, and an attacker's device. */
interface Scene {
  server: FoundedServer;
  honest: RawDevice;
  attacker: RawDevice;
  journal: string;
  /** nothing changed, and the honest device still works */
  unharmed(): Promise<void>;
}

let nextId = 1;

async function setScene(): Promise<Scene> {
  const server = await startFoundedServer(await scratchFolder());
  const honest = await enrolRaw(server, await inviteByRecovery(server));
  const attacker = await enrolRaw(server, await inviteByRecovery(server));
  const socket = await honest.connect(control);
  await submitMember(server, honest, socket);
  const journal = server.data.relay.documents().find(({ name }) => name !== control)?.name ?? "";
  const before = stateOf(server);
  return {
    server,
    honest,
    attacker,
    journal,
    async unharmed() {
      expect(stateOf(server)).toEqual(before);
      expect(socket.socket.readyState).toBe(socket.socket.OPEN);
      await submitMember(server, honest, socket);
      expect(server.data.relay.trouble()).toBeUndefined();
    },
  };
}

const stateOf = ({ data }: FoundedServer) => ({
  ...summarise(data.relay.ledger),
  documents: data.relay.documents(),
  keys: data.relay.keyring.total,
});

/** Adds a member as an honest device does: key first, then the run. */
async function submitMember(server: FoundedServer, device: RawDevice, socket: RawSocket) {
  const { run, member, key } = await memberRun(device);
  const put = nextId++;
  socket.say({ type: "keys-put", id: put, keys: [[member, key]] });
  expect(await socket.answer(put)).toMatchObject({ type: "keys-accepted" });
  const id = nextId++;
  socket.say({ type: "submit", id, run });
  expect(await socket.answer(id)).toMatchObject({ type: "accepted" });
  await enter(device, run);
  expect(server.data.relay.heads().get(chainOf(device.identity))?.next).toBe(
    device.ledger.head(chainOf(device.identity)).next,
  );
  return { run, member };
}

const memberDraft =
  (keyHash: string): Drafting =>
  () => ({ kind: "MemberAdded", body: { keyHash, fields: ["name"], sealed: "x".repeat(24) } });

async function memberRun(device: RawDevice) {
  const key = newMemberKey({ bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) });
  const run = await device.author([memberDraft(hashOfKey(key))]);
  const chain = chainOf(device.identity);
  return { run, key: toBase64Url(key), member: `${chain}:${device.ledger.head(chain).next}` };
}

async function enter(device: RawDevice, run: Run) {
  const checked = await device.ledger.check(run, { verify: true });
  if (!checked.ok) throw new Error(checked.refusal.code);
  device.ledger.enter(checked.value, Date.now());
}

/** The same operations under another seal, signed with the device's own key. */
async function sealed(device: RawDevice, operations: string[], change: object = {}): Promise<Run> {
  const chain = chainOf(device.identity);
  const head = device.ledger.head(chain);
  const hash = device.ledger.runningHash(chain);
  for (const text of operations) hash.add(text);
  const unsigned = {
    v: 1 as const,
    org: device.identity.org,
    chain,
    first: head.next,
    last: head.next + operations.length - 1,
    prev: head.hash,
    head: hash.toString(),
    ...change,
  };
  const sig = await device.signer.sign(sealedBytes(unsigned));
  return { operations, seal: writeSeal({ ...unsigned, sig }) };
}

async function refusalOf(socket: RawSocket, run: Run): Promise<string> {
  const id = nextId++;
  socket.say({ type: "submit", id, run });
  const answer = await socket.answer(id);
  return answer.type === "refused" ? answer.code : answer.type;
}

describe("a client cannot write into a document", () => {
  const doc = new Y.Doc();
  doc.getArray("0").push(["foreign"]);
  const deletes = new Uint8Array([0, 1, 1, 1, 0, 100]);
  const swallow = new Uint8Array([1, 1, 1, 0, 0, 0x90, 0x4e, 0]);
  test.each([
    ["an update of its own", Y.encodeStateAsUpdate(doc)],
    ["deletes alone", deletes],
    ["a struct that swallows what will be written", swallow],
    ["bytes that are no update", new Uint8Array([255, 255, 255, 255, 255])],
    ["eight bytes that ask for much memory", new Uint8Array([1, 255, 255, 255, 255, 15, 1, 0])],
  ])("%s closes its socket for good and changes nothing", async (_what, update) => {
    const { server, attacker, journal, unharmed } = await setScene();
    for (const name of [journal, control])
      for (const step of [1, 2]) {
        const socket = await attacker.connect(name);
        socket.send(syncFrame(step, update));
        expect(await socket.closed).toBe(closeCodes.foreignUpdate);
      }
    expect(server.log.lines.filter(({ message }) => message === "foreign-update")).toHaveLength(4);
    await unharmed();
  });

  test("even what the server itself would write, from anybody else", async () => {
    const { attacker, journal, server, unharmed } = await setScene();
    const socket = await attacker.connect(journal);
    const at = server.data.relay.documentLength(journal);
    socket.send(syncFrame(2, writeUpdate(journal, at, ["forged"])));
    expect(await socket.closed).toBe(closeCodes.foreignUpdate);
    await unharmed();
  });

  test("empty updates are ignored", async () => {
    const { attacker, journal, unharmed } = await setScene();
    const socket = await attacker.connect(journal);
    for (const step of [1, 2]) socket.send(syncFrame(step, new Uint8Array([0, 0])));
    socket.send(syncFrame(0, new Uint8Array([0])));
    await eventually(() => socket.frames.length > 0, "the document comes");
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
    await unharmed();
  });
});

describe("a socket is not opened", () => {
  test("without a ticket, with a used or an invented one", async () => {
    const { server, attacker, unharmed } = await setScene();
    const ticket = await attacker.ticket();
    const first = await openSocket(server.url, control, ticket);
    const again = await openSocket(server.url, control, ticket);
    expect(await again.closed).toBe(closeCodes.badTicket);
    for (const wrong of ["", "invented", "A".repeat(32)]) {
      const socket = await openSocket(server.url, control, wrong);
      expect(await socket.closed).toBe(closeCodes.badTicket);
    }
    expect(first.socket.readyState).toBe(first.socket.OPEN);
    await unharmed();
  });

  test("by a browser on another site", async () => {
    const { server, attacker, unharmed } = await setScene();
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      const socket = await attacker.connect(control, { origin });
      expect(await socket.closed).toBe(403);
    }
    const own = await attacker.connect(control, { origin: server.url });
    expect(own.socket.readyState).toBe(own.socket.OPEN);
    await unharmed();
  });

  test("on a document that is not there", async () => {
    const { attacker, unharmed } = await setScene();
    for (const name of ["journal/1/x/2026-01", "other", "__proto__", "..%2Fauthority", "a%00b"]) {
      const socket = await attacker.connect(name);
      expect([name, await socket.closed]).toEqual([name, closeCodes.noSuchDocument]);
    }
    await unharmed();
  });

  test("where the address cannot be read, and the server lives on", async () => {
    const { server, attacker, unharmed } = await setScene();
    expect((await fetch(`${server.url}/%`)).status).toBe(400);
    expect((await fetch(`${server.url}/api/%E0%A4%A`)).status).toBe(400);
    const socket = await attacker.connect("%");
    expect(await socket.closed).toBe(400);
    await unharmed();
  });
});

describe("malformed frames", () => {
  const name = (frame: Uint8Array): string => Buffer.from(frame).toString("hex").slice(0, 24);
  const awareness = (content: number[]) => new Uint8Array([1, content.length, ...content]);
  const state = (text: string) => [text.length, ...Buffer.from(text)];
  test.each(
    [
      new Uint8Array([]),
      new Uint8Array([0]),
      new Uint8Array([0, 9, 0]),
      new Uint8Array([0, 0, 255, 255, 255, 255, 127]),
      new Uint8Array([0, 0, 1, 0, 7]),
      new Uint8Array([77, 1, 0]),
      new Uint8Array([2, 0]),
      new Uint8Array([100, 2, 123, 125]),
      new Uint8Array([100, 1, 255]),
      awareness([1, 5, 1, ...state('{"name":"x"}')]),
      awareness([2, 5, 1, ...state("{}"), 6, 1, ...state("{}")]),
      awareness([1, 5]),
      awareness([255, 255, 255, 255, 255, 255, 255, 255, 255]),
    ].map((frame) => [name(frame), frame] as const),
  )("close the socket: %s", async (_hex, frame) => {
    const { attacker, unharmed } = await setScene();
    const socket = await attacker.connect(control);
    socket.send(frame);
    expect(await socket.closed).toBe(closeCodes.malformed);
    await unharmed();
  });

  test("awareness of somebody else is refused, one's own is not passed on", async () => {
    const { attacker, honest, unharmed } = await setScene();
    const listening = await honest.connect(control);
    const socket = await attacker.connect(control);
    await eventually(() => listening.messages.length >= 2, "the session began");
    const heard = listening.frames.filter((bytes) => bytes[0] === 1).length;
    socket.send(awareness([1, 5, 1, ...state("{}")]));
    socket.send(awareness([1, 5, 2, ...state("null")]));
    socket.send(awareness([1, 6, 1, ...state("null")]));
    expect(await socket.closed).toBe(closeCodes.malformed);
    expect(listening.frames.filter((bytes) => bytes[0] === 1)).toHaveLength(heard);
    await unharmed();
  });

  test("text, frames above a mebibyte and broken WebSocket frames do no harm", async () => {
    const { server, attacker, unharmed } = await setScene();
    const text = await attacker.connect(control);
    text.socket.send("hello");
    expect(await text.closed).toBe(closeCodes.malformed);
    const large = await attacker.connect(control);
    large.send(new Uint8Array(1024 * 1024 + 1));
    expect(await large.closed).toBe(closeCodes.tooLarge);
    const huge = await attacker.connect(control);
    huge.send(new Uint8Array(4 * 1024 * 1024));
    expect([1006, 1009]).toContain(await huge.closed);
    const raw = await attacker.connect(control);
    const { _socket: tcp } = raw.socket as unknown as { _socket: ReturnType<typeof connect> };
    tcp.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    expect([1002, 1006]).toContain(await raw.closed);
    const { port } = new URL(server.url);
    const noise = connect(Number(port), "127.0.0.1");
    noise.on("error", () => {});
    noise.resume();
    noise.write("\x16\x03\x01 this is no HTTP\r\n\r\n");
    await new Promise((resolve) => noise.once("close", resolve));
    await unharmed();
  });
});

describe("a run is refused", () => {
  test("with a seal of another key, or none that covers it", async () => {
    const { attacker, honest, unharmed } = await setScene();
    const socket = await attacker.connect(control);
    const { run } = await memberRun(attacker);
    const seal = readSeal(run.seal);
    if (!seal) throw new Error("unreachable");
    const forged = await honest.signer.sign(sealedBytes(seal));
    expect(await refusalOf(socket, { ...run, seal: writeSeal({ ...seal, sig: forged }) })).toBe(
      "bad-seal",
    );
    const other = await memberRun(attacker);
    expect(await refusalOf(socket, { ...run, operations: other.run.operations })).toBe("bad-seal");
    const stolen = chainOf(honest.identity);
    const asHonest = { ...seal, chain: stolen };
    expect(await refusalOf(socket, { ...run, seal: writeSeal(asHonest) })).toBe("bad-seal");
    await unharmed();
  });

  test("with a gap: it is asked for, never parked", async () => {
    const { attacker, unharmed } = await setScene();
    const socket = await attacker.connect(control);
    const run = await sealed(attacker, (await memberRun(attacker)).run.operations.slice(), {
      first: 5,
      last: 5,
    });
    expect(await refusalOf(socket, run)).toBe("gap");
    await unharmed();
  });

  test.each([
    ["an envelope that is not ours", (text: string) => text.replace('"v":1', '"v":2')],
    ["another organisation", (text: string) => text.replace(/"org":"[a-z0-9]+"/, '"org":"other"')],
    ["a number beyond 2^53", (text: string) => text.replace('"v":1', '"v":9007199254740993')],
    ["a __proto__ key", (text: string) => text.replace('"body":{', '"body":{"__proto__":1,')],
    ["keys out of order", (text: string) => text.replace('{"att":true,', '{"z":1,"att":true,')],
    ["white space", (text: string) => `${text} `],
    ["a null", (text: string) => text.replace('"fields":["name"]', '"fields":null')],
    ["half a surrogate", (text: string) => text.replace('"name"', '"\\ud800"')],
    ["nesting without end", (text: string) => text.replace('["name"]', `${"[".repeat(2000)}`)],
  ])("with %s", async (_what, change) => {
    const { attacker, unharmed } = await setScene();
    const socket = await attacker.connect(control);
    const [text = ""] = (await memberRun(attacker)).run.operations;
    const changed = change(text);
    expect(changed).not.toBe(text);
    const refusal = await refusalOf(socket, await sealed(attacker, [changed]));
    expect(["malformed", "other-organisation"]).toContain(refusal);
    await unharmed();
  });

  test("when it cites an older authority entry than before", async () => {
    const { server, attacker, unharmed } = await setScene();
    const socket = await attacker.connect(control);
    const key = newMemberKey({ bytes: (length) => new Uint8Array(length).fill(7) });
    const run = await attacker.author([memberDraft(hashOfKey(key)), memberDraft(hashOfKey(key))]);
    const { heads } = server.data.relay.ledger.log;
    const [first = "", second = ""] = run.operations;
    const older = second.replace(/"auth":"[^"]+"/, `"auth":"${heads[0]}"`);
    expect(await refusalOf(socket, await sealed(attacker, [first, older]))).toBe(
      "authority-went-back",
    );
    await unharmed();
  });

  test("when the key of the member that it adds is not here", async () => {
    const { server, attacker } = await setScene();
    const before = server.data.relay.documents();
    const socket = await attacker.connect(control);
    const { run, member } = await memberRun(attacker);
    expect(await refusalOf(socket, run)).toBe("key-missing");
    const wrong = toBase64Url(new Uint8Array(32).fill(1));
    const put = nextId++;
    socket.say({ type: "keys-put", id: put, keys: [[member, wrong]] });
    expect(await socket.answer(put)).toMatchObject({ type: "keys-accepted" });
    expect(await refusalOf(socket, run)).toBe("key-missing");
    expect(server.data.relay.documents()).toEqual(before);
    expect(server.data.relay.keyring.holds(member)).toBe(false);
  });

  test("when it contradicts what its device sealed before: both branches are kept apart, and it is stopped", async () => {
    const { server, attacker, honest } = await setScene();
    const socket = await attacker.connect(control);
    const alike = await attacker.author([() => editOf("one")]);
    const fork = await attacker.author([() => editOf("two")]);
    const id = nextId++;
    socket.say({ type: "submit", id, run: alike });
    expect(await socket.answer(id)).toMatchObject({ type: "accepted" });
    socket.say({ type: "submit", id: nextId++, run: fork });
    expect(await socket.closed).toBe(closeCodes.notYours);
    const other = await honest.connect(control);
    expect(await refusalOf(other, fork)).toBe("apart");
    expect(await refusalOf(other, alike)).toBe("accepted");
    expect(server.log.lines.filter(({ message }) => message === "fork")).toHaveLength(1);
    const { relay } = server.data;
    expect(relay.branches()).toMatchObject([{ chain: chainOf(attacker.identity), first: 0 }]);
    expect(relay.authority?.devices.get(attacker.identity.device)?.closed).toMatchObject({
      by: undefined,
      cut: { [chainOf(attacker.identity)]: { next: 1 } },
    });
    expect(relay.trouble()).toBeUndefined();
  });

  test("who is connected is told of it, also on the socket that carries no journal", async () => {
    const { attacker, honest } = await setScene();
    const watching = await honest.connect(control);
    const socket = await attacker.connect(control);
    const alike = await attacker.author([() => editOf("one")]);
    const fork = await attacker.author([() => editOf("two")]);
    expect(await refusalOf(socket, alike)).toBe("accepted");
    socket.say({ type: "submit", id: nextId++, run: fork });
    const { head } = readSeal(fork.seal) ?? {};
    const isTold = () =>
      watching.messages.some(
        (message) => message.type === "heads" && message.branches.includes(head ?? ""),
      );
    await eventually(isTold, "what stands apart is announced");
  });
});

const editOf = (member: string) => ({
  kind: "MemberEdited",
  body: { member: `x@y:${member === "one" ? 1 : 2}`, cites: {}, sealed: "x".repeat(24) },
});

describe("runs of one chain that come at once", () => {
  test("are stored once when several devices bring the same", async () => {
    const { server, attacker, honest } = await setScene();
    const run = await attacker.author([() => editOf("one")]);
    const { relay } = server.data;
    const answers = await Promise.all([
      relay.submit(run, attacker.identity.device),
      relay.submit(run, honest.identity.device),
      relay.submit(run, honest.identity.device),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(relay.heads().get(chainOf(attacker.identity))?.next).toBe(1);
    expect(server.log.lines.filter(({ message }) => message === "fork")).toEqual([]);
  });

  test("a forged one beside it does not make the honest one look like a fork", async () => {
    const { server, attacker, honest } = await setScene();
    const genuine = await honest.author([() => editOf("one")]);
    const other = await honest.author([() => editOf("two")]);
    const seal = readSeal(other.seal);
    if (!seal) throw new Error("unreachable");
    const sig = await attacker.signer.sign(sealedBytes(seal));
    const forged = { ...other, seal: writeSeal({ ...seal, sig }) };
    const { relay } = server.data;
    const [bad, good, again] = await Promise.all([
      relay.submit(forged, attacker.identity.device),
      relay.submit(genuine, honest.identity.device),
      relay.submit(forged, attacker.identity.device),
    ]);
    expect(bad).toMatchObject({ ok: false, code: "bad-seal" });
    expect(good).toMatchObject({ ok: true });
    expect(again).toMatchObject({ ok: false, code: "bad-seal" });
    expect(server.log.lines.filter(({ message }) => message === "fork")).toEqual([]);
  });
});

describe("a resend", () => {
  test("is acknowledged and stored once", async () => {
    const { server, attacker } = await setScene();
    const socket = await attacker.connect(control);
    const { run } = await submitMember(server, attacker, socket);
    const before = server.data.relay.documents();
    expect(await refusalOf(socket, run)).toBe("accepted");
    expect(server.data.relay.documents()).toEqual(before);
  });

  test("may come from another device: runs certify themselves", async () => {
    const { server, attacker, honest } = await setScene();
    const socket = await honest.connect(control);
    const run = await attacker.author([() => editOf("one")]);
    expect(await refusalOf(socket, run)).toBe("accepted");
    expect(server.data.relay.heads().get(chainOf(attacker.identity))?.next).toBe(1);
  });
});

test("a member's key cannot be replaced", async () => {
  const { server, attacker, honest } = await setScene();
  const socket = await honest.connect(control);
  const { member } = await submitMember(server, honest, socket);
  const before = server.data.relay.keyring.total;
  const other = await attacker.connect(control);
  const put = nextId++;
  const wrong = toBase64Url(new Uint8Array(32).fill(1));
  other.say({ type: "keys-put", id: put, keys: [[member, wrong]] });
  await other.answer(put);
  // Nor by the device that added the member, once everybody knows which key is right.
  socket.say({ type: "keys-put", id: put + 1, keys: [[member, wrong]] });
  nextId++;
  await socket.answer(put + 1);
  expect(server.data.relay.keyring.total).toBe(before);
  expect(server.data.relay.keyring.holds(member)).toBe(true);
});

test("a device that claims to have more of a document than there is gets nothing", async () => {
  const { server, attacker, journal, unharmed } = await setScene();
  const socket = await attacker.connect(journal);
  socket.send(syncFrame(0, writeStateVector(journal, 1_000_000)));
  expect(await socket.closed).toBe(closeCodes.notYours);
  expect(server.log.lines.some(({ message }) => message === "document-ahead")).toBe(true);
  await unharmed();
});

test("a reader that does not read is let go, and nobody waits for it", async () => {
  const { attacker, journal, unharmed } = await setScene();
  const socket = await attacker.connect(journal);
  socket.socket.pause();
  for (let asked = 0; asked < 200; asked++) socket.send(syncFrame(0, new Uint8Array([0])));
  await unharmed();
});

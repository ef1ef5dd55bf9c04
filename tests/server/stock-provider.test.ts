import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { fileOfDocument } from "../../server/storage/elements-file.ts";
import { decodeRecord, recordHeadBytes } from "../../server/storage/record-log.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import { enrolRaw, inviteByRecovery, type RawDevice } from "./raw-device.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

const edit: Drafting = () => ({
  kind: "MemberEdited",
  body: { member: "x@y:1", cites: {}, sealed: "x".repeat(2000) },
});

async function trade(server: FoundedServer, device: RawDevice, runs: number): Promise<void> {
  for (let count = 0; count < runs; count++) {
    const run = await device.author(Array.from({ length: 20 }, () => edit));
    const answer = await server.data.relay.submit(run, device.identity.device);
    expect(answer.ok).toBe(true);
    const checked = await device.ledger.check(run, { verify: false });
    if (checked.ok) device.ledger.enter(checked.value, Date.now());
  }
}

function follow(server: FoundedServer, name: string, doc: Y.Doc, ticket: string) {
  const provider = new WebsocketProvider(`${server.url.replace("http", "ws")}/sync`, name, doc, {
    params: { ticket },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  atEnd(async () => provider.destroy());
  return provider;
}

const elementsIn = (doc: Y.Doc): string[] =>
  [...doc.share.keys()]
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((root) => doc.getArray<string>(root).toArray());

test("a stock WebsocketProvider follows a document live and after an absence", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const device = await enrolRaw(server, await inviteByRecovery(server));
  await trade(server, device, 60);
  const name = server.data.relay.documents().find((one) => one.name !== "authority")?.name ?? "";
  const stored = () => server.data.store.read(name, 0, Number.MAX_SAFE_INTEGER);
  const doc = new Y.Doc();
  const first = follow(server, name, doc, await device.ticket());
  await eventually(() => first.synced, "synced");
  // More than a mebibyte came in several updates, and synced was said after the last.
  expect(elementsIn(doc)).toEqual(await stored());
  expect((await stored()).length).toBe(60 * 21);
  await trade(server, device, 3);
  await eventually(() => elementsIn(doc).length === 63 * 21, "live updates come");
  first.destroy();
  await trade(server, device, 5);
  const again = follow(server, name, doc, await device.ticket());
  await eventually(() => again.synced, "synced again");
  expect(elementsIn(doc)).toEqual(await stored());
});

test("what a stock provider writes is refused for good and changes nothing", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const device = await enrolRaw(server, await inviteByRecovery(server));
  await trade(server, device, 2);
  const name = server.data.relay.documents().find((one) => one.name !== "authority")?.name ?? "";
  const before = await server.data.store.read(name, 0, 1000);
  const doc = new Y.Doc();
  const provider = follow(server, name, doc, await device.ticket());
  await eventually(() => provider.synced, "synced");
  const closed = new Promise<number>((resolve) => {
    provider.on(
      "closed" as "sync",
      ((event: { code: number }) => resolve(event.code)) as unknown as (state: boolean) => void,
    );
  });
  doc.getArray("0").delete(0, 1);
  expect(await closed).toBe(closeCodes.foreignUpdate);
  expect(provider.shouldConnect).toBe(false);
  expect(await server.data.store.read(name, 0, 1000)).toEqual(before);
  const other = new Y.Doc();
  const follower = follow(server, name, other, await device.ticket());
  await eventually(() => follower.synced, "others still follow");
  expect(elementsIn(other)).toEqual(before);
});

test("what is stored opens with plain Yjs, record after record", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const device = await enrolRaw(server, await inviteByRecovery(server));
  await trade(server, device, 4);
  const name = server.data.relay.documents().find((one) => one.name !== "authority")?.name ?? "";
  const elements = await server.data.store.read(name, 0, 1000);
  await server.stop();
  const file = new Uint8Array(await readFile(join(dir, "live", fileOfDocument(name))));
  const doc = new Y.Doc();
  for (let at = 0; at < file.length; ) {
    const record = decodeRecord(file, at);
    if (typeof record === "string") throw new Error(record);
    Y.applyUpdate(doc, record.payload);
    at += recordHeadBytes + record.payload.length;
  }
  expect(elementsIn(doc)).toEqual(elements);
});

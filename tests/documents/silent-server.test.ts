import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type WebSocket as Socket, WebSocket, WebSocketServer } from "ws";
import { followDocument } from "../../shared/documents/follow-document.ts";

const keepAlive = Uint8Array.of(1, 1, 0);
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server that took the connection, and a document that is followed on it, with time in our hands. */
async function follow() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  ends.push(() => server.close());
  await once(server, "listening");
  const connected = once(server, "connection") as Promise<[Socket]>;
  const waiting: (() => void)[] = [];
  const closed: number[] = [];
  const following = await followDocument({
    socketUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/sync`,
    name: "authority",
    ticket: "t",
    WebSocket,
    load: () => Promise.resolve([]),
    onElements: () => Promise.resolve(true),
    onSynced: () => {},
    onForged: (fault) => expect.fail(fault),
    onClosed: (code) => closed.push(code),
    after: (_delayMs, run) => {
      waiting.push(run);
      return () => waiting.splice(waiting.indexOf(run), 1);
    },
  });
  ends.push(() => following.close());
  const [socket] = await connected;
  ends.push(() => socket.terminate());
  return { socket, closed, pass: () => waiting.shift()?.(), waiting };
}

test("a server that says nothing any more is left, whatever clock the device has [LO2]", async () => {
  const { closed, pass, waiting } = await follow();
  for (let looks = 0; looks < 4; looks++) pass();
  expect(closed).toEqual([]);
  pass();
  expect(closed).toEqual([0]);
  expect(waiting).toEqual([]);
});

test("one that only says that it is there is kept", async () => {
  const { socket, closed, pass } = await follow();
  for (let beats = 0; beats < 5; beats++) {
    for (let looks = 0; looks < 4; looks++) pass();
    socket.send(keepAlive);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(closed).toEqual([]);
});

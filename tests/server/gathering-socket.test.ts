import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { GatheringSocket } from "../../server/adapters/gathering-socket.ts";
import { atEnd, eventually } from "./server-harness.ts";

/** Both ends of one connection, the writes of the server's counted. */
async function connected() {
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, WebSocket: GatheringSocket });
  const accepted = new Promise<{ here: WebSocket; writes: () => number }>((resolve) => {
    http.on("upgrade", (request, stream: Socket, head) => {
      server.handleUpgrade(request, stream, head, (here) => {
        if (here instanceof GatheringSocket) here.gatherOn(stream);
        let writes = 0;
        const { _writev, _write } = stream;
        stream._writev = (...args) => {
          writes++;
          _writev?.apply(stream, args);
        };
        stream._write = (...args) => {
          writes++;
          _write.apply(stream, args);
        };
        resolve({ here, writes: () => writes });
      });
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const there = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const heard: string[] = [];
  there.on("message", (data) => heard.push(String(data)));
  atEnd(async () => {
    there.terminate();
    http.close();
  });
  return { ...(await accepted), heard };
}

test("what is said in one turn leaves in one write, in order; what is said later in another", async () => {
  const { here, writes, heard } = await connected();
  for (const word of ["one", "two", "three"]) here.send(word);
  await eventually(() => heard.length === 3, "the first turn came");
  expect(heard).toEqual(["one", "two", "three"]);
  expect(writes()).toBe(1);
  for (const word of ["four", "five"]) here.send(word);
  await eventually(() => heard.length === 5, "the second turn came");
  expect(writes()).toBe(2);
});

test("a sender that waits is told when its frame has left, and a socket that is gone takes no harm", async () => {
  const { here, heard } = await connected();
  await new Promise<void>((resolve, reject) => {
    here.send("waited for", (error) => (error ? reject(error) : resolve()));
  });
  await eventually(() => heard.length === 1, "it came");
  here.send("last words");
  here.terminate();
  await once(here, "close");
  here.send("nobody hears", (error) => expect(error).toBeDefined());
});

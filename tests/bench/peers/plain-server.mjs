import { createServer } from "node:http";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocketServer } from "ws";
import { LeveldbPersistence } from "y-leveldb";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";

// The well-known reference design of a Yjs server: apply, broadcast to everybody, store without waiting.
// Usage: plain-server.mjs FOLDER [PORT]. Awareness is left out: nobody here has a cursor.
const [folder = "", port = "0"] = process.argv.slice(2);
const messageSync = 0;
const persistence = new LeveldbPersistence(folder);
/** @type {Map<string, Promise<{ doc: Y.Doc, sockets: Set<import("ws").WebSocket> }>>} */
const rooms = new Map();

/** @param {string} name */
async function openRoom(name) {
  const doc = await persistence.getYDoc(name);
  const sockets = new Set();
  doc.on("update", (update) => {
    persistence.storeUpdate(name, update);
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, messageSync);
    sync.writeUpdate(encoder, update);
    const bytes = encoding.toUint8Array(encoder);
    for (const socket of sockets) socket.send(bytes);
  });
  return { doc, sockets };
}

const http = createServer();
// The default cap of `ws` is 100 MiB a message, also in the reference server; a refill needs more.
const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 0 });
server.on("connection", async (socket, request) => {
  socket.on("error", () => socket.terminate());
  const name = (request.url ?? "/").slice(1).split("?")[0] ?? "";
  const opening = rooms.get(name) ?? openRoom(name);
  rooms.set(name, opening);
  const early = [];
  let room;
  const receive = (data) => {
    if (!room) return void early.push(data);
    const decoder = decoding.createDecoder(new Uint8Array(data));
    if (decoding.readVarUint(decoder) !== messageSync) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, messageSync);
    sync.readSyncMessage(decoder, encoder, room.doc, socket);
    if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
  };
  socket.on("message", receive);
  room = await opening;
  room.sockets.add(socket);
  socket.on("close", () => room.sockets.delete(socket));
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageSync);
  sync.writeSyncStep1(encoder, room.doc);
  socket.send(encoding.toUint8Array(encoder));
  for (const data of early) receive(data);
});

http.listen(Number(port), "127.0.0.1", () => {
  const { port: bound } = http.address();
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${bound}` })}\n`);
});
process.on("SIGTERM", async () => {
  await persistence.destroy();
  process.exit(0);
});

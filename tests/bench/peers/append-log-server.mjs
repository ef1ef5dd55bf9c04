import { fdatasync, ftruncateSync, openSync, write } from "node:fs";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { WebSocketServer } from "ws";

// For orientation: what the disk and the sockets give when nothing is checked. Appends frames to a file,
// syncs once for all that came meanwhile, acknowledges, broadcasts. Usage: append-log-server.mjs FILE.
const [path = ""] = process.argv.slice(2);
const file = openSync(path, "a");
ftruncateSync(file, 0);
const [append, sync] = [promisify(write), promisify(fdatasync)];
const sockets = new Set();
let waiting = [];
let isWriting = false;

async function writeWaiting() {
  isWriting = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await append(file, Buffer.concat(group.map(({ data }) => data)));
    await sync(file);
    const counts = new Map();
    for (const { socket } of group) counts.set(socket, (counts.get(socket) ?? 0) + 1);
    for (const [socket, count] of counts) socket.send(`${count}`);
    const merged = Buffer.concat(group.map(({ data }) => data));
    for (const socket of sockets) socket.send(merged);
  }
  isWriting = false;
}

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (data) => {
    waiting.push({ socket, data });
    if (!isWriting) void writeWaiting();
  });
});
http.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${http.address().port}` })}\n`);
});

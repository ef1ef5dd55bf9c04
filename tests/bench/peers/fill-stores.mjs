import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { schema, upsertQuery } from "@hocuspocus/extension-sqlite";
import sqlite3 from "sqlite3";
import { LeveldbPersistence } from "y-leveldb";
import * as Y from "yjs";

// Fills both peers' stores with the elements of a file, as twenty clients in turn would have pushed them.
// Usage: fill-stores.mjs LINES LEVELDB SQLITE
const [lines = "", leveldb = "", sqlite = ""] = process.argv.slice(2);
const room = "journal";
const writers = 20;

const doc = new Y.Doc();
const array = doc.getArray(room);
const level = new LeveldbPersistence(leveldb);
let waiting = 0;
doc.on("update", (update) => {
  waiting++;
  level.storeUpdate(room, update).then(() => waiting--);
});
const ids = Array.from({ length: writers }, (_, nth) => 1_000_000 + nth);
let nth = 0;
for await (const line of createInterface({ input: createReadStream(lines) })) {
  doc.clientID = ids[nth++ % writers];
  // Not `push`, which walks from the beginning where nobody has looked anything up by its place.
  array.insert(array.length, [JSON.parse(line)]);
  while (waiting > 1000) await new Promise((resolve) => setImmediate(resolve));
}
while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await level.destroy();

const db = new sqlite3.Database(sqlite);
const run = (statement, values) =>
  new Promise((resolve, reject) => {
    db.run(statement, values, (error) => (error ? reject(error) : resolve(undefined)));
  });
await run(schema, {});
await run(upsertQuery, { $name: room, $data: Buffer.from(Y.encodeStateAsUpdate(doc)) });
await new Promise((resolve) => db.close(resolve));

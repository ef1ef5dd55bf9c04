import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";
import * as Y from "yjs";

// Hocuspocus with its SQLite extension, as its manual shows it. Usage: hocuspocus-server.mjs FILE [PORT]
// [kill-safe]. Kill-safe: nothing waits before storing, SQLite syncs every commit, and what is stored
// is told to the clients by a message of our own, because SyncStatus is said before anything is stored.
const [database = "", port = "0", mode = "as-it-is"] = process.argv.slice(2);
const isKillSafe = mode === "kill-safe";

class SafeSQLite extends SQLite {
  /** state vector, base64, that the file holds, by document */
  #stored = new Map();

  async onConfigure() {
    await super.onConfigure();
    await this.#run("PRAGMA synchronous = FULL", {});
    this.configuration.store = ({ documentName, state }) =>
      this.#run(
        `INSERT INTO "documents" ("name", "data") VALUES ($name, $data)
          ON CONFLICT(name) DO UPDATE SET data = $data`,
        { $name: documentName, $data: state },
      );
  }

  /** Every update asks for a store of the whole document; those that a store before covered are skipped. */
  async onStoreDocument(data) {
    const vector = Buffer.from(Y.encodeStateVector(data.document)).toString("base64");
    if (this.#stored.get(data.documentName) === vector) return;
    await super.onStoreDocument(data);
    this.#stored.set(data.documentName, vector);
    data.document.broadcastStateless(vector);
  }

  #run(statement, values) {
    return new Promise((resolve, reject) => {
      this.db.run(statement, values, (error) => (error ? reject(error) : resolve(undefined)));
    });
  }
}

const server = new Server(
  {
    port: Number(port),
    address: "127.0.0.1",
    quiet: true,
    stopOnSignals: true,
    ...(isKillSafe ? { debounce: 0, maxDebounce: 0 } : {}),
    extensions: [isKillSafe ? new SafeSQLite({ database }) : new SQLite({ database })],
    async onListen({ port: bound }) {
      process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${bound}` })}\n`);
    },
  },
  // The default cap of `ws` is 100 MiB a message; a refill needs more.
  { maxPayload: 0, perMessageDeflate: false },
);
await server.listen();

import { readFileSync } from "node:fs";
import { HocuspocusProvider } from "@hocuspocus/provider";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { room, salesOf } from "../load/yjs-updates.ts";
import { authorOf } from "../shop/sales-author.ts";

/**
 * Hocuspocus's own provider, each with a whole document, as an app would use it. Acknowledged is what
 * its count of unsynced changes says; on a kill-safe server, what was stored.
 * @param {import("../load/load-client.ts").LoadOrder} order
 * @returns {import("../load/load-client.ts").LoadDriver}
 */
export function createDriver({ url, shopFile, isKillSafe }) {
  const shop = JSON.parse(readFileSync(shopFile, "utf8"));
  const textsByClient = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++)
        textsByClient.push(await salesOf(shop, client, updatesEach));
    },
    async connect(client, isObserver, events) {
      const document = new Y.Doc();
      const array = document.getArray(room);
      let pushed = 0;
      const provider = new HocuspocusProvider({
        url: url.replace("http", "ws"),
        name: room,
        document,
        awareness: null,
        WebSocketPolyfill: WebSocket,
        onUnsyncedChanges: ({ number }) => {
          if (!isKillSafe) events.acknowledged(client, pushed - number);
        },
        onStateless: ({ payload }) => {
          const vector = Y.decodeStateVector(Buffer.from(payload, "base64"));
          if (isKillSafe) events.acknowledged(client, vector.get(document.clientID) ?? 0);
        },
      });
      await new Promise((resolve) => provider.on("synced", resolve));
      if (isObserver)
        array.observe(({ changes, transaction }) => {
          if (transaction.local) return;
          for (const { insert = [] } of changes.delta)
            for (const text of insert) {
              const { till, nth } = authorOf(text);
              events.seen(till, nth);
            }
        });
      return {
        send(nth) {
          pushed = nth + 1;
          array.push([textsByClient[client][nth]]);
        },
        close: () => provider.destroy(),
      };
    },
  };
}

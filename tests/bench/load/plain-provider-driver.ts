import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { BenchShop } from "../shop/bench-shop.ts";
import { authorOf } from "../shop/sales-author.ts";
import type { LoadDriver, LoadOrder } from "./load-client.ts";
import { room, salesOf } from "./yjs-updates.ts";

/** The stock y-websocket provider, each with a whole document; the echo is read before it swallows it. */
export function createDriver({ url, shopFile }: LoadOrder): LoadDriver {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop;
  const textsByClient: string[][] = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++)
        textsByClient.push(await salesOf(shop, client, updatesEach));
    },
    async connect(client, isObserver, events) {
      const doc = new Y.Doc();
      const array = doc.getArray<string>(room);
      const texts = textsByClient[client] ?? [];
      const provider = new WebsocketProvider(url.replace("http", "ws"), room, doc, {
        WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
        disableBc: true,
      });
      await new Promise<void>((resolve) => provider.once("sync", () => resolve()));
      const own: Uint8Array[] = [];
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin !== provider) own.push(update);
      });
      let echoed = 0;
      provider.ws?.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
        const [next] = own;
        const isEcho = next && Buffer.from(data).subarray(-next.length).equals(next);
        if (!isEcho) return;
        own.shift();
        events.acknowledged(client, ++echoed);
      });
      if (isObserver)
        array.observe(({ changes, transaction }) => {
          if (transaction.local) return;
          for (const { insert = [] } of changes.delta)
            for (const text of insert as string[]) {
              const author = authorOf(text);
              if (author) events.seen(author.till, author.nth);
            }
        });
      return {
        send: (nth) => array.push([texts[nth] ?? ""]),
        close: () => provider.destroy(),
      };
    },
  };
}

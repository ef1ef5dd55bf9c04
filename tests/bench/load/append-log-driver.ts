import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import type { BenchShop } from "../shop/bench-shop.ts";
import { authorOf } from "../shop/sales-author.ts";
import type { LoadDriver, LoadOrder } from "./load-client.ts";
import { salesOf } from "./yjs-updates.ts";

/** Clients of the plain append log: an update is a line of text, an acknowledgement a count. */
export function createDriver({ url, shopFile }: LoadOrder): LoadDriver {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop;
  const linesByClient: Buffer[][] = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++) {
        const texts = await salesOf(shop, client, updatesEach);
        linesByClient.push(texts.map((text) => Buffer.from(`${text}\n`)));
      }
    },
    async connect(client, isObserver, events) {
      const socket = new WebSocket(url.replace("http", "ws"));
      const lines = linesByClient[client] ?? [];
      let acknowledged = 0;
      await new Promise((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      });
      socket.on("message", (data: Buffer) => {
        if (data.length < 10) {
          acknowledged += Number(data.toString());
          events.acknowledged(client, acknowledged);
        } else if (isObserver)
          for (const line of data.toString().split("\n")) {
            const author = authorOf(line);
            if (author) events.seen(author.till, author.nth);
          }
      });
      return {
        send: (nth) => socket.send(lines[nth] ?? Buffer.alloc(0)),
        close: () => socket.terminate(),
      };
    },
  };
}

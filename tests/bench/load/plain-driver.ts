import { readFileSync } from "node:fs";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import type { BenchShop } from "../shop/bench-shop.ts";
import { authorOf } from "../shop/sales-author.ts";
import type { LoadDriver, LoadOrder } from "./load-client.ts";
import { elementsIn, room, salesOf, updatesOf } from "./yjs-updates.ts";

const messageSync = 0;
const syncUpdate = 2;

/**
 * Clients of the plain server at the level of frames. It acknowledges nothing; what comes nearest is
 * the echo of one's own update, which says that it was applied in memory.
 */
export function createDriver({ url, shopFile }: LoadOrder): LoadDriver {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop;
  const framesByClient: Uint8Array[][] = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++) {
        const { updates } = updatesOf(await salesOf(shop, client, updatesEach));
        framesByClient.push(updates.map(frameOf));
      }
    },
    async connect(client, isObserver, events) {
      const socket = new WebSocket(`${url.replace("http", "ws")}/${room}`);
      const frames = framesByClient[client] ?? [];
      let echoed = 0;
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.on("message", (data: Buffer) => {
          resolve();
          const decoder = decoding.createDecoder(data);
          if (decoding.readVarUint(decoder) !== messageSync) return;
          if (decoding.readVarUint(decoder) !== syncUpdate) return;
          if (frames[echoed]?.length === data.length && data.equals(frames[echoed] ?? data))
            events.acknowledged(client, ++echoed);
          else if (isObserver)
            for (const text of elementsIn(decoding.readVarUint8Array(decoder))) {
              const author = authorOf(text);
              if (author) events.seen(author.till, author.nth);
            }
        });
      });
      return {
        send: (nth) => socket.send(frames[nth] ?? new Uint8Array()),
        close: () => socket.terminate(),
      };
    },
  };
}

function frameOf(update: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageSync);
  encoding.writeVarUint(encoder, syncUpdate);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

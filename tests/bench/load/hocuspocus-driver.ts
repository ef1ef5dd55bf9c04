import { readFileSync } from "node:fs";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import type { BenchShop } from "../shop/bench-shop.ts";
import { authorOf } from "../shop/sales-author.ts";
import type { LoadDriver, LoadOrder } from "./load-client.ts";
import { elementsIn, room, salesOf, updatesOf } from "./yjs-updates.ts";

const messageSync = 0;
const messageAuth = 2;
const messageStateless = 5;
const messageSyncStatus = 8;
const syncUpdate = 2;

/**
 * Clients of Hocuspocus at the level of frames. Acknowledged is what it calls so, SyncStatus; on a
 * server that was made kill-safe, what it says that it has stored.
 */
export function createDriver({ url, shopFile, isKillSafe }: LoadOrder): LoadDriver {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop;
  const prepared: { clientId: number; frames: Uint8Array[] }[] = [];
  return {
    async prepare(clients, updatesEach) {
      for (let client = 0; client < clients; client++) {
        const { clientId, updates } = updatesOf(await salesOf(shop, client, updatesEach));
        prepared.push({ clientId, frames: updates.map(frameOf) });
      }
    },
    async connect(client, isObserver, events) {
      const socket = new WebSocket(url.replace("http", "ws"));
      const { clientId, frames } = prepared[client] ?? { clientId: 0, frames: [] };
      let synced = 0;
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.on("open", () => socket.send(authFrame()));
        socket.on("message", (data: Buffer) => {
          const decoder = decoding.createDecoder(data);
          decoding.readVarString(decoder);
          const type = decoding.readVarUint(decoder);
          if (type === messageAuth) resolve();
          else if (type === messageSyncStatus && !isKillSafe) events.acknowledged(client, ++synced);
          else if (type === messageStateless && isKillSafe) {
            const vector = Buffer.from(decoding.readVarString(decoder), "base64");
            events.acknowledged(client, Y.decodeStateVector(vector).get(clientId) ?? 0);
          } else if (type === messageSync && isObserver) {
            if (decoding.readVarUint(decoder) !== syncUpdate) return;
            for (const text of elementsIn(decoding.readVarUint8Array(decoder))) {
              const author = authorOf(text);
              if (author) events.seen(author.till, author.nth);
            }
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
  encoding.writeVarString(encoder, room);
  encoding.writeVarUint(encoder, messageSync);
  encoding.writeVarUint(encoder, syncUpdate);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

function authFrame(): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, room);
  encoding.writeVarUint(encoder, messageAuth);
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarString(encoder, "");
  return encoding.toUint8Array(encoder);
}

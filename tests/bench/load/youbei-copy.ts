import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { createHttpApi } from "../../../server/adapters/http-api.ts";
import { askTickets } from "../../../shared/replica/server-contact.ts";
import { type BenchShop, tillSigner } from "../shop/bench-shop.ts";
import type { ConnectCopy } from "./copy-order.ts";

/** Follows our month with the stock provider and a ticket; nothing of ours is on this side. */
export const connectCopy: ConnectCopy = async ({ url, shopFile }) => {
  const shop = JSON.parse(readFileSync(shopFile, "utf8")) as BenchShop & { document: string };
  const till = shop.devices.at(-1);
  if (!till) throw new Error("a shop has a till");
  const asking = { org: shop.org, device: till.id, signer: tillSigner(till) };
  const tickets = await askTickets(createHttpApi(url), asking, 1);
  if (!tickets.ok) throw new Error(tickets.refusal);
  const doc = new Y.Doc();
  new WebsocketProvider(`${url.replace("http", "ws")}/sync`, shop.document, doc, {
    params: { ticket: tickets.value[0] ?? "" },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  const roots = () => [...doc.share.keys()].sort((a, b) => Number(a) - Number(b));
  return {
    count: () => roots().reduce((sum, root) => sum + doc.getArray(root).length, 0),
    texts: () => roots().flatMap((root) => doc.getArray<string>(root).toArray()),
  };
};

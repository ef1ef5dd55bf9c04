import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { ConnectCopy } from "./copy-order.ts";
import { room } from "./yjs-updates.ts";

/** Node's WebSocket refuses messages above 100 MiB, a browser's does not. */
class RoomyWebSocket extends WebSocket {
  constructor(address: string, protocols?: string[]) {
    super(address, protocols, { maxPayload: 0 });
  }
}

export const connectCopy: ConnectCopy = async ({ url }) => {
  const doc = new Y.Doc();
  new WebsocketProvider(url.replace("http", "ws"), room, doc, {
    WebSocketPolyfill: RoomyWebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  return {
    count: () => doc.getArray(room).length,
    texts: () => doc.getArray<string>(room).toArray(),
  };
};

import { HocuspocusProvider } from "@hocuspocus/provider";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { room } from "../load/yjs-updates.ts";

/** Node's WebSocket refuses messages above 100 MiB, a browser's does not. */
class RoomyWebSocket extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { maxPayload: 0 });
  }
}

/** @type {import("../load/copy-order.ts").ConnectCopy} */
export const connectCopy = async ({ url }) => {
  const document = new Y.Doc();
  new HocuspocusProvider({
    url: url.replace("http", "ws"),
    name: room,
    document,
    awareness: null,
    WebSocketPolyfill: RoomyWebSocket,
  });
  const array = document.getArray(room);
  return { count: () => array.length, texts: () => array.toArray() };
};

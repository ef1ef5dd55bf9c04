import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/** Answers every socket with the reason for which it is closed; nothing is read from it. */
export function refuseSockets(
  code: number,
  reason: string,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, clientTracking: false });
  server.on("wsClientError", (_error, socket) => socket.destroy());
  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      webSocket.close(code, reason);
    });
  };
}

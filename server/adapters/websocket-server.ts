import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type DocumentName, isDocumentName } from "../../shared/documents/document-name.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import { frameBytesMax } from "../../shared/sync/messages.ts";
import type { SocketGate, SocketGateDeps } from "../serve/socket-gate.ts";
import { isSuperseded } from "../standby/fence.ts";
import { GatheringSocket } from "./gathering-socket.ts";
import { DeviceSocket } from "./websocket-device.ts";

const beatMs = 15_000;
const socketsPerDeviceMax = 64;

/** The WebSocket side of the server: y-websocket's protocol with our messages beside it. */
export class SocketServer implements SocketGate {
  readonly #deps: SocketGateDeps;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<DeviceSocket>();
  readonly #beat: NodeJS.Timeout;
  /** told once each: a device that is turned away comes again and again */
  readonly #ahead = new Set<string>();

  constructor(deps: SocketGateDeps) {
    this.#deps = deps;
    // The ticket travels in the address, so a frame is never read before it was accepted: the smaller
    // cap for strangers is the HTTP server's cap on headers.
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: frameBytesMax + 64 * 1024,
      perMessageDeflate: false,
      clientTracking: false,
      WebSocket: GatheringSocket,
    });
    this.#server.on("wsClientError", (_error, socket) => socket.destroy());
    this.#beat = setInterval(() => {
      for (const socket of this.#sockets) socket.beat();
    }, beatMs);
    this.#beat.unref();
    deps.relay.listen({ authorityGrew: () => this.dismiss() });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const asked = readTarget(request.url ?? "");
    if (!asked || !this.#isOurOrigin(request)) {
      refuse(socket, asked ? "403 Forbidden" : "400 Bad Request");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      if (webSocket instanceof GatheringSocket) webSocket.gatherOn(socket);
      if (isSuperseded(this.#deps.relay))
        return webSocket.close(closeCodes.superseded, "another server serves this shop");
      const device = this.#deps.tickets.redeemTicket(asked.ticket);
      const known = device && this.#deps.relay.authority?.devices.get(device);
      if (!known || known.closed) return webSocket.close(closeCodes.badTicket, "ticket");
      if (!isDocumentName(asked.name) || !this.#deps.relay.hasDocument(asked.name))
        return webSocket.close(closeCodes.noSuchDocument, "document");
      const open = [...this.#sockets].filter((other) => other.device === known.id);
      if (open.length >= socketsPerDeviceMax) return webSocket.close(closeCodes.tooMany, "sockets");
      if (request.headers.origin) this.#deps.seen?.(known.id, request.headers.origin);
      this.#accept(webSocket, known.id, asked.name);
    });
  }

  /** Asks everybody to come again to whoever runs next. */
  close(): void {
    clearInterval(this.#beat);
    for (const socket of [...this.#sockets]) socket.close(closeCodes.restarting, "restarting");
    this.#server.close();
  }

  dismiss(): void {
    if (isSuperseded(this.#deps.relay))
      for (const socket of [...this.#sockets])
        socket.close(closeCodes.superseded, "another server serves this shop");
    for (const socket of [...this.#sockets])
      if (this.#deps.relay.authority?.devices.get(socket.device)?.closed)
        socket.close(closeCodes.notYours, "no longer admitted");
  }

  terminate(): void {
    for (const socket of [...this.#sockets]) socket.terminate();
  }

  #accept(webSocket: WebSocket, device: string, name: DocumentName): void {
    const socket = new DeviceSocket(this.#deps, webSocket, device, name, {
      foreignUpdate: () => {
        this.#deps.alarm({ kind: "foreign-update", detail: { device, document: name } });
      },
      ahead: (length) => {
        const detail = { device, document: name, length };
        if (!this.#ahead.has(`${device} ${name}`))
          this.#deps.alarm({ kind: "document-ahead", detail });
        this.#ahead.add(`${device} ${name}`);
      },
    });
    this.#sockets.add(socket);
    webSocket.on("close", () => {
      this.#sockets.delete(socket);
      socket.closed();
    });
  }

  /** Browsers say where they come from; what sends no Origin is no browser. */
  #isOurOrigin(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined || this.#deps.origins.includes(origin)) return true;
    if (origin === this.#deps.permanentOrigin?.()) return true;
    if (this.#deps.isOurOrigin?.(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}

/** `/sync/<document>?ticket=…`; undefined for an address that cannot be read. */
function readTarget(url: string): { name: string; ticket: string } | undefined {
  const [path = "", query = ""] = url.split("?", 2);
  if (!path.startsWith("/sync/")) return undefined;
  try {
    const name = decodeURIComponent(path.slice("/sync/".length));
    return { name, ticket: new URLSearchParams(query).get("ticket") ?? "" };
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}

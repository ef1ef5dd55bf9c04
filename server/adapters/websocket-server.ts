import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import {
  authorityDocument,
  type DocumentName,
  isDocumentName,
} from "../../shared/documents/document-name.ts";
import { readStateVector } from "../../shared/documents/state-vector.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import {
  frameBytesMax,
  readDeviceMessage,
  type ServerMessage,
  sessionMessageType,
  writeMessage,
} from "../../shared/sync/messages.ts";
import { TokenBucket } from "../api/rate-limit.ts";
import type { TicketOffice } from "../api/ticket-office.ts";
import type { RaiseAlarm } from "../relay/alarms.ts";
import type { DeviceDesk, Peer } from "../relay/device-desk.ts";
import type { Follower, FollowerSocket } from "../relay/followers.ts";
import type { Relay } from "../relay/relay.ts";
import { isHarmlessAwareness } from "../sync/awareness.ts";

export interface SocketDeps {
  relay: Relay;
  desk: DeviceDesk;
  tickets: TicketOffice;
  clock: Clock;
  alarm: RaiseAlarm;
  /** origins besides our own from which a browser may connect */
  origins: readonly string[];
}

const messageSync = 0;
const messageAwareness = 1;
const messageQueryAwareness = 3;
const syncStep1 = 0;
const syncStep2 = 1;
const syncUpdate = 2;

const beatMs = 15_000;
const idleMsMax = 45_000;
/** Bytes that may wait for a slow reader before it has to come again. */
const bufferedBytesMax = 8 * 1024 * 1024;
const socketsPerDeviceMax = 64;
/** Messages of one socket being dealt with at once; more wait in the network. */
const inWorkMax = 32;
const tryAgainLater = 1013;

/** Says nothing new: stock providers give up on a server that is silent for 30 s. */
const keepAlive = Uint8Array.of(messageAwareness, 1, 0);

/** The WebSocket side of the server: y-websocket's protocol with our messages beside it. */
export class SocketServer {
  readonly #deps: SocketDeps;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<DeviceSocket>();
  readonly #beat: NodeJS.Timeout;
  /** told once each: a device that is turned away comes again and again */
  readonly #ahead = new Set<string>();
  #foreignUpdates = 0;

  constructor(deps: SocketDeps) {
    this.#deps = deps;
    // The ticket travels in the address, so a frame is never read before it was accepted: the smaller
    // cap for strangers is the HTTP server's cap on headers.
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: frameBytesMax + 64 * 1024,
      perMessageDeflate: false,
      clientTracking: false,
    });
    this.#server.on("wsClientError", (_error, socket) => socket.destroy());
    this.#beat = setInterval(() => {
      for (const socket of this.#sockets) socket.beat();
    }, beatMs);
    this.#beat.unref();
  }

  /** Updates that clients tried to write since start. */
  get foreignUpdates(): number {
    return this.#foreignUpdates;
  }

  get open(): number {
    return this.#sockets.size;
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
      const device = this.#deps.tickets.redeemTicket(asked.ticket);
      const known = device && this.#deps.relay.authority?.devices.get(device);
      if (!known || known.closed) return webSocket.close(closeCodes.badTicket, "ticket");
      if (!isDocumentName(asked.name) || !this.#deps.relay.hasDocument(asked.name))
        return webSocket.close(closeCodes.noSuchDocument, "document");
      const open = [...this.#sockets].filter((other) => other.device === known.id);
      if (open.length >= socketsPerDeviceMax) return webSocket.close(closeCodes.tooMany, "sockets");
      this.#accept(webSocket, known.id, asked.name);
    });
  }

  /** Asks everybody to come again to whoever runs next. */
  close(): void {
    clearInterval(this.#beat);
    for (const socket of [...this.#sockets]) socket.close(closeCodes.restarting, "restarting");
    this.#server.close();
  }

  terminate(): void {
    for (const socket of [...this.#sockets]) socket.terminate();
  }

  #accept(webSocket: WebSocket, device: string, name: DocumentName): void {
    const socket = new DeviceSocket(this.#deps, webSocket, device, name, {
      foreignUpdate: () => {
        this.#foreignUpdates++;
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
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}

/** What a device does that no honest one does. */
interface Offences {
  foreignUpdate(): void;
  ahead(length: number): void;
}

/** One socket of a device, on one document. */
class DeviceSocket implements FollowerSocket, Peer {
  readonly device: string;
  readonly #deps: SocketDeps;
  readonly #webSocket: WebSocket;
  readonly #follower: Follower;
  readonly #name: DocumentName;
  readonly #offence: Offences;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  #awarenessClient: number | undefined;
  #heardMs: number;
  #inWork = 0;
  #isResting = false;

  constructor(
    deps: SocketDeps,
    webSocket: WebSocket,
    device: string,
    name: DocumentName,
    offence: Offences,
  ) {
    this.device = device;
    this.#deps = deps;
    this.#webSocket = webSocket;
    this.#name = name;
    this.#offence = offence;
    this.#messages = new TokenBucket(deps.clock, { burst: 1000, perSecond: 200 });
    this.#bytes = new TokenBucket(deps.clock, { burst: 32_000_000, perSecond: 8_000_000 });
    this.#heardMs = deps.clock.nowMs();
    this.#follower = deps.relay.followers.join(name, this);
    webSocket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    webSocket.on("pong", () => {
      this.#heardMs = deps.clock.nowMs();
    });
    if (name === authorityDocument) deps.desk.join(this);
  }

  beat(): void {
    if (this.#deps.clock.nowMs() - this.#heardMs > idleMsMax) {
      this.terminate();
      return;
    }
    this.#webSocket.ping();
    this.#send(keepAlive);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    setTimeout(() => this.#webSocket.terminate(), 2000).unref();
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  closed(): void {
    this.#deps.relay.followers.leave(this.#follower);
    this.#deps.desk.leave(this);
  }

  // Peer

  send(message: ServerMessage): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, sessionMessageType);
    encoding.writeVarUint8Array(encoder, writeMessage(message));
    this.#send(encoding.toUint8Array(encoder));
  }

  dismiss(): void {
    this.close(closeCodes.notYours, "no longer admitted");
  }

  // FollowerSocket

  update(bytes: Uint8Array): Promise<boolean> {
    return this.#sendAndWait(syncFrame(syncUpdate, bytes));
  }

  lastUpdate(bytes: Uint8Array): Promise<boolean> {
    return this.#sendAndWait(syncFrame(syncStep2, bytes));
  }

  push(bytes: Uint8Array): void {
    this.#send(syncFrame(syncUpdate, bytes));
  }

  tooFar(length: number): void {
    this.#offence.ahead(length);
    this.close(closeCodes.notYours, "more than there is");
  }

  #send(bytes: Uint8Array): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (this.#webSocket.bufferedAmount > bufferedBytesMax) this.close(tryAgainLater, "too slow");
    else this.#webSocket.send(bytes);
  }

  #sendAndWait(bytes: Uint8Array): Promise<boolean> {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#webSocket.send(bytes, (error) => resolve(!error));
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.#heardMs = this.#deps.clock.nowMs();
    const bytes = bytesOf(data);
    this.#restIfFast(bytes.length);
    if (bytes.length > frameBytesMax) this.close(closeCodes.tooLarge, "frame");
    else if (!isBinary || !this.#read(bytes)) this.close(closeCodes.malformed, "frame");
  }

  /** @returns false for a frame that is not ours to understand */
  #read(bytes: Uint8Array): boolean {
    try {
      const decoder = decoding.createDecoder(bytes);
      const type = decoding.readVarUint(decoder);
      if (type === messageQueryAwareness) return !decoding.hasContent(decoder);
      if (type === messageSync) return this.#readSync(decoder);
      const content = decoding.readVarUint8Array(decoder);
      if (decoding.hasContent(decoder)) return false;
      if (type === messageAwareness) return this.#readAwareness(content);
      return type === sessionMessageType && this.#readSession(content);
    } catch {
      return false;
    }
  }

  #readSync(decoder: decoding.Decoder): boolean {
    const step = decoding.readVarUint(decoder);
    const content = decoding.readVarUint8Array(decoder);
    if (decoding.hasContent(decoder)) return false;
    if (step === syncStep1) {
      const length = readStateVector(this.#name, content);
      if (length === undefined) return false;
      this.#work(this.#follower.catchUp(length));
      return true;
    }
    if (step !== syncStep2 && step !== syncUpdate) return false;
    const isEmpty = content.length === 2 && content[0] === 0 && content[1] === 0;
    if (isEmpty) return true;
    this.#offence.foreignUpdate();
    this.close(closeCodes.foreignUpdate, "the server is the only writer");
    return true;
  }

  #readAwareness(content: Uint8Array): boolean {
    const client = isHarmlessAwareness(content, this.#awarenessClient);
    if (client === undefined) return false;
    this.#awarenessClient = client;
    return true;
  }

  #readSession(content: Uint8Array): boolean {
    const message = this.#name === authorityDocument ? readDeviceMessage(content) : undefined;
    if (!message) return false;
    this.#work(this.#deps.desk.take(this, message));
    return true;
  }

  /** What takes long holds back its own sender, and nobody else. */
  #work(done: Promise<void>): void {
    this.#inWork++;
    this.#rest();
    done
      .catch((error: unknown) => {
        this.#deps.alarm({ kind: "fold-broken", detail: { error: String(error) } });
        this.close(tryAgainLater, "mistake");
      })
      .finally(() => {
        this.#inWork--;
        this.#rest();
      });
  }

  #restIfFast(bytes: number): void {
    const restMs = Math.max(this.#messages.take(1), this.#bytes.take(bytes));
    if (restMs === 0 || this.#isResting) return;
    this.#isResting = true;
    this.#rest();
    setTimeout(() => {
      this.#isResting = false;
      this.#rest();
    }, restMs).unref();
  }

  #rest(): void {
    if (this.#isResting || this.#inWork >= inWorkMax) this.#webSocket.pause();
    else if (this.#webSocket.isPaused) this.#webSocket.resume();
  }
}

function syncFrame(step: number, content: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageSync);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
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

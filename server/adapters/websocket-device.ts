import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { RawData, WebSocket } from "ws";
import { authorityDocument, type DocumentName } from "../../shared/documents/document-name.ts";
import { readStateVector } from "../../shared/documents/state-vector.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import {
  frameBytesMax,
  readDeviceMessage,
  type ServerMessage,
  sessionMessageType,
  writeMessage,
} from "../../shared/sync/messages.ts";
import { TokenBucket } from "../api/rate-limit.ts";
import type { Peer } from "../relay/device-desk.ts";
import type { Follower, FollowerSocket } from "../relay/followers.ts";
import type { SocketGateDeps } from "../serve/socket-gate.ts";
import { isHarmlessAwareness } from "../sync/awareness.ts";

const messageSync = 0;
const messageAwareness = 1;
const messageQueryAwareness = 3;
const syncStep1 = 0;
const syncStep2 = 1;
const syncUpdate = 2;

const idleMsMax = 45_000;
/** Bytes that may wait for a slow reader before it has to come again. */
const bufferedBytesMax = 8 * 1024 * 1024;
/** Messages of one socket being dealt with at once; more wait in the network. */
const inWorkMax = 32;
const tryAgainLater = 1013;

/** The same update goes to every follower: it is framed for the first. */
const frameByUpdate = new WeakMap<Uint8Array, Uint8Array>();

/** Says nothing new: stock providers give up on a server that is silent for 30 s. */
const keepAlive = Uint8Array.of(messageAwareness, 1, 0);

/** What a device does that no honest one does. */
export interface Offences {
  foreignUpdate(): void;
  ahead(length: number): void;
}

/** One socket of a device, on one document. */
export class DeviceSocket implements FollowerSocket, Peer {
  readonly device: string;
  readonly #deps: SocketGateDeps;
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
    deps: SocketGateDeps,
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

  // FollowerSocket

  update(bytes: Uint8Array): Promise<boolean> {
    return this.#sendAndWait(syncFrame(syncUpdate, bytes));
  }

  lastUpdate(bytes: Uint8Array): Promise<boolean> {
    return this.#sendAndWait(syncFrame(syncStep2, bytes));
  }

  push(bytes: Uint8Array): void {
    const frame = frameByUpdate.get(bytes) ?? syncFrame(syncUpdate, bytes);
    frameByUpdate.set(bytes, frame);
    this.#send(frame);
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
    // Whoever refills a server brings more than anybody says otherwise: that is limited by bytes alone.
    const taken = this.#deps.desk.take(this, message);
    this.#work(taken.then((isWelcome) => isWelcome && this.#messages.giveBack(1)));
    return true;
  }

  /** What takes long holds back its own sender, and nobody else. */
  #work(done: Promise<unknown>): void {
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

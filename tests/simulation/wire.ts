import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { UpgradedSocket } from "./ambient.ts";
import type { Air, Direction, Link, Wired } from "./link.ts";
import type { Life } from "./scheduler.ts";

const connecting = 0;
const open = 1;
const closing = 2;
const closed = 3;

const connectMsMax = 20_000;
const againMs = 500;
const abnormal = 1006;

type Listener = (...args: unknown[]) => void;

interface Lane {
  /** what is under way, first in first out */
  queue: { bytes: number; arrive: () => void }[];
  lastMs: number;
}

/** One WebSocket connection: a device's end and the server's, and what travels between them in order. */
export class Wire implements Wired {
  readonly link: Link;
  readonly client: ClientEnd;
  readonly server: ServerEnd;
  readonly #network: Air;
  readonly #clientLife: Life;
  #serverLife: Life | undefined;
  readonly #lanes: Record<Direction, Lane> = {
    up: { queue: [], lastMs: 0 },
    down: { queue: [], lastMs: 0 },
  };
  /** nothing travels any more, whoever knows of it */
  #isDead = false;
  #isKnownDead = false;

  constructor(network: Air, link: Link, life: Life, address: string) {
    this.#network = network;
    this.link = link;
    this.#clientLife = life;
    this.client = new ClientEnd(this);
    this.server = new ServerEnd(this);
    network.began(this);
    network.scheduler.after(connectMsMax, undefined, () => {
      if (this.client.readyState === connecting) this.breakOff();
    });
    this.#travel("up", 0, () => this.#arrive(new URL(address)));
  }

  /** Bytes from one end to the other; in order, late, or never. */
  carry(way: Direction, bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#travel(way, copy.length, () => {
      const name = this.link.device;
      this.#network.trace.carry(way === "up" ? `${name} → server` : `server → ${name}`, copy);
      if (way === "up") this.server.take(copy);
      else this.client.take(copy);
    });
  }

  inject(bytes: Uint8Array, read: () => void): void {
    this.#travel("down", bytes.length, () => {
      if (this.client.readyState === open) read();
      this.client.take(bytes);
    });
  }

  ping(): void {
    this.#travel("down", 0, () => {
      if (this.#clientLife.isAlive) this.#travel("up", 0, () => this.server.emit("pong"));
    });
  }

  /** One end says good-bye; the other hears it after all that was sent before, and answers. */
  closeFrom(way: Direction, code: number): void {
    const end = way === "up" ? this.server : this.client;
    const own = way === "up" ? this.client : this.server;
    this.#travel(way, 0, () => {
      end.closed(code);
      this.#travel(way === "up" ? "down" : "up", 0, () => {
        own.closed(code);
        this.#isDead = true;
        this.#network.gone(this);
      });
    });
  }

  /** Nothing is left of the connection, and both ends notice. */
  breakOff(): void {
    this.#isDead = true;
    if (this.#isKnownDead) return;
    this.#isKnownDead = true;
    this.#network.gone(this);
    const { scheduler } = this.#network;
    scheduler.after(1, this.#clientLife, () => this.client.closed(abnormal));
    if (this.#serverLife) scheduler.after(1, this.#serverLife, () => this.server.closed(abnormal));
  }

  /** The program at one end is gone. In the dark the other end hears nothing more, not even that. */
  ended(life: Life, isDark: boolean): void {
    if (life !== this.#clientLife && life !== this.#serverLife) return;
    if (isDark) this.#isDead = true;
    else this.breakOff();
  }

  bytesUnderWay(way: Direction): number {
    return this.#lanes[way].queue.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #arrive({ pathname, search, host }: URL): void {
    const { listener, isServerDark } = this.#network;
    if (this.client.readyState !== connecting) return;
    if (!listener) {
      if (!isServerDark) this.breakOff();
      return;
    }
    const { life, options } = listener;
    this.#serverLife = life;
    this.#network.scheduler.after(0, life, () => {
      this.#travel("down", 0, () => this.client.opened());
      const socket = { remoteAddress: this.link.device };
      const request = { url: `${pathname}${search}`, headers: { host }, socket };
      options.upgrade(
        request as unknown as IncomingMessage,
        this.server as unknown as Duplex,
        Buffer.alloc(0),
      );
    });
  }

  #travel(way: Direction, bytes: number, arrive: () => void): void {
    const lane = this.#lanes[way];
    const { scheduler } = this.#network;
    lane.queue.push({ bytes, arrive });
    lane.lastMs = Math.max(lane.lastMs, scheduler.nowMs + this.#network.delayMs(this.link));
    scheduler.after(lane.lastMs - scheduler.nowMs, undefined, () => this.#deliver(way));
  }

  /** Whatever is first in the lane; it waits out a cut. */
  #deliver(way: Direction): void {
    const { scheduler } = this.#network;
    if (this.#isKnownDead) return;
    const isDark = way === "up" ? this.#network.isServerDark : this.link.isDark;
    if (this.link.cut[way] || (this.#isDead && isDark)) {
      scheduler.after(againMs, undefined, () => this.#deliver(way));
      return;
    }
    // A machine that is back knows nothing of the connection, and says so.
    if (this.#isDead) {
      this.breakOff();
      return;
    }
    const first = this.#lanes[way].queue.shift();
    const life = way === "up" ? this.#serverLife : this.#clientLife;
    if (!first || (life && !life.isAlive)) return;
    scheduler.current = life;
    first.arrive();
  }
}

/** What a browser calls a WebSocket. */
class ClientEnd {
  readonly CONNECTING = connecting;
  readonly OPEN = open;
  readonly CLOSING = closing;
  readonly CLOSED = closed;
  binaryType = "arraybuffer";
  readyState: number = connecting;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  send(bytes: Uint8Array): void {
    if (this.readyState === open) this.#wire.carry("up", bytes);
  }

  close(code = 1005): void {
    if (this.readyState >= closing) return;
    this.readyState = closing;
    this.#wire.closeFrom("up", code);
  }

  opened(): void {
    if (this.readyState !== connecting) return;
    this.readyState = open;
    this.onopen?.();
  }

  take(bytes: Uint8Array): void {
    if (this.readyState === open) this.onmessage?.({ data: bytes.slice().buffer });
  }

  closed(code: number): void {
    if (this.readyState === closed) return;
    this.readyState = closed;
    this.onclose?.({ code });
  }
}

/** What the server's side gets of an accepted connection. */
class ServerEnd extends UpgradedSocket {
  readonly isSimulated = true;
  readonly OPEN = open;
  readyState: number = open;
  isPaused = false;
  readonly #wire: Wire;
  readonly #listeners = new Map<string, Listener[]>();
  #held: Uint8Array[] = [];

  constructor(wire: Wire) {
    super();
    this.#wire = wire;
  }

  get bufferedAmount(): number {
    return this.#wire.bytesUnderWay("down");
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...args);
  }

  send(bytes: Uint8Array, sent?: (error?: Error) => void): void {
    if (this.readyState === open) this.#wire.carry("down", bytes);
    setImmediate(() => sent?.(this.readyState === open ? undefined : new Error("closed")));
  }

  ping(): void {
    this.#wire.ping();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) this.take(bytes);
  }

  take(bytes: Uint8Array): void {
    if (this.isPaused) this.#held.push(bytes);
    else this.emit("message", Buffer.from(bytes), true);
  }

  close(code = 1005): void {
    if (this.readyState >= closing) return;
    this.readyState = closing;
    this.#wire.closeFrom("down", code);
  }

  terminate(): void {
    this.#wire.breakOff();
  }

  end(_text: string, sent?: () => void): void {
    sent?.();
  }

  destroy(): void {
    this.#wire.breakOff();
  }

  closed(code: number): void {
    if (this.readyState === closed) return;
    this.readyState = closed;
    this.emit("close", code);
  }
}

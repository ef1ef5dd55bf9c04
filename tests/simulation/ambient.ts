import { webcrypto } from "node:crypto";
import { WebSocketServer } from "ws";

/**
 * What libraries read from the surroundings instead of being given it: y-websocket and lib0 keep
 * intervals and look at the wall clock, the store waits for a turn of the event loop, ws upgrades
 * sockets. While a simulation runs all of it comes from there. Import this before anything of them.
 */
export interface Ambient {
  nowMs(): number;
  /** @returns what cancels it */
  after(delayMs: number, run: () => void): () => void;
  fill(bytes: Uint8Array): void;
}

let inside: Ambient | undefined;

// Every provider listens to the end of the process; a shop has many.
process.setMaxListeners(0);

export function enterAmbient(ambient: Ambient): void {
  if (inside) throw new Error("one simulation at a time: they share the surroundings");
  inside = ambient;
}

export function leaveAmbient(): void {
  inside = undefined;
}

/** A turn of the real event loop: everything that can run without time passing has run. */
export const realTurn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

const realImmediate = globalThis.setImmediate;

/** What `setTimeout` gives back: Node's has these too. */
class VirtualTimer {
  readonly cancel: () => void;
  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
  ref = (): this => this;
  unref = (): this => this;
  hasRef = (): boolean => true;
}

type Run = (...args: unknown[]) => void;
const globals = globalThis as unknown as Record<string, (...args: never[]) => unknown>;

function once(name: "setTimeout" | "setImmediate"): void {
  const real = globals[name] as (...args: unknown[]) => unknown;
  globals[name] = (run: Run, ...rest: unknown[]) => {
    if (!inside) return real(run, ...rest);
    const delayMs = name === "setTimeout" ? Number(rest.shift() ?? 0) : 0;
    return new VirtualTimer(inside.after(delayMs, () => run(...rest)));
  };
}

function repeatedly(): void {
  const real = globals["setInterval"] as (...args: unknown[]) => unknown;
  globals["setInterval"] = (run: Run, everyMs: number, ...rest: unknown[]) => {
    if (!inside) return real(run, everyMs, ...rest);
    const ambient = inside;
    let cancel = () => {};
    const again = () => {
      cancel = ambient.after(Math.max(1, everyMs), () => {
        again();
        run(...rest);
      });
    };
    again();
    return new VirtualTimer(() => cancel());
  };
}

function cancelling(name: "clearTimeout" | "clearInterval" | "clearImmediate"): void {
  const real = globals[name] as (...args: unknown[]) => unknown;
  globals[name] = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cancel();
    else real(timer);
  };
}

once("setTimeout");
once("setImmediate");
repeatedly();
cancelling("clearTimeout");
cancelling("clearInterval");
cancelling("clearImmediate");

const realNow = Date.now;
Date.now = () => (inside ? inside.nowMs() : realNow());

const realFill = webcrypto.getRandomValues.bind(webcrypto);
Object.defineProperty(webcrypto, "getRandomValues", {
  value<Values extends ArrayBufferView>(values: Values): Values {
    if (!inside) return realFill(values as never);
    inside.fill(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return values;
  },
});

/** What stands for a connection before its upgrade; a simulated one is its own WebSocket. */
export abstract class UpgradedSocket {
  abstract readonly isSimulated: true;
}

const realUpgrade = WebSocketServer.prototype.handleUpgrade;
WebSocketServer.prototype.handleUpgrade = function (request, socket, head, accept) {
  if ((socket as unknown) instanceof UpgradedSocket) accept(socket as never, request);
  else realUpgrade.call(this, request, socket, head, accept);
};

import { type ApiAnswer, type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";
import type { Dice } from "./dice.ts";
import type { Air, Direction, Link, Listener, Wired } from "./link.ts";
import type { Life, Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";
import { Wire } from "./wire.ts";

const answerMsMax = 15_000;
const againMs = 40;

/** Every wire between devices and the server, and the requests beside them. */
export class Network implements Air {
  readonly links: Link[] = [];
  readonly wires = new Set<Wired>();
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly dice: Dice;
  listener: Listener | undefined;
  isServerDark = false;

  constructor(scheduler: Scheduler, trace: Trace, dice: Dice) {
    this.scheduler = scheduler;
    this.trace = trace;
    this.dice = dice;
  }

  link(device: string): Link {
    const slowMs = this.dice.between(2, 60);
    const link = { device, cut: { up: false, down: false }, slowMs, isDark: false };
    this.links.push(link);
    return link;
  }

  delayMs({ slowMs }: Link): number {
    return this.dice.chance(0.02)
      ? slowMs * this.dice.between(5, 40)
      : this.dice.between(1, Math.max(2, slowMs));
  }

  began(wire: Wired): void {
    this.wires.add(wire);
  }

  gone(wire: Wired): void {
    this.wires.delete(wire);
  }

  mend(): void {
    for (const { cut } of this.links) {
      cut.up = false;
      cut.down = false;
    }
  }

  /** The cable is pulled or a router restarts: connections are gone, on both sides or on one. */
  reset(link: Link): void {
    for (const wire of [...this.wires]) if (wire.link === link) wire.breakOff();
  }

  /** A program ended. Its machine says so to the other side, unless its power is gone too. */
  ended(life: Life, isDark: boolean): void {
    if (this.listener?.life === life) this.listener = undefined;
    for (const wire of [...this.wires]) wire.ended(life, isDark);
  }

  /** The WebSocket class of a device. */
  webSocketOf(link: Link, life: Life): unknown {
    const network = this;
    return class {
      constructor(address: string) {
        // biome-ignore lint/correctness/noConstructorReturn: stands for the browser's own class
        return new Wire(network, link, life, address).client;
      }
    };
  }

  /** HTTP of a device: the request travels, the server's own application answers. */
  apiOf(link: Link, life: Life): ServerApi {
    const ask = (path: string, init: RequestInit) =>
      new Promise<ApiAnswer>((resolve, reject) => {
        const { scheduler } = this;
        const giveUp = () => reject(new Unreachable("no answer"));
        const isLate = scheduler.after(answerMsMax, life, giveUp);
        const answer = (status: number, text: string) =>
          this.#travel(link, "down", life, () => {
            isLate();
            this.trace.say(`${link.device} ← ${status} ${path} ${text}`);
            resolve({ status, body: parsed(text) });
          });
        this.#travel(link, "up", undefined, () => {
          const { listener } = this;
          if (!listener) {
            if (!this.isServerDark) this.#travel(link, "down", life, giveUp);
            return;
          }
          this.trace.say(`${link.device} → ${init.method ?? "GET"} ${path} ${init.body ?? ""}`);
          scheduler.after(0, listener.life, () => {
            const request = new Request(`http://server${path}`, init);
            void Promise.resolve(listener.options.fetch(request, { address: link.device })).then(
              async (response) => answer(response.status, await response.text()),
            );
          });
        });
      });
    return {
      get: (path) => ask(path, {}),
      post: (path, body) =>
        ask(path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
    };
  }

  /** Arrives after a while; waits out a cut. */
  #travel(link: Link, direction: Direction, life: Life | undefined, arrive: () => void): void {
    const step = () => {
      if (link.cut[direction]) this.scheduler.after(againMs * 25, life, step);
      else arrive();
    };
    this.scheduler.after(this.delayMs(link), life, step);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

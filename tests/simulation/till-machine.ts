import {
  type HeadlessReplica,
  joinHeadless,
  openHeadless,
} from "../../server/headless/headless-replica.ts";
import type { Platform } from "../../server/platform.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import type { StoreChange } from "../../shared/replica/ports.ts";
import type { Dice } from "./dice.ts";
import type { Link } from "./link.ts";
import type { Network } from "./network.ts";
import { Life } from "./scheduler.ts";
import { signatures, signerOf } from "./signing.ts";
import type { SkewedClock } from "./skewed-clock.ts";
import { TillDisk } from "./till-disk.ts";

/** A program that runs on a device: its replica, and the session that keeps it in step. */
export interface RunningTill {
  life: Life;
  platform: Platform;
  headless: HeadlessReplica;
  session: DeviceSession;
}

/** A tablet, or a replica without a screen: one storage, one way to the server, a life at a time. */
export class TillMachine {
  readonly name: string;
  readonly disk: TillDisk;
  readonly link: Link;
  readonly clock: SkewedClock;
  running: RunningTill | undefined;
  /** what the screen said of the connection, newest last */
  readonly said: string[] = [];
  /** takes money; others only keep a copy */
  readonly isTill: boolean;
  /** the device goes on under a new identity: its replica is opened anew */
  onRenewed: () => void = () => {};
  /** it was lost, and somebody is on the way to replace it */
  isReplacing = false;
  /** another machine's profile was copied here */
  isCopy = false;
  #life: Life | undefined;
  readonly #network: Network;
  readonly #dice: Dice;

  constructor(
    name: string,
    isTill: boolean,
    network: Network,
    dice: Dice,
    clock: SkewedClock,
    committed: (change: StoreChange) => void,
  ) {
    this.name = name;
    this.isTill = isTill;
    this.clock = clock;
    this.#network = network;
    this.#dice = dice;
    this.link = network.link(name);
    this.disk = new TillDisk(network.scheduler, dice.fork(), committed);
  }

  get isEnrolled(): boolean {
    return this.disk.content.settings.has("identity");
  }

  /** whether a program runs on it, or is about to */
  get isStarted(): boolean {
    return this.#life !== undefined;
  }

  /** Pairs an empty device; @returns why it could not be */
  async join(code: string): Promise<string | undefined> {
    const { platform } = this.#begin();
    const joined = await joinHeadless(platform, "", { server, code, name: this.name });
    return joined.ok ? undefined : joined.refusal;
  }

  /** What a life on this machine may use, for whoever enrols it in another way. */
  begin(): Platform {
    return this.#begin().platform;
  }

  /** The program starts from what the storage holds. */
  start(): void {
    const { life, platform } = this.#begin();
    this.#network.trace.say(`${this.name} starts`);
    const open = async () => {
      const headless = await openHeadless(platform, "");
      const renew = () => this.#network.scheduler.after(0, undefined, () => this.onRenewed());
      const session = headless.connect(renew);
      this.running = { life, platform, headless, session };
      session.subscribe(() => this.#hear(session));
    };
    this.#network.scheduler.after(0, life, () => {
      open().catch((error: unknown) => {
        this.said.push(`failed: ${String(error)}`);
        this.#network.trace.say(`${this.name} failed: ${String(error)}`);
      });
    });
  }

  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#network.trace.say(`${this.name} crashes`);
    life.isAlive = false;
    this.#life = undefined;
    this.link.isDark = this.#dice.chance(0.3);
    this.#network.ended(life, this.link.isDark);
    // It is gone already and can reach nothing; only listeners on this process are taken off.
    this.running?.session.close();
    this.running = undefined;
  }

  #begin(): { life: Life; platform: Platform } {
    this.crash();
    const life = new Life(this.name, this.clock);
    this.#life = life;
    this.link.isDark = false;
    const { scheduler } = this.#network;
    const random = this.#dice.fork();
    const { disk } = this;
    const platform: Platform = {
      clock: this.clock,
      random,
      timers: scheduler.timersOf(life),
      program: undefined,
      signatures,
      openStore: async () => disk.open(life),
      async fileSigner(path) {
        const seed = disk.seeds.get(path) ?? random.bytes(32);
        disk.seeds.set(path, seed);
        return signerOf(seed);
      },
      httpApi: () => this.#network.apiOf(this.link, life),
      WebSocket: this.#network.webSocketOf(this.link, life),
    };
    return { life, platform };
  }

  #hear(session: DeviceSession): void {
    const { state, reason } = session.status();
    const words = reason === undefined ? state : `${state}: ${reason}`;
    if (this.said.at(-1) === words) return;
    this.said.push(words);
    this.#network.trace.say(`${this.name} shows ${words}`);
  }
}

const server = "http://server";

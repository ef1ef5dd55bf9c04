import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { SocketServer } from "../../server/adapters/websocket-server.ts";
import type { CommandArgs } from "../../server/cli/data-command.ts";
import type { Outcome } from "../../server/cli/outcome.ts";
import { recover } from "../../server/cli/recover-command.ts";
import { type ServeDeps, type ServeSettings, serve } from "../../server/cli/serve-command.ts";
import { type CatalogueData, emptyCatalogue } from "../../server/data/catalogue.ts";
import { jsonBytes, readJson } from "../../server/data/data-lock.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import type { SocketGateDeps } from "../../server/serve/socket-gate.ts";
import type { Files } from "../../server/storage/files.ts";
import { replaceFile } from "../../server/storage/whole-files.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { StoreChange } from "../../shared/replica/ports.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";
import type { Dice } from "./dice.ts";
import type { Network } from "./network.ts";
import { type DiskMood, filesOfLife } from "./process-files.ts";
import { Life, type Scheduler } from "./scheduler.ts";
import { signatures, signerOf } from "./signing.ts";
import type { SkewedClock } from "./skewed-clock.ts";

export interface Alarmed {
  atMs: number;
  kind: string;
  detail: Readonly<Record<string, unknown>>;
}

/** How a server starts: as always, or under the next term with the words of the recovery card. */
export type Start = "serve" | { recover: "empty" | "newest"; words: string };

/** A path of its own for each life: a folder that a dead program locked is not locked for the next. */
let livesEver = 0;

/** The machine under the server: two disks, and one life of the program after the other. */
export class ServerMachine {
  disk = new ForgetfulFiles();
  snapshots = new ForgetfulFiles();
  readonly mood: DiskMood = { fault: undefined, slowMs: 6 };
  readonly clock: SkewedClock;
  readonly alarms: Alarmed[] = [];
  life: Life | undefined;
  /** the relay and desk of a server that listens */
  gate: SocketGateDeps | undefined;
  /** runs a command of the command line in the serving process */
  command: ((command: string, args: CommandArgs) => Promise<Outcome>) | undefined;
  /** how the last life ended by itself */
  ended: string | undefined;
  #stop: (signal: string) => void = () => {};
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #committed: (change: StoreChange) => void;

  constructor(
    network: Network,
    dice: Dice,
    clock: SkewedClock,
    committed: (change: StoreChange) => void,
  ) {
    this.#network = network;
    this.#committed = committed;
    this.#scheduler = network.scheduler;
    this.#dice = dice;
    this.clock = clock;
  }

  /** Begins a life; it listens a moment later, or ends by itself with a reason. */
  start(how: Start = "serve"): void {
    const life = new Life("server", this.clock);
    this.life = life;
    this.ended = undefined;
    this.gate = undefined;
    this.command = undefined;
    this.#network.isServerDark = false;
    this.#network.trace.say(`server starts: ${how === "serve" ? how : how.recover}`);
    this.#scheduler.after(0, life, () => {
      this.#run(life, how).then(
        (outcome) => this.#exit(life, outcome),
        (error: unknown) => this.#exit(life, String(error)),
      );
    });
  }

  isServing(): boolean {
    return this.#network.listener !== undefined && this.gate !== undefined;
  }

  /** Asks the program to stop in good order. */
  stop(): void {
    this.#stop("SIGTERM");
  }

  /** The program is killed; with its power gone the disk forgets what it had not flushed. */
  crash(how: "killed" | "dark"): void {
    const { life } = this;
    if (!life) return;
    this.#network.trace.say(`server crashes: ${how}`);
    life.isAlive = false;
    this.life = undefined;
    this.gate = undefined;
    this.command = undefined;
    this.#network.isServerDark = how === "dark";
    this.#network.ended(life, how === "dark");
    for (const disk of [this.disk, this.snapshots])
      if (how === "killed") disk.restart();
      else if (this.#dice.chance(0.5)) disk.loseUnsynced();
      else disk.tearUnsynced((bytes) => this.#dice.between(0, bytes));
  }

  /** An older copy of the whole folder in place of what is there. */
  putBack(older: ForgetfulFiles): void {
    this.disk = older;
  }

  /** A new disk in place of the old one; snapshots lie on another. */
  loseDisk(): void {
    this.disk = new ForgetfulFiles();
  }

  /** The documents of the live store that would outlast a power cut. */
  async holdings(): Promise<Map<string, string[]>> {
    const files = this.disk.copy();
    files.loseUnsynced();
    const store = createFolderStore("/live", { files });
    const holdings = new Map<string, string[]>();
    for (const { name, length } of (await store.load()).documents)
      holdings.set(name, await store.read(name, 0, length));
    await store.close();
    return holdings;
  }

  async #run(life: Life, how: Start): Promise<string> {
    const at = `/life-${++livesEver}`;
    const files = filesOfLife(
      { scheduler: this.#scheduler, dice: this.#dice, mood: this.mood },
      life,
      [
        { at: `${at}/data`, files: this.disk },
        { at: `${at}/snapshots`, files: this.snapshots },
      ],
    );
    const settings: ServeSettings = {
      dir: `${at}/data`,
      snapshots: `${at}/snapshots`,
      host: "server",
      port: 80,
      https: { host: "server", port: 443 },
      origins: [],
    };
    const deps: ServeDeps = {
      platform: this.#platform(life, files),
      control: {
        serve: async (_dir, answer) => {
          this.command = answer;
          return { close: async () => undefined };
        },
        ask: async () => undefined,
      },
      signals: {
        first: () =>
          new Promise((resolve) => {
            this.#stop = resolve;
          }),
        forceAfter: () => {},
      },
      onReady: () => {},
    };
    if (how === "serve") return (await serve(settings, deps)).text;
    const typed = () => Promise.resolve(how.words);
    const moveAside = true;
    const empty = how.recover === "empty";
    const recovered = await recover(
      { ...settings, keyFile: "-", typed, snapshot: "newest", empty, moveAside },
      deps,
    );
    if (recovered.exit !== 0 || empty) return recovered.text;
    return (await serve(settings, deps)).text;
  }

  #platform(life: Life, files: Files): ServerPlatform {
    const network = this.#network;
    const never = () => Promise.reject(new Error("a server needs none of this"));
    const random = this.#dice.fork();
    return {
      clock: this.clock,
      timers: this.#scheduler.timersOf(life),
      program: undefined,
      random,
      signatures,
      signer: signerOf,
      files,
      folderStore: (folder) => {
        const store = createFolderStore(folder, { files });
        const told = async (change: StoreChange) => {
          await store.commit(change);
          this.#committed(change);
        };
        return {
          load: async () => {
            const state = await store.load();
            await this.#tellWhatIsThere();
            return state;
          },
          read: (name, from, most) => store.read(name, from, most),
          commit: told,
          close: () => store.close(),
        };
      },
      lockFiles: {
        async createNew(path, content) {
          if (await files.stat(path)) return false;
          await replaceFile(files, path, utf8(content));
          return true;
        },
      },
      processes: { self: () => ({ pid: 1, started: "" }), isAlive: () => false },
      openCatalogue: (path) => openCatalogue(path, files),
      log: {
        info: (_facts, message) => network.trace.say(`server says: ${message}`),
        warn: (_facts, message) => network.trace.say(`server warns: ${message}`),
        error: (facts, message) => this.#alarmed(facts, message),
      },
      listen: async (options) => {
        network.listener = { life, options };
        return {
          url: "http://server",
          port: 80,
          renew: () => {},
          widen: async () => undefined,
          close: async () => {
            if (network.listener?.life === life) network.listener = undefined;
          },
        };
      },
      machine: { hostName: () => "server", addresses: () => [], isItself: () => true },
      freeBytes: async () => Number.POSITIVE_INFINITY,
      diskOf: async () => undefined,
      targets: {} as ServerPlatform["targets"],
      certificates: {} as ServerPlatform["certificates"],
      sockets: (deps) => {
        this.gate = deps;
        return new SocketServer(deps);
      },
      refuseSockets: () => () => undefined,
      assets: () => ({ read: async () => undefined }) as never,
      version: "0",
      openStore: never,
      fileSigner: never,
      httpApi: () => {
        throw new Error("a server calls nobody");
      },
      WebSocket: undefined,
    };
  }

  /**
   * What a program wrote that was killed before it heard that it was done is there all the same, as far
   * as its successor has made it durable.
   */
  async #tellWhatIsThere(): Promise<void> {
    for (const [name, elements] of await this.holdings())
      this.#committed({ append: [{ name, from: 0, elements }] });
  }

  #alarmed(facts: Readonly<Record<string, unknown>>, message: string): void {
    this.#network.trace.say(`alarm ${message} ${JSON.stringify(facts)}`);
    this.alarms.push({ atMs: this.#scheduler.nowMs, kind: message, detail: facts });
  }

  /** Ended by itself: stopped in good order, or because something is wrong. */
  #exit(life: Life, text: string): void {
    if (!life.isAlive) return;
    this.#network.trace.say(`server ended: ${text}`);
    this.ended = text;
    this.crash("killed");
  }
}

/** The small facts of the server, as a file of its own disk. */
async function openCatalogue(path: string, files: Files) {
  const data: CatalogueData = {
    ...emptyCatalogue(),
    ...((await readJson(files, path)) as Partial<CatalogueData> | undefined),
  };
  let writing: Promise<void> = Promise.resolve();
  return {
    data: () => data,
    update(change: (data: CatalogueData) => void) {
      writing = writing
        .catch(() => undefined)
        .then(() => {
          change(data);
          return replaceFile(files, path, jsonBytes(data));
        });
      return writing;
    },
  };
}

import { doCommand } from "../../server/headless/do-command.ts";
import { readSnapshot } from "../../server/snapshots/list-snapshots.ts";
import { piecesOfSnapshot } from "../../server/snapshots/pieces.ts";
import { SnapshotFolder } from "../../server/snapshots/snapshot-folder.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { enrolByRecovery } from "../../shared/replica/enrol-device.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { Unreachable } from "../../shared/sync/server-api.ts";
import { type CounterDeps, workAt } from "./counter.ts";
import { Dice } from "./dice.ts";
import { Network } from "./network.ts";
import { Scheduler } from "./scheduler.ts";
import { ServerMachine } from "./server-machine.ts";
import { SkewedClock } from "./skewed-clock.ts";
import { TillMachine } from "./till-machine.ts";
import { Trace } from "./trace.ts";
import { Witness } from "./witness.ts";

const minuteMs = 60_000;
const ownersNames = ["till1", "till1-copy"];

/** A shop: one server, its devices, the wires between them, and people at the counters. */
export class World {
  readonly dice: Dice;
  readonly scheduler = new Scheduler();
  readonly trace: Trace;
  readonly network: Network;
  readonly witness = new Witness();
  readonly server: ServerMachine;
  readonly tills: TillMachine[] = [];
  /** on the owner's card */
  words = "";
  isOpen = true;
  /** a new server is being made: nobody just starts the old one */
  isRecovering = false;
  /** misfortunes that have begun and not ended */
  striking = 0;
  /** what nobody expected; any is a failure */
  readonly mishaps: string[] = [];
  /** who still was not done when patience with the quiet end was over */
  neverRested: string[] | undefined;

  constructor(seed: number, isTraceKept: boolean) {
    this.dice = new Dice(seed);
    this.trace = new Trace(() => this.scheduler.nowMs, isTraceKept);
    this.network = new Network(this.scheduler, this.trace, this.dice.fork());
    const clock = new SkewedClock(this.scheduler, this.dice.between(-60_000, 60_000), 0);
    this.server = new ServerMachine(this.network, this.dice.fork(), clock, (change) =>
      this.witness.serverCommitted(change),
    );
  }

  /** The device that has the owner's own key: the first, or the copy that has taken its place. */
  get owner(): TillMachine {
    return this.tills.find(({ name }) => ownersNames.includes(name)) as TillMachine;
  }

  /** Something in the world itself, apart from all machines. */
  do(work: () => Promise<void>): Promise<void> {
    return work().catch((error: unknown) => {
      this.mishaps.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  }

  addTill(name: string, isTill = true): TillMachine {
    const { dice } = this;
    // Some minutes wrong as a rule, a day and more now and then.
    const skewMs = dice.chance(0.06)
      ? dice.pick([-1, 1]) * dice.between(24 * 60, 40 * 60) * minuteMs
      : dice.between(-6, 6) * minuteMs;
    const clock = new SkewedClock(this.scheduler, skewMs, (dice.share() - 0.5) / 500);
    const till = new TillMachine(name, isTill, this.network, dice.fork(), clock, (change) =>
      this.witness.committed(name, change),
    );
    till.onRenewed = () => {
      if (!till.isReplacing && till.isEnrolled) this.open(till);
    };
    this.tills.push(till);
    return till;
  }

  /** Lets time pass for others. */
  pause(ms: number): Promise<void> {
    return this.scheduler.wait(ms, undefined);
  }

  /** Looks again and again, as long as it takes or until patience ends. */
  async until(isSo: () => boolean, mostMs: number): Promise<boolean> {
    const endMs = this.scheduler.nowMs + mostMs;
    while (!isSo()) {
      if (this.scheduler.nowMs >= endMs) return false;
      await this.pause(100);
    }
    return true;
  }

  /** What hangs on a program that died is given up. */
  async within(mostMs: number, work: Promise<boolean>): Promise<boolean> {
    let answer: boolean | undefined;
    work.then(
      (done) => {
        answer = done;
      },
      (error: unknown) => {
        answer = false;
        const isWorlds = error instanceof Unreachable || error instanceof StoreFault;
        if (!isWorlds) this.mishaps.push(String(error));
      },
    );
    await this.until(() => answer !== undefined, mostMs);
    return answer ?? false;
  }

  /** The shop is founded, and the owner's device paired. */
  async found(): Promise<void> {
    this.server.start();
    await this.until(() => this.server.command !== undefined, minuteMs);
    const outcome = await this.server.command?.("init", {
      org: "有备",
      store: "总店",
      owner: "王",
    });
    const { pairingCode, recoveryKey } = (outcome?.json ?? {}) as {
      pairingCode: string;
      recoveryKey: { zh: string[] };
    };
    this.words = recoveryKey.zh.join(" ");
    const fault = await this.addTill("till1").join(pairingCode);
    if (fault) throw new Error(`the owner's device was not paired: ${fault}`);
    this.open(this.owner);
    await this.until(() => this.owner.running?.session.status().state === "online", minuteMs);
  }

  /** A new device comes into the shop; where pairing fails, as with a clock a day behind, it goes again. */
  async admit(name: string, isTill: boolean): Promise<void> {
    const till = this.addTill(name, isTill);
    if (!(await this.within(minuteMs, this.enrol(till, { till: isTill })))) {
      till.crash();
      this.tills.splice(this.tills.indexOf(till), 1);
    }
  }

  /** A further device is invited by the owner and paired. */
  async enrol(
    till: TillMachine,
    invitation: { till: boolean; replaces?: string },
  ): Promise<boolean> {
    const { running } = this.owner;
    if (!running) return false;
    const { platform, headless, session } = running;
    const json = { command: "InviteDevice", ceiling: "owner", minutes: 1440, ...invitation };
    const invited = await doCommand(platform, headless, json, { session });
    this.trace.say(`invites ${till.name}: ${JSON.stringify(invited)}`);
    if (!invited.ok || !("code" in invited.value)) return false;
    const fault = await till.join(invited.value.code);
    this.trace.say(`${till.name} joins: ${fault ?? "done"}`);
    if (fault === undefined) this.open(till);
    return fault === undefined;
  }

  /** Who stands now where a lost device stood: an attempt to replace it may have come half way. */
  heirOf(till: TillMachine, replaces: string): string {
    const { authority } = this.server.gate?.relay ?? {};
    const heirs = [...(authority?.devices.values() ?? [])].filter(
      ({ id, name, closed }) => name === till.name && id !== replaces && !closed,
    );
    return heirs.at(-1)?.id ?? replaces;
  }

  /** The owner's own device is replaced with the recovery card. */
  async enrolByCard(till: TillMachine, replaces: string): Promise<boolean> {
    const platform = till.begin();
    const deviceSigner = await platform.fileSigner("device.key");
    const staffSigner = await platform.fileSigner("personal.key");
    const { random, clock } = platform;
    const enrolled = await enrolByRecovery(
      {
        api: platform.httpApi(""),
        signatures: platform.signatures,
        random,
        clock,
        deviceName: till.name,
        deviceSigner,
        staffSigner,
      },
      this.words,
      () => ({ replaces, till: true }),
    );
    this.trace.say(`${till.name} enrols with the card: ${enrolled.ok ? "done" : enrolled.refusal}`);
    if (!enrolled.ok) return false;
    const { identity, staff, authority } = enrolled.value;
    const store = await platform.openStore("");
    const joined = { ...identity, server: "http://server", staff };
    await store.commit({
      append: [{ name: authorityDocument, from: 0, elements: authority }],
      settings: { identity: JSON.stringify(joined) },
    });
    this.open(till);
    return true;
  }

  /** Starts the program and, while the shop is open, somebody to work at it. */
  open(till: TillMachine): void {
    till.start();
    void this.do(async () => {
      await this.until(() => till.running !== undefined, minuteMs);
      const { running } = till;
      if (!running) return;
      const { replica } = running.headless;
      replica.subscribe(() => {
        const next = replica.heads().get(replica.chain)?.next ?? 0;
        this.witness.showedOnServer(replica.chain, next - replica.unsent());
      });
      if (replica.authority.devices.get(replica.device)?.till)
        await workAt(till, running, this.#counter());
    });
  }

  /** Somebody starts the server again, unless it is being recovered. */
  revive(): void {
    if (!this.isRecovering && !this.server.life) this.server.start();
  }

  /** What each disk holds durably: tills by name, and the server. */
  async holdings(): Promise<Map<string, Set<string>>> {
    const holdings = new Map(this.tills.map(({ name, disk }) => [name, disk.texts()]));
    const texts = [...(await this.server.holdings()).values()].flat();
    return holdings.set("server", new Set(texts));
  }

  /** What the newest snapshot would bring back. */
  async snapshotTexts(): Promise<Set<string>> {
    const files = this.server.snapshots.copy();
    files.loseUnsynced();
    const folder = new SnapshotFolder("/", files);
    const texts = new Set<string>();
    const newest = (await folder.ids()).at(-1);
    const manifest = newest === undefined ? undefined : await readSnapshot(folder, newest);
    for (const document of manifest?.documents ?? [])
      for await (const piece of piecesOfSnapshot(folder, document))
        if ("elements" in piece) for (const text of piece.elements) texts.add(text);
    return texts;
  }

  #counter(): CounterDeps {
    const { scheduler, trace, dice, witness } = this;
    return {
      scheduler,
      trace,
      dice: dice.fork(),
      witness,
      isOpen: () => this.isOpen,
      restMsMost: 9000,
    };
  }
}

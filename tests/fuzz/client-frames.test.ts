import { EventEmitter } from "node:events";
import * as decoding from "lib0/decoding";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { DeviceSocket } from "../../server/adapters/websocket-device.ts";
import { TicketOffice } from "../../server/api/ticket-office.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import {
  frameBytesMax,
  readServerMessage,
  sessionMessageType,
  writeMessage,
} from "../../shared/sync/messages.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, makeCorpus, shopDocument, untrueChains } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { positionOf } from "./fair-books.ts";
import { deviceMessages, messageFrame, syncFrames } from "./frames.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Tree } from "./mutate-json.ts";
import { startVictim, type VictimServer } from "./victim-server.ts";

/** The server's end of a socket; what the server says on it must be what a device can read. */
class ServerEnd extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  code: number | undefined;
  readonly unreadable: string[] = [];

  send(bytes: Uint8Array, done?: (error?: Error) => void): void {
    if (!isReadable(bytes)) this.unreadable.push(`${bytes.length} bytes`);
    done?.();
  }
  close(code: number): void {
    this.code ??= code;
    this.readyState = 2;
  }
  terminate(): void {
    this.readyState = 3;
  }
  ping(): void {}
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

function isReadable(bytes: Uint8Array): boolean {
  if (bytes.length > frameBytesMax + 100) return false;
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readVarUint(decoder) !== sessionMessageType) return true;
  return readServerMessage(decoding.readVarUint8Array(decoder)) !== undefined;
}

interface Visit {
  document: string;
  frames: Uint8Array[];
}

const finalCodes = new Set<number>([
  closeCodes.malformed,
  closeCodes.foreignUpdate,
  closeCodes.tooLarge,
  closeCodes.notYours,
]);

class Door {
  readonly #corpus: Corpus;
  readonly unreadable: string[] = [];
  victim: VictimServer;
  balances: unknown;

  constructor(corpus: Corpus, victim: VictimServer) {
    this.#corpus = corpus;
    this.victim = victim;
    this.balances = this.#look();
    this.#listen();
  }

  /** An honest device is on the line all the time. */
  #listen(): void {
    this.victim.desk.join({
      device: "pc1",
      send: (message) => {
        if (!readServerMessage(writeMessage(message))) this.unreadable.push(message.type);
      },
    });
  }

  #look() {
    const { ledger } = this.victim.relay;
    return [[...positionOf(ledger).balances], ledger.books.accounts.accounts()];
  }

  async visit({ document, frames }: Visit): Promise<void> {
    const { relay, desk, clock } = this.victim;
    const end = new ServerEnd();
    const alarm = this.victim.alarms;
    const tickets = new TicketOffice(clock, this.#corpus.organisation.random);
    const socket = new DeviceSocket(
      { relay, desk, tickets, clock, alarm: (raised) => void alarm.push(raised), origins: [] },
      end as unknown as WebSocket,
      "crook",
      document,
      { foreignUpdate: () => {}, ahead: () => {} },
    );
    for (const frame of frames) end.emit("message", Buffer.from(frame), true);
    await relay.idle();
    socket.closed();
    if (end.code !== undefined && !finalCodes.has(end.code)) throw new Error(`closed ${end.code}`);
    expect(end.unreadable, "what a device cannot read").toEqual([]);
  }

  async check(): Promise<void> {
    await this.victim.timers.pass(1000);
    const { relay, alarms } = this.victim;
    expect(this.unreadable, "what an honest device cannot read").toEqual([]);
    expect(relay.trouble()).toBeUndefined();
    expect(alarms.filter(({ kind }) => kind !== "fork")).toEqual([]);
    expect(this.#look(), "balances").toEqual(this.balances);
    const heads = [...relay.heads()].filter(([chain]) => chain !== "srv1@s1");
    expect(untrueChains(new Map(heads), this.#corpus)).toEqual([]);
    expect(heads.length, "chains that nobody wrote").toBeLessThanOrEqual(6);
    for (const [member] of this.#corpus.keys)
      if (relay.ledger.books.members.has(member)) expect(relay.keyring.holds(member)).toBe(true);
    this.victim = await startVictim(this.#corpus);
    this.#listen();
  }
}

describe("whatever a client sends down a socket", () => {
  it("the server lives, keeps what it has, and says nothing that others cannot read [AC1] [J2] [ME5]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const messages: Tree[] = deviceMessages(corpus);
    const door = new Door(corpus, await startVictim(corpus));
    const frame = (name: string, dice: Dice): Uint8Array => {
      if (!dice.oneIn(3)) return messageFrame(messages, dice);
      const made = syncFrames(name, dice);
      return dice.oneIn(2) ? made : mutateBytes(made, dice, syncFrames(name, dice));
    };
    await runCampaign<Visit>({
      name: "client-frames",
      count: effort(15_000, 100_000),
      make(dice) {
        const document = dice.oneIn(4) ? shopDocument : authorityDocument;
        return {
          document,
          frames: Array.from({ length: dice.few(4) }, () => frame(document, dice)),
        };
      },
      attack: (visit) => door.visit(visit),
      look: () => door.check(),
      lookEvery: 100,
      show: ({ document, frames }) =>
        [document, ...frames.map((bytes) => Buffer.from(bytes).toString("latin1"))].join("\n"),
    });
  });
});

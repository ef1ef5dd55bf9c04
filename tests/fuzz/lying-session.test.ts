import { describe, expect, it } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import { effort, patience } from "../harness/effort.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { runCampaign } from "./campaign.ts";
import { makeCorpus, quickSigner, shopDocument, untrueChains } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import type { Dice } from "./dice.ts";
import { forgeRuns } from "./forge.ts";
import { frameOf } from "./frames.ts";
import { frameOfTree, type Lies, lieTo, unasked } from "./lying-server.ts";
import { connectDevice, type Device, LyingSocket, openDevice, settled } from "./lying-socket.ts";
import { startVictim } from "./victim-server.ts";

const synced = frameOf(0, 1, Uint8Array.of(0, 0));
const secondsMost = 12;
/** Answers that a server gives in one second, whatever it was asked. */
const answersPerSecond = 60;

interface Traffic {
  /** frames from the device */
  said: number;
  /** frames from the server */
  lied: number;
  seconds: number;
  sockets: number;
  /** the last that the server said, for people */
  last: string[];
}

async function makeLies(): Promise<Lies> {
  const corpus = await makeCorpus();
  const { relay } = await startVictim(corpus);
  const [text = "{}"] =
    corpus.runs.findLast(({ seal }) => seal.includes(`"${crookedChain}"`))?.operations ?? [];
  const { next } = relay.ledger.head(crookedChain);
  const rivals: Run[] = [];
  for (let made = 0; made < 150; made++) {
    const rival = text.replace(/"seq":\d+/, `"seq":${next}`).replace(/,\d+\]/, `,${made}]`);
    rivals.push(await sealAsCrook(relay.ledger, [rival], quickSigner("crook")));
  }
  const forged = await forgeRuns(corpus, { device: "till1", after: corpus.known, count: 6 });
  return { corpus, held: relay.checkpoint(), forged, rivals };
}

/** One session from its first frame to its last, with a server that never tells the truth for long. */
async function session(
  device: Device,
  lies: Lies,
  { dice, traffic }: { dice: Dice; traffic: Traffic },
): Promise<void> {
  const timers = new ManualTimers();
  const seconds = 2 + dice.below(secondsMost);
  traffic.seconds = seconds;
  const line = connectDevice(device, lies.corpus, timers);
  await settled();
  const say = (socket: LyingSocket, frame: Uint8Array) => {
    traffic.lied++;
    traffic.last.push(Buffer.from(frame.subarray(0, 300)).toString("latin1"));
    if (traffic.last.length > 6) traffic.last.shift();
    socket.say(frame);
  };
  const offer = { name: shopDocument, length: dice.of([0, 5, 99]), running: true };
  const documents = { type: "documents", term: 1, documents: [offer] };
  const heads = { type: "heads", heads: [["till1@s1", 99, "A".repeat(43)]], branches: [] };
  for (let second = 0; second < seconds; second++) {
    for (const socket of [...LyingSocket.opened]) {
      if (socket.readyState !== 0) continue;
      socket.open();
      if (socket.url.includes("authority"))
        for (const first of [documents, heads]) say(socket, frameOfTree(first, dice));
      say(socket, synced);
    }
    const control = LyingSocket.opened.findLast(({ url }) => url.includes("authority"));
    for (let turn = 0, answered = 0; turn < 8 && control; turn++) {
      for (const frame of control.heard.splice(0)) {
        traffic.said++;
        if (answered > answersPerSecond) continue;
        for (const answer of await lieTo(frame, lies, dice)) {
          answered++;
          say(control, answer);
        }
      }
      await settled();
    }
    if (control && !dice.oneIn(3)) say(control, frameOfTree(await unasked(lies, dice), dice));
    if (dice.oneIn(15)) control?.close();
    await timers.pass(1000);
    lies.corpus.organisation.clock.now += 1000;
  }
  if (dice.oneIn(3)) void line.requestValue(lies.corpus.members[0] ?? "", 5);
  traffic.sockets = LyingSocket.opened.length;
  line.close();
  await timers.pass(20_000);
  for (const { heard } of LyingSocket.opened) traffic.said += heard.length;
}

/** What a device says to a server that asks for much: some dozens of frames for each of its. */
function expectQuiet({ said, lied, seconds, sockets }: Traffic): void {
  expect(said, `${said} frames said to ${lied}`).toBeLessThan(40 * (lied + seconds));
  expect(sockets, "sockets").toBeLessThan(10 * seconds + 20);
}

describe("a server that lies throughout a session", () => {
  it("gets no operation counted that was not sealed, none lost, and no end of memory [J2] [LO2] [AC6]", {
    timeout: patience(120_000),
  }, async () => {
    const lies = await makeLies();
    const { corpus } = lies;
    let device = await openDevice(corpus);
    const errors: unknown[] = [];
    const { error, warn } = console;
    console.error = console.warn = () => {};
    const uncaught = (fault: unknown) => void errors.push(fault);
    process.on("uncaughtException", uncaught);
    LyingSocket.listens = true;
    try {
      await runCampaign<{ dice: Dice; traffic: Traffic }>({
        name: "lying-session",
        count: effort(500, 8000),
        stallMsMax: 1500,
        make: (dice) => ({
          dice,
          traffic: { said: 0, lied: 0, seconds: 0, sockets: 0, last: [] },
        }),
        async attack(mutant) {
          await session(device, lies, mutant);
          expect(errors).toEqual([]);
          expectQuiet(mutant.traffic);
        },
        async look() {
          const { replica, store } = device;
          await replica.rememberMissing();
          expect(replica.authority.heads).toHaveLength(corpus.organisation.authority.length);
          // The crook is in league with the server, and really sealed whatever it said.
          const others = [...replica.heads()].filter(
            ([chain]) => chain !== replica.chain && chain !== crookedChain,
          );
          expect(untrueChains(new Map(others), corpus)).toEqual([]);
          const { trialBalance } = replica.summary();
          expect(Object.values(trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
          expect(replica.member(device.unsent)?.fields["name"]).toBe("离线");
          const { outbox, keys, settings } = store.content;
          expect(outbox.some(({ seal }) => seal.includes(`"${replica.chain}"`))).toBe(true);
          expect(outbox.length, "runs that nobody asked for").toBeLessThan(200);
          expect(replica.branches().length).toBeLessThanOrEqual(102);
          for (const [member, key] of corpus.keys) expect(keys.get(member)).toBe(key);
          expect(replica.missing().length, "chains that nobody has").toBeLessThanOrEqual(6);
          for (const text of settings.values()) expect(text.length).toBeLessThan(1_000_000);
          device = await openDevice(corpus);
        },
        lookEvery: 10,
        show: ({ traffic }) => JSON.stringify(traffic),
      });
    } finally {
      LyingSocket.listens = false;
      process.off("uncaughtException", uncaught);
      Object.assign(console, { error, warn });
    }
  });
});

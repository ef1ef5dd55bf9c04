import { describe, expect, it } from "vitest";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { effort, patience } from "../harness/effort.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, elementsOfRuns, makeCorpus, shopDocument, untrueChains } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { frameOf, messageFrame, serverMessages, syncFrames } from "./frames.ts";
import { connectDevice, type Device, LyingSocket, openDevice, settled } from "./lying-socket.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Tree } from "./mutate-json.ts";
import { modelOf, mutateUpdate } from "./mutate-update.ts";

async function visit(
  device: Device,
  corpus: Corpus,
  frames: readonly { document: boolean; data: unknown }[],
): Promise<void> {
  const timers = new ManualTimers();
  const session = connectDevice(device, corpus, timers);
  await settled();
  const [control] = LyingSocket.opened;
  control?.open();
  control?.say(frameOf(0, 1, Uint8Array.of(0, 0)));
  await settled();
  for (const { document, data } of frames) {
    const journal = LyingSocket.opened.find(({ url }) => url.includes("journal"));
    if (journal?.readyState === 0) journal.open();
    (document ? (journal ?? control) : control)?.say(data);
    await settled();
  }
  await timers.pass(1500);
  session.close();
  await settled();
}

const offer = frameOf(
  100,
  new TextEncoder().encode(
    JSON.stringify({
      type: "documents",
      term: 1,
      documents: [{ name: shopDocument, length: 99, running: true }],
    }),
  ),
);

describe("whatever a server sends down a socket", () => {
  it("the device lives, keeps what it recorded, and believes nothing that was not sealed [J2] [AC6] [LO2]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const messages: Tree[] = serverMessages(corpus);
    const from = elementsOfRuns(corpus.runs.slice(0, corpus.known)).length;
    const fresh = elementsOfRuns(corpus.runs.slice(corpus.known));
    const base = (dice: Dice) =>
      modelOf(shopDocument, from, fresh.slice(0, 1 + dice.below(fresh.length)));
    const frame = (dice: Dice): { document: boolean; data: unknown } => {
      const document = dice.oneIn(2);
      if (dice.oneIn(25)) return { document, data: dice.of(["text", "", new ArrayBuffer(0)]) };
      if (!document && !dice.oneIn(3)) return { document, data: messageFrame(messages, dice) };
      if (dice.oneIn(3)) {
        const made = syncFrames(shopDocument, dice);
        return { document, data: dice.oneIn(2) ? made : mutateBytes(made, dice, made) };
      }
      const update = dice.oneIn(4)
        ? writeUpdate(shopDocument, from, fresh)
        : mutateUpdate(base(dice), dice, base(dice));
      return { document, data: frameOf(0, dice.of([1, 2]), update) };
    };
    let device = await openDevice(corpus);
    const errors: unknown[] = [];
    const { error, warn } = console;
    console.error = console.warn = () => {};
    const uncaught = (fault: unknown) => void errors.push(fault);
    process.on("uncaughtException", uncaught);
    try {
      await runCampaign<{ document: boolean; data: unknown }[]>({
        name: "server-frames",
        count: effort(2500, 40_000),
        make: (dice) => [
          { document: false, data: offer },
          ...Array.from({ length: dice.few(4) }, () => frame(dice)),
        ],
        async attack(frames) {
          await visit(device, corpus, frames);
          expect(errors).toEqual([]);
        },
        async look() {
          const { replica, store } = device;
          const { heads } = replica.authority;
          expect(heads).toHaveLength(corpus.organisation.authority.length);
          const others = [...replica.heads()].filter(([chain]) => chain !== replica.chain);
          expect(untrueChains(new Map(others), corpus)).toEqual([]);
          expect(replica.member(device.unsent)?.fields["name"]).toBe("离线");
          expect(store.content.outbox.length, "unsent runs are kept").toBeGreaterThan(0);
          for (const [member, key] of corpus.keys) expect(store.content.keys.get(member)).toBe(key);
          device = await openDevice(corpus);
        },
        lookEvery: 25,
        show: (frames) =>
          frames
            .map(({ document, data }) => {
              const bytes =
                data instanceof Uint8Array ? Buffer.from(data).toString("latin1") : data;
              return `${document ? "journal" : "control"}: ${String(bytes)}`;
            })
            .join("\n"),
      });
    } finally {
      process.off("uncaughtException", uncaught);
      Object.assign(console, { error, warn });
    }
  });
});

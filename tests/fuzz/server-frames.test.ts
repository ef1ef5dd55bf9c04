import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { DeviceSession } from "../../shared/replica/device-session.ts";
import type { ApiAnswer, ServerApi } from "../../shared/sync/server-api.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { addMember } from "../harness/shop.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { runCampaign } from "./campaign.ts";
import {
  type Corpus,
  elementsOfRuns,
  makeCorpus,
  quickSigner,
  shopDocument,
  untrueChains,
} from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { frameOf, messageFrame, serverMessages, syncFrames } from "./frames.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Tree } from "./mutate-json.ts";
import { modelOf, mutateUpdate } from "./mutate-update.ts";

/** A browser's end of a socket whose other end says what it likes. */
class LyingSocket {
  static readonly opened: LyingSocket[] = [];
  readonly OPEN = 1;
  readyState = 0;
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    LyingSocket.opened.push(this);
  }
  send(): void {}
  close(): void {
    this.readyState = 3;
    this.onclose?.({ code: 1000 });
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(data: unknown): void {
    if (this.readyState === 1) this.onmessage?.({ data });
  }
}

/** Answers as a server does that serves this organisation. */
const honestApi: ServerApi = {
  get: async (): Promise<ApiAnswer> => ({
    status: 200,
    body: { mode: "ready", org: "testorg", name: "x", version: "1" },
  }),
  post: async (path): Promise<ApiAnswer> =>
    path.endsWith("challenge")
      ? { status: 200, body: { challenge: "A".repeat(32) } }
      : { status: 200, body: { tickets: ["t1", "t2", "t3"] } },
};

interface Device {
  store: MemoryStore;
  replica: DeviceReplica;
  /** recorded here, and nowhere else yet */
  unsent: string;
}

async function openDevice(corpus: Corpus): Promise<Device> {
  const { authority, clock, random } = corpus.organisation;
  const store = createMemoryStore();
  const elements = elementsOfRuns(corpus.runs.slice(0, corpus.known));
  await store.commit({
    append: [
      { name: authorityDocument, from: 0, elements: authority },
      { name: shopDocument, from: 0, elements },
    ],
    keysAdd: [...corpus.keys],
  });
  const replica = await createDeviceReplica({
    store,
    clock,
    random,
    signatures: nodeSignatures,
    signer: quickSigner("pc1"),
    identity: { org: "testorg", device: "pc1", store: "s1" },
  });
  return { store, replica, unsent: await addMember(replica, "离线", "13700000000") };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

async function visit(
  { replica }: Device,
  corpus: Corpus,
  frames: readonly { document: boolean; data: unknown }[],
): Promise<void> {
  const { clock, random } = corpus.organisation;
  const remembered = new Map<string, string>();
  LyingSocket.opened.length = 0;
  const timers = new ManualTimers();
  const session = new DeviceSession({
    replica,
    api: honestApi,
    socketUrl: "ws://localhost/sync",
    WebSocket: LyingSocket,
    signer: quickSigner("pc1"),
    signatures: nodeSignatures,
    clock,
    random,
    timers,
    persisted: () => true,
    remember: {
      get: (name) => remembered.get(name),
      set: (name, value) => void remembered.set(name, value),
    },
  });
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

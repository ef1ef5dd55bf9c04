import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { openData } from "../../server/data/open-data.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import { enrolRaw, type RawDevice, type RawSocket } from "../server/raw-device.ts";
import { atEnd, memoryLog, scratchFolder, startFoundedServer } from "../server/server-harness.ts";
import { type ChildServer, spawnServer } from "./child-server.ts";

const kills = 20;
const writesPerSecond = 50;
/** A start that takes longer hangs; how long it takes is printed. */
const hangMs = 30_000;

/** An honest device as far as sending goes: keeps what is not acknowledged and sends it again. */
class Sender {
  readonly acknowledged: string[] = [];
  readonly #device: RawDevice;
  #unsent: { id: number; operations: readonly string[]; seal: string }[] = [];
  #socket: RawSocket | undefined;
  #isSending = false;
  #nextId = 1;

  constructor(device: RawDevice) {
    this.#device = device;
  }

  async connect(): Promise<void> {
    const socket = await this.#device.connect("authority");
    this.#socket = socket;
    for (const run of this.#unsent) this.#send(run);
    const taken = new Set<number>();
    socket.socket.on("message", () => {
      for (const message of socket.messages) {
        if (message.type !== "accepted" || taken.has(message.id)) continue;
        taken.add(message.id);
        const run = this.#unsent.find(({ id }) => id === message.id);
        if (!run) continue;
        this.acknowledged.push(...run.operations);
        this.#unsent = this.#unsent.filter((other) => other !== run);
      }
    });
  }

  async write(drafting: Drafting): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    const run = await this.#device.author([drafting]);
    const checked = await this.#device.ledger.check(run, { verify: false });
    if (!checked.ok) throw new Error(checked.refusal.code);
    this.#device.ledger.enter(checked.value, Date.now());
    const kept = { id: this.#nextId++, ...run };
    this.#unsent.push(kept);
    this.#send(kept);
    this.#isSending = false;
  }

  #send({ id, operations, seal }: { id: number; operations: readonly string[]; seal: string }) {
    const { socket } = this.#socket ?? {};
    if (socket?.readyState === socket?.OPEN)
      this.#socket?.say({ type: "submit", id, run: { operations, seal } });
  }

  get unacknowledged(): number {
    return this.#unsent.length;
  }
}

test("20 kills at random under 50 writes a second: every acknowledged operation is there once", {
  timeout: 180_000,
}, async () => {
  const dir = await scratchFolder();
  const founded = await startFoundedServer(dir);
  const { port } = founded.server;
  const device = await enrolRaw(founded, founded.ownerCode);
  await founded.stop();

  const sender = new Sender(device);
  let child: ChildServer = await spawnServer(dir, port);
  atEnd(async () => child.kill());
  let startMsMost = child.startMs;
  let written = 0;
  const edit: Drafting = () => ({
    kind: "MemberEdited",
    body: { member: `x@y:${written++}`, cites: {}, sealed: "x".repeat(300) },
  });
  await sender.connect();
  const clock = setInterval(() => void sender.write(edit), 1000 / writesPerSecond);
  atEnd(async () => clearInterval(clock));
  for (let killed = 0; killed < kills; killed++) {
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 800));
    await child.kill();
    child = await spawnServer(dir, port);
    startMsMost = Math.max(startMsMost, child.startMs);
    await sender.connect();
  }
  clearInterval(clock);
  while (sender.unacknowledged > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { exit, stopMs } = await child.stop();
  expect(exit).toBe(0);
  expect(stopMs).toBeLessThan(10_000);
  expect(startMsMost).toBeLessThan(hangMs);

  const data = await openData({ dir }, createNodePlatform(memoryLog()));
  atEnd(() => data.close());
  const counts = new Map<string, number>();
  for (const { name } of data.relay.documents())
    for (const element of await data.store.read(name, 0, Number.MAX_SAFE_INTEGER))
      counts.set(element, (counts.get(element) ?? 0) + 1);
  expect(sender.acknowledged.length).toBeGreaterThan(kills * 10);
  expect(sender.acknowledged.filter((text) => counts.get(text) !== 1)).toEqual([]);
  expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
  expect(data.relay.trouble()).toBeUndefined();
  process.stdout.write(
    `killed ${kills} times: ${sender.acknowledged.length} operations acknowledged, ` +
      `slowest start ${Math.round(startMsMost)} ms, stop ${Math.round(stopMs)} ms\n`,
  );
});

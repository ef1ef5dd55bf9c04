import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { openData } from "../../server/data/open-data.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import { enrolRaw } from "../server/raw-device.ts";
import { atEnd, memoryLog, scratchFolder, startFoundedServer } from "../server/server-harness.ts";
import { type ChildServer, spawnServer } from "./child-server.ts";
import { expectOnce, keptIn } from "./kept-once.ts";
import { Sender } from "./sender.ts";

const kills = 20;
const writesPerSecond = 50;
/** A start that takes longer hangs; how long it takes is printed. */
const hangMs = 30_000;

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
  const clock = setInterval(() => void sender.write([edit]), 1000 / writesPerSecond);
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
  const acknowledged = [...sender.acknowledged].flatMap(({ operations }) => operations);
  expect(acknowledged.length).toBeGreaterThan(kills * 10);
  expectOnce(await keptIn(data.store), acknowledged);
  expect(data.relay.trouble()).toBeUndefined();
  process.stdout.write(
    `killed ${kills} times: ${acknowledged.length} operations acknowledged, ` +
      `slowest start ${Math.round(startMsMost)} ms, stop ${Math.round(stopMs)} ms\n`,
  );
});

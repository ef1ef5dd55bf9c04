import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { effort, patience } from "../harness/effort.ts";
import { atEnd, scratchFolder } from "../server/server-harness.ts";
import { readKept } from "./kept-once.ts";
import {
  type Bundle,
  bundleKilledServer,
  type LethalServer,
  startLethalServer,
} from "./lethal-server.ts";
import { ShopUnderFire } from "./shop-under-fire.ts";
import {
  halfCommitPoint,
  type Stage,
  tornRunPoint,
  type WritePoint,
  writePoints,
} from "./write-points.ts";

const kills = effort(100, 1000);
/** A start that takes longer hangs. */
const startMsMax = 10_000;
const reachMsMax = 20_000;
const nthMost = 3;

/** One death: at a named point, or at a moment that nobody chose. */
type Death = { point: WritePoint } | { after: "start" | "work"; ms: number };

const priorOf: Partial<Record<Stage, WritePoint>> = {
  "start-after-torn-run": tornRunPoint,
  "start-after-half-commit": halfCommitPoint,
};

/** Every point once, and again until it is half of all; random ones between. */
function planDeaths(): Death[] {
  const named: Death[] = [];
  for (let round = 0; round === 0 || named.length < kills / 2; round++)
    for (const point of shuffled(writePoints)) {
      if (round > 0 && named.length >= kills / 2) break;
      const prior = priorOf[point.stage];
      if (prior) named.push({ point: prior });
      named.push({ point });
    }
  const deaths = [...named];
  while (deaths.length < kills)
    deaths.push(
      Math.random() < 0.4
        ? { after: "start", ms: Math.random() * 300 }
        : { after: "work", ms: Math.random() * 150 },
    );
  // A start is killed right after the death that left something to clear away.
  const groups: Death[][] = [];
  for (const death of deaths) {
    const isSecond = "point" in death && priorOf[death.point.stage] !== undefined;
    if (isSecond) groups.at(-1)?.push(death);
    else groups.push([death]);
  }
  return shuffled(groups).flat();
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleKilledServer();
});
afterAll(() => bundle.remove());

describe(`${kills} kills`, () => {
  test("at named write points and at random: what was acknowledged is there once, nothing counts by half [J8]", {
    timeout: patience(480_000),
  }, async () => {
    const shop = await ShopUnderFire.open();
    const scratch = await scratchFolder();
    const hits = new Map<string, number>();
    const starts: number[] = [];
    const began = performance.now();
    let running: LethalServer | undefined;
    atEnd(async () => running?.kill());

    const options = { bundle, dir: shop.dir, port: shop.port, hitsFolder: join(scratch, "hits") };
    const start = async (strike?: WritePoint) => {
      const armed = strike && { ...strike, nth: 1 };
      running = await startLethalServer({ ...options, strike: armed });
      return running;
    };
    /** Whole again after whatever happened, and everybody is back. */
    const startWhole = async () => {
      const acknowledged = shop.acknowledged();
      // Before anybody could bring anything again.
      shop.expectKept(await readKept(shop.dir, join(scratch, "live")), acknowledged);
      const server = await start();
      const ready = await server.ready;
      if (!ready) throw new Error(`it does not start again: ${(await server.ended).stderr}`);
      starts.push(ready.startMs);
      await shop.expectSound();
      const kept = await readKept(shop.dir, join(scratch, "live"));
      shop.expectKept(kept, acknowledged);
      await shop.settle();
      return server;
    };
    const dieAt = async (server: LethalServer, point: WritePoint) => {
      const timer = setTimeout(() => void server.kill(), reachMsMax);
      const { hit, stderr } = await server.ended;
      clearTimeout(timer);
      expect({ hit, stderr: hit ? "" : stderr }).toEqual({ hit: point.name, stderr: "" });
      hits.set(point.name, (hits.get(point.name) ?? 0) + 1);
    };

    const deaths = planDeaths();
    for (const death of deaths) {
      if ("after" in death) {
        const isEarly = death.after === "start";
        const server = isEarly ? await start() : await startWhole();
        const timer = setTimeout(() => void server.kill(), death.ms);
        if (!isEarly) await shop.work(() => server.hasEnded());
        await server.ended;
        clearTimeout(timer);
        continue;
      }
      const { point } = death;
      if (point.stage === "first-start") {
        await dieAtFirstStart(point);
        hits.set(point.name, (hits.get(point.name) ?? 0) + 1);
        continue;
      }
      if (point.stage.startsWith("start")) {
        // Who died at random may have moved the dead lock aside and not yet left another.
        const isLocked = existsSync(join(shop.dir, "lock"));
        if (point.role === "dead-lock" && !isLocked) await (await startWhole()).kill();
        await dieAt(await start(point), point);
        continue;
      }
      const server = await startWhole();
      if (point.stage === "new-store") await shop.openNewStore();
      // What happens once in a while is struck the first time.
      const isOften = point.stage === "serving";
      await server.arm({ ...point, nth: isOften ? 1 + Math.floor(Math.random() * nthMost) : 1 });
      const hasEnded = () => server.hasEnded();
      await Promise.all([
        dieAt(server, point),
        shop.work(hasEnded),
        point.stage === "snapshot" ? shop.ask("snapshot create") : undefined,
        point.stage === "foreign-update" ? shop.offend(hasEnded) : undefined,
      ]);
    }
    const last = await startWhole();
    await last.kill();

    expect(writePoints.filter(({ name }) => !hits.has(name))).toEqual([]);
    expect(Math.max(...starts)).toBeLessThan(startMsMax);
    const middle = starts.sort((a, b) => a - b)[starts.length >> 1] ?? 0;
    const named = [...hits.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${deaths.length} kills, ${named} at ${hits.size} named points, in ` +
        `${Math.round((performance.now() - began) / 1000)} s: ` +
        `${shop.acknowledged().texts.length} elements acknowledged; start ` +
        `${Math.round(middle)} ms, slowest ${Math.round(starts.at(-1) ?? 0)} ms\n`,
    );
  });
});

/** A folder of its own: the next start makes of it what the first would have made. */
async function dieAtFirstStart(point: WritePoint): Promise<void> {
  const scratch = await scratchFolder();
  const options = { bundle, dir: join(scratch, "data"), hitsFolder: join(scratch, "hits") };
  const killed = await startLethalServer({ ...options, strike: { ...point, nth: 1 } });
  expect((await killed.ended).hit).toBe(point.name);
  const again = await startLethalServer(options);
  atEnd(() => again.kill());
  const ready = await again.ready;
  if (!ready) throw new Error(`${point.name}: ${(await again.ended).stderr}`);
  const health = await (await fetch(`${ready.url}/readyz`)).json();
  expect(health).toMatchObject({ mode: "new" });
  await again.kill();
}

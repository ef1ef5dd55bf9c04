import "./ambient.ts";
import type { MemoryContent } from "../contracts/memory-store.ts";
import { enterAmbient, leaveAmbient } from "./ambient.ts";
import type { Checker } from "./checker.ts";
import { checkers } from "./checkers.ts";
import { type FaultName, fortuneOf, strike } from "./faults.ts";
import { comeToRest } from "./quiet-end.ts";
import { World } from "./world.ts";

export interface SimulationOptions {
  /** what strikes, in this order; drawn by the seed otherwise */
  faults?: readonly FaultName[];
  tills?: number;
  /** how long the shop is open, virtual milliseconds */
  openMs?: number;
  /** so that it can be printed */
  keepTrace?: boolean;
  /** told at the end of what each device's storage holds */
  onDisks?: (disks: readonly MemoryContent[]) => void;
}

export interface Report {
  seed: number;
  /** the first promise that was broken, if any */
  broken: { checker: string; complaints: string[] } | undefined;
  traceHash: string;
  /** in words, when it was kept */
  trace: string[];
  operations: number;
  deeds: number;
  events: number;
  virtualMs: number;
  faults: readonly FaultName[];
}

/** More than any history needs: a world that never comes to rest is stopped. */
const eventsMost = 1_000_000;

/**
 * One server and its tills in one process, on the production code; the same seed tells the same story,
 * byte for byte. Runs until a promise is broken or the quiet end has been checked.
 */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Report> {
  const world = new World(seed, options.keepTrace ?? false);
  const { scheduler, dice } = world;
  const ambientDice = dice.fork();
  enterAmbient({
    nowMs: () => scheduler.current?.clock.nowMs() ?? world.server.clock.nowMs(),
    after: (delayMs, run) => scheduler.after(delayMs, scheduler.current, run),
    fill: (bytes) => bytes.set(ambientDice.bytes(bytes.length)),
  });
  let broken: Report["broken"];
  let isOver = false;
  const faults = options.faults ?? fortuneOf(dice.fork());
  const complain = ({ name }: Checker, complaints: string[]) => {
    if (complaints.length > 0) broken ??= { checker: name, complaints };
  };
  void world.do(async () => {
    await live(world, faults, options, () => {
      for (const checker of checkers) complain(checker, checker.meanwhile?.(world) ?? []);
    });
    for (const checker of checkers) complain(checker, await checker.atEnd(world));
    isOver = true;
  });
  try {
    await scheduler.run(
      () =>
        isOver ||
        broken !== undefined ||
        world.mishaps.length > 0 ||
        scheduler.thrown.length > 0 ||
        scheduler.eventsRun > eventsMost,
    );
    world.mishaps.push(...scheduler.thrown.map(inWords));
    if (world.mishaps.length > 0) broken ??= { checker: "no mishap", complaints: world.mishaps };
    else if (!isOver && !broken)
      broken = { checker: "comes to an end", complaints: [`${scheduler.eventsRun} events`] };
  } finally {
    for (const till of world.tills) till.crash();
    leaveAmbient();
    options.onDisks?.(world.tills.map(({ disk }) => disk.content));
  }
  return {
    seed,
    broken,
    traceHash: world.trace.hash(),
    trace: world.trace.lines(),
    operations: world.witness.textsByRef.size,
    deeds: world.witness.deeds.length,
    events: scheduler.eventsRun,
    virtualMs: scheduler.nowMs,
    faults,
  };
}

/** A morning: the shop is founded, devices are paired, people work while things go wrong. */
async function live(
  world: World,
  faults: readonly FaultName[],
  { tills, openMs }: SimulationOptions,
  look: () => void,
): Promise<void> {
  const { dice } = world;
  const count = tills ?? dice.pick([1, 2, 3, 3, 4, 5]);
  const openForMs = openMs ?? dice.between(20, 60) * 1000;
  await world.found();
  for (let nth = 2; nth <= count; nth++) await world.admit(`till${nth}`, true);
  if (dice.chance(0.3)) await world.admit("headless", false);
  const endMs = world.scheduler.nowMs + openForMs;
  const striking = [...faults].map(async (name) => {
    await world.pause(dice.share() * openForMs);
    world.striking++;
    await strike(world, name);
    world.striking--;
  });
  for (const strokes of striking) void world.do(() => strokes);
  while (world.scheduler.nowMs < endMs) {
    await world.pause(dice.between(5000, 40_000));
    look();
  }
  const isAtRest = await comeToRest(world);
  if (!isAtRest) world.neverRested = whoIsRestless(world);
}

function whoIsRestless(world: World): string[] {
  const { gate, ended } = world.server;
  return [
    `server: ${gate ? (gate.relay.trouble() ?? "well") : `not serving (${ended ?? "crashed"})`}`,
    ...world.tills.map((till) => {
      const session = till.running?.session;
      const { state, reason, fetching } = session?.status() ?? {};
      const unsent = till.running?.headless.replica.unsent();
      return `${till.name}: ${state ?? "not running"} ${reason ?? ""}, settled ${session?.isSettled()}, ${unsent} unsent, ${fetching} to fetch`;
    }),
  ];
}

const inWords = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

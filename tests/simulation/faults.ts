import type { Dice } from "./dice.ts";
import { loseServer, loseTill } from "./disasters.ts";
import { injectForeignBytes } from "./foreign-hand.ts";
import { cloneTill, putServerBack, rollBackTill } from "./impostors.ts";
import { stealTill } from "./stolen-till.ts";
import type { TillMachine } from "./till-machine.ts";
import type { World } from "./world.ts";

/** What may happen to a shop, and how often beside the others. */
const weights = {
  "server killed": 10,
  "server dark": 14,
  "server stopped": 3,
  "server disk full": 4,
  "server disk failing": 3,
  "till crashed": 16,
  "till full": 3,
  "link cut": 16,
  "link half-open": 8,
  "link reset": 12,
  "clock set": 3,
  snapshot: 3,
  "till lost": 3,
  "server lost": 2,
  "till rolled back": 3,
  "till cloned": 2,
  "server put back": 2,
  "foreign bytes": 2,
};
/** The last is never drawn, so that the histories of all seeds stay what they are. */
export type FaultName = keyof typeof weights | "replaced till sells on";

const secondMs = 1000;

/** One misfortune; what it takes to get over it again is part of it. */
export async function strike(world: World, name: FaultName): Promise<void> {
  const { dice } = world;
  world.trace.say(`— ${name}`);
  const till = dice.pick(world.tills);
  switch (name) {
    case "server killed":
    case "server dark":
      if (!world.server.isServing()) return;
      world.server.crash(name === "server dark" ? "dark" : "killed");
      await world.pause(dice.between(0, 12) * secondMs);
      world.revive();
      return;
    case "server stopped":
      if (!world.server.isServing()) return;
      world.server.stop();
      await world.pause(dice.between(3, 9) * secondMs);
      world.revive();
      return;
    case "server disk full":
      world.server.disk.fillUpAfter(dice.between(0, 3000));
      await world.pause(dice.between(2, 15) * secondMs);
      world.server.disk.restart();
      return;
    case "server disk failing":
      world.server.mood.fault = "EIO";
      await world.pause(dice.between(1, 6) * secondMs);
      world.server.mood.fault = undefined;
      return;
    case "till crashed":
      return crashTill(world, till, dice);
    case "till full":
      till.disk.fault = "full";
      await world.pause(dice.between(1, 10) * secondMs);
      till.disk.fault = undefined;
      return;
    case "link cut":
      till.link.cut.up = true;
      till.link.cut.down = true;
      await world.pause(dice.between(1, 70) * secondMs);
      till.link.cut.up = false;
      till.link.cut.down = false;
      if (dice.chance(0.5)) world.network.reset(till.link);
      return;
    case "link half-open": {
      const way = dice.pick(["up", "down"] as const);
      till.link.cut[way] = true;
      await world.pause(dice.between(1, 60) * secondMs);
      till.link.cut[way] = false;
      return;
    }
    case "link reset":
      world.network.reset(till.link);
      return;
    case "clock set":
      till.clock.skewMs = dice.between(-5, 5) * 60_000;
      return;
    case "snapshot":
      await world.within(
        20 * secondMs,
        Promise.resolve(world.server.command?.("snapshot create", {})).then(() => true),
      );
      return;
    case "till lost":
      return loseTill(world, till);
    case "server lost":
      return loseServer(world);
    case "till rolled back":
      return rollBackTill(world, till);
    case "till cloned":
      return cloneTill(world, till);
    case "server put back":
      return putServerBack(world);
    case "foreign bytes":
      injectForeignBytes(world, till);
      return;
    case "replaced till sells on":
      return stealTill(world, till);
  }
}

async function crashTill(world: World, till: TillMachine, dice: Dice): Promise<void> {
  if (!till.running) return;
  till.crash();
  await world.pause(dice.between(0, 20) * secondMs);
  // One that was sent home meanwhile stays away.
  if (till.isEnrolled && !till.running && world.tills.includes(till)) world.open(till);
}

/** What strikes this shop: some are lucky, some are not, and some things rule others out. */
export function fortuneOf(dice: Dice): FaultName[] {
  const count = dice.pick([0, 2, 4, 6, 9, 14]);
  const drawn = Array.from({ length: count }, () => dice.weighted(weights));
  return drawn;
}

import { deviceOn, missTill, replaceTill } from "./disasters.ts";
import { injure } from "./impostors.ts";
import { stopForOwner } from "./owner-stops.ts";
import type { TillMachine } from "./till-machine.ts";
import type { World } from "./world.ts";

const secondMs = 1000;

/**
 * A till is stolen as it is. Another takes its place, and knows nothing of what the stolen one goes on
 * selling in other hands, without a network; some of that may come to the server. Then the owner stops
 * it, and only afterwards the rest comes.
 */
export async function stealTill(world: World, till: TillMachine): Promise<void> {
  const { dice } = world;
  if (!till.running || !till.isTill || till.isReplacing || world.isRecovering) return;
  if (world.tills.some(({ isCopy }) => isCopy)) return;
  till.isReplacing = true;
  const device = deviceOn(till);
  till.crash();
  const stolen = carryAway(world, `${till.name}-stolen`, till);
  stolen.link.cut.up = true;
  stolen.link.cut.down = true;
  const left = await world.holdings();
  left.delete(till.name);
  till.disk.erase();
  left.delete(stolen.name);
  await missTill(world, till, device, left);
  world.open(stolen);
  await replaceTill(world, till, device);
  till.isReplacing = false;
  await world.pause(dice.between(0, 15) * secondMs);
  if (dice.chance(0.6)) await bringSome(world, stolen);
  const at = dice.chance(0.7) ? "here" : "replaced";
  for (let tried = 0; tried < 20; tried++) {
    if (await world.within(20 * secondMs, stopForOwner(world, device, at))) break;
    await world.pause(dice.between(1, 3) * secondMs);
  }
  await world.pause(dice.between(0, 20) * secondMs);
  stolen.link.cut.up = false;
  stolen.link.cut.down = false;
}

/** What the stolen till has so far comes to the server: its storage was copied to a machine with a network. */
async function bringSome(world: World, stolen: TillMachine): Promise<void> {
  const courier = carryAway(world, `${stolen.name}-copied`, stolen);
  // Where a recovery forgot that it was replaced, both are let in, and record.
  injure(world, { kind: "till-cloned", subject: stolen.name, device: deviceOn(stolen) });
  world.tills.splice(world.tills.indexOf(courier), 1);
  courier.start();
  const isRefused = () => courier.running?.session.status().state === "refused";
  await world.until(isRefused, 30 * secondMs);
  courier.crash();
}

function carryAway(world: World, name: string, from: TillMachine): TillMachine {
  const machine = world.addTill(name);
  machine.isCopy = true;
  machine.disk.putBack(from.disk.image());
  world.trace.say(`${name} has the storage of ${from.name}`);
  return machine;
}

import { injure } from "./impostors.ts";
import { answerForOwner } from "./owner-answers.ts";
import type { TillMachine } from "./till-machine.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;

/** A device is stolen, or wiped: its storage is gone, and a new device takes its place. */
export async function loseTill(world: World, till: TillMachine): Promise<void> {
  if (!till.isEnrolled || till.isReplacing || till.isCopy || world.isRecovering) return;
  // Where a copy runs it has taken over the name: there is nobody to be replaced.
  if (world.tills.some(({ name }) => name === `${till.name}-copy`)) return;
  till.isReplacing = true;
  const device = deviceOn(till);
  till.crash();
  const before = await world.holdings();
  const gone = before.get(till.name) ?? new Set<string>();
  before.delete(till.name);
  till.disk.erase();
  world.witness.diskLost(gone, [...before.values()], `${till.name} was lost`);
  await missTill(world, till, device, before);
  await replaceTill(world, till, device);
  till.isReplacing = false;
}

/** @param left what others hold, by machine: only by that anybody can know that there was such a device */
export async function missTill(
  world: World,
  { name }: TillMachine,
  device: string,
  left: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  const texts = [...left.values(), await world.snapshotTexts()].flatMap((held) => [...held]);
  const evidence = new Set(texts.filter((text) => text.includes(`"${device}`)));
  injure(world, { kind: "till-lost", subject: name, device, evidence });
  world.trace.say(`${name} is lost with identity ${device}`);
}

/** The identity under which a device is enrolled. */
export const deviceOn = ({ disk }: TillMachine): string =>
  (JSON.parse(disk.content.settings.get("identity") ?? "{}") as { device: string }).device;

/** The owner enrols it anew in the place of what it was. */
export async function replaceTill(
  world: World,
  till: TillMachine,
  replaces: string,
): Promise<void> {
  for (let tried = 0; tried < 60; tried++) {
    await world.pause(world.dice.between(1, 8) * 1000);
    // Where a recovery left behind what had enrolled it, there is nobody to be replaced yet.
    if (!world.server.gate?.relay.authority?.devices.has(replaces))
      await world.within(
        minuteMs / 2,
        answerForOwner(world).then(() => true),
      );
    const now = world.heirOf(till, replaces);
    const enrolled =
      till === world.owner
        ? world.enrolByCard(till, now)
        : world.enrol(till, { till: till.isTill, replaces: now });
    if (await world.within(minuteMs / 2, enrolled)) return;
  }
  world.mishaps.push(`${till.name} could not be replaced`);
}

/** The server's disk is gone. Somebody takes the card, and a new server grows from what there is. */
export async function loseServer(world: World, how?: "empty" | "newest"): Promise<void> {
  const { server, dice, witness } = world;
  const { gate } = server;
  if (!gate?.relay.authority || world.isRecovering) return;
  world.isRecovering = true;
  const device = gate.relay.device;
  server.crash("killed");
  const snapshots = await world.snapshotTexts();
  const isAnybodyLeft = world.tills.some(({ isEnrolled }) => isEnrolled);
  const mayChoose = isAnybodyLeft && (snapshots.size === 0 || dice.chance(0.5));
  const chosen = how ?? (mayChoose ? "empty" : "newest");
  if (chosen === "newest" && snapshots.size === 0) {
    // Nothing and nobody is left: even we cannot help.
    world.isRecovering = false;
    return;
  }
  const before = await world.holdings();
  const gone = before.get("server") ?? new Set<string>();
  before.delete("server");
  server.loseDisk();
  const left = [...before.values(), ...(chosen === "newest" ? [snapshots] : [])];
  witness.diskLost(gone, left, "the server's disk was lost");
  injure(world, { kind: "server-lost", subject: "server", device });
  await world.pause(dice.between(1, 20) * 1000);
  await recover(world, chosen);
  world.isRecovering = false;
}

async function recover(world: World, how: "empty" | "newest"): Promise<void> {
  const { server, words } = world;
  for (let tried = 0; tried < 10; tried++) {
    server.start({ recover: how, words });
    const isBack = await world.until(
      () => server.gate?.relay.authority !== undefined || server.ended !== undefined,
      4 * minuteMs,
    );
    if (isBack && server.gate?.relay.authority) return;
    if (server.life) server.crash("killed");
    server.loseDisk();
    await world.pause(5000);
  }
  world.mishaps.push(`the server could not be recovered from ${how}`);
}

import type { TillMachine } from "./till-machine.ts";
import type { Injury } from "./witness.ts";
import type { World } from "./world.ts";

const secondMs = 1000;

/** A profile is put back from an older copy: its storage is what it was a while ago. */
export async function rollBackTill(world: World, till: TillMachine): Promise<void> {
  const { dice } = world;
  if (!till.running || till.isReplacing) return;
  const older = till.disk.image();
  await world.pause(dice.between(4, 25) * secondMs);
  if (!till.running || till.isReplacing) return;
  const device = deviceOf(till);
  if (device !== deviceIn(older.content.settings.get("identity"))) return;
  till.crash();
  const before = await world.holdings();
  till.disk.putBack(older);
  const after = await world.holdings();
  const gone = before.get(till.name) ?? new Set();
  world.witness.diskLost(gone, [...after.values()], `${till.name} was put back`);
  // With a newer copy that was put back all may be here again that could have been missed before.
  for (const injury of world.witness.injuries)
    if (injury.kind === "till-rolled-back" && injury.device === device)
      injury.mayHide ||= isAllIn(after.get(till.name), injury.evidence);
  const evidence = missedBySomebody(gone, after, till.name, device);
  if (evidence.size > 0)
    injure(world, { kind: "till-rolled-back", subject: till.name, device, evidence });
  world.trace.say(`${till.name} is put back to an older copy`);
  world.open(till);
}

/** A profile is copied to another machine, and both go on. */
export async function cloneTill(world: World, till: TillMachine): Promise<void> {
  if (!till.running || till.isReplacing || world.tills.some(({ isCopy }) => isCopy)) return;
  const copy = world.addTill(`${till.name}-copy`, till.isTill);
  copy.isCopy = true;
  copy.disk.putBack(till.disk.image());
  world.trace.say(`${copy.name} is a copy of ${till.name}`);
  injure(world, { kind: "till-cloned", subject: till.name, device: deviceOf(till) });
  world.open(copy);
}

/**
 * Somebody puts last week's folder in the place of the server's; it may be that of a server which was
 * given up for lost since.
 */
export async function putServerBack(world: World): Promise<void> {
  const { server, dice, witness } = world;
  const { gate } = server;
  if (!gate?.relay.authority || world.isRecovering) return;
  const { term } = gate.relay.authority;
  const olderDevice = gate.relay.device;
  const older = server.disk.copy();
  older.loseUnsynced();
  await world.pause(dice.between(4, 25) * secondMs);
  if (server.gate?.relay.authority?.term !== term || world.isRecovering) return;
  const device = server.gate.relay.device;
  server.crash("killed");
  const before = await world.holdings();
  server.putBack(older);
  // Then it is not lost any more.
  for (const injury of witness.injuries)
    if (injury.kind === "server-lost" && injury.device === olderDevice) injury.mayHide = true;
  const after = await world.holdings();
  const gone = before.get("server") ?? new Set();
  witness.diskLost(gone, [...after.values()], "the server was put back");
  // What nobody had been told of, nobody can miss: its author sends it again, and nothing is lost.
  const told = new Set(
    [...gone].filter(
      (text) =>
        text.includes('"hlc":') &&
        (witness.wasShownOnServer(text) ||
          world.tills.some(({ disk }) => disk.isInDocuments(text))),
    ),
  );
  // Whoever still knows of a change of rights may say so, and need not.
  const evidence = missedBySomebody(told, after, "server", "");
  const mayHide = evidence.size === 0;
  if (!mayHide || [...gone].some((text) => !after.get("server")?.has(text)))
    injure(world, { kind: "server-put-back", subject: "server", device, mayHide, evidence });
  world.trace.say("the server is put back to an older copy");
  await world.pause(dice.between(0, 5) * secondMs);
  world.revive();
}

/**
 * What somebody else still holds of what the machine lost: only by that anybody can know.
 * @param device whose operations count; of the server every one
 */
function missedBySomebody(
  gone: ReadonlySet<string>,
  after: ReadonlyMap<string, ReadonlySet<string>>,
  name: string,
  device: string,
): Set<string> {
  const here = after.get(name);
  const others = [...after].filter(([other]) => other !== name).map(([, texts]) => texts);
  const isMissed = (text: string) =>
    text.includes('"hlc":') &&
    text.includes(`"device":"${device}`) &&
    !here?.has(text) &&
    others.some((texts) => texts.has(text));
  return new Set([...gone].filter(isMissed));
}

const isAllIn = (here: ReadonlySet<string> = new Set(), texts: Iterable<string> = []): boolean =>
  [...texts].every((text) => here.has(text));

export function injure({ scheduler, witness }: World, injury: Omit<Injury, "atMs">): void {
  witness.injuries.push({ atMs: scheduler.nowMs, ...injury });
}

const deviceOf = (till: TillMachine): string =>
  deviceIn(till.disk.content.settings.get("identity"));

const deviceIn = (identity: string | undefined): string =>
  (JSON.parse(identity ?? "{}") as { device?: string }).device ?? "";

import type { AuthorityState } from "../../../shared/access/authority-state.ts";
import { deviceOfChain } from "../../../shared/journal/operation.ts";
import type { DeviceReplica } from "../../../shared/replica/device-replica.ts";
import type { Checker } from "../checker.ts";
import type { Injury } from "../witness.ts";
import type { World } from "../world.ts";

/**
 * Every injury that was done to the shop left a mark that a person can see: an entry in the authority
 * log, an alarm, a refusal on a screen, or a listed exception.
 */
export const nothingSilent: Checker = {
  name: "nothing silent",
  atEnd: (world) =>
    world.witness.injuries.flatMap((injury) =>
      injury.mayHide || isForgotten(world, injury) || isSeen(world, injury)
        ? []
        : [`nobody can see that ${injury.subject} was ${injury.kind}`],
    ),
};

/** Without a newer signature of its own the server cannot say why a device's document goes another way. */
const marksOfPutBack: ReadonlySet<string> = new Set(["server-rolled-back", "document-ahead"]);

/** Whoever could have told was lost, too, before anybody else had heard of it. */
function isForgotten(world: World, { kind, device, evidence, cameBack }: Injury): boolean {
  const isGone = evidence && [...evidence].every((text) => world.witness.destroyed.has(text));
  if (!isGone) return false;
  return kind === "till-lost" ? !isHeardOf(world, device) : !cameBack;
}

/** Whether anybody who is left knows that there was such a device. */
function isHeardOf({ server, tills }: World, device: string): boolean {
  const replicas = tills.flatMap(({ running }) => running?.headless.replica ?? []);
  const relays = server.gate ? [server.gate.relay] : [];
  const knows = (each: Pick<DeviceReplica, "heads"> & { authority: AuthorityState | undefined }) =>
    each.authority?.devices.has(device) ||
    [...each.heads().keys()].some((chain) => deviceOfChain(chain) === device);
  const misses = (each: DeviceReplica) =>
    each.missing().some(({ chain }) => deviceOfChain(chain) === device);
  return [...replicas, ...relays].some(knows) || replicas.some(misses);
}

function isSeen(
  { server, tills, witness }: World,
  { kind, device, subject, atMs }: Injury,
): boolean {
  const authority = server.gate?.relay.authority;
  switch (kind) {
    case "server-lost":
      // Of one that nobody had met there is no name; whoever serves now was put there by the card.
      return authority !== undefined && authority.server !== device;
    case "till-lost":
      return authority?.devices.get(device)?.closed !== undefined;
    case "till-cloned":
      // Where only one of the two recorded anything, there is nothing to be seen yet.
      return authority?.devices.get(device)?.closed !== undefined || !witness.isForked(device);
    case "till-rolled-back":
      return authority?.devices.get(device)?.closed !== undefined;
    case "server-put-back":
      return (
        server.alarms.some((alarm) => marksOfPutBack.has(alarm.kind) && alarm.atMs >= atMs) ||
        tills.some(({ running }) => running?.headless.replica.serverFinding() !== undefined) ||
        authority?.server !== device
      );
    case "foreign-bytes":
      // A copy that is no longer admitted has left the shop, and with it what its screen said.
      return (
        tills.some(({ name, said }) => name === subject && said.includes("refused: forged")) ||
        tills.every(({ name }) => name !== subject)
      );
  }
}

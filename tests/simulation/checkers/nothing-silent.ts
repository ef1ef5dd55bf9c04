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
      isSeen(world, injury) ? [] : [`nobody can see that ${injury.subject} was ${injury.kind}`],
    ),
};

function isSeen({ server }: World, { kind, device }: Injury): boolean {
  const authority = server.gate?.relay.authority;
  switch (kind) {
    case "till-lost":
    case "server-lost":
      return authority?.devices.get(device)?.closed !== undefined;
    default:
      return false;
  }
}

import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";
import type { World } from "./world.ts";

/** Where what a device recorded ends to count: as far as the owner sees it, or back where it was replaced. */
export type StopAt = "here" | "replaced";

const neverRefused: ReadonlySet<string> = new Set(["not-entitled", "unknown-subject"]);

/**
 * With one tap in his list of devices the owner stops one that is in other hands.
 * @returns whether it was; not where his own device is away, or nothing is left to be stopped
 */
export async function stopForOwner(world: World, device: string, at: StopAt): Promise<boolean> {
  const { running } = world.owner ?? {};
  const key = running?.headless.personalKey;
  if (!running || !key || running.session.status().state !== "online") return false;
  const { replica } = running.headless;
  const known = replica.authority.devices.get(device);
  const isStopped = known?.closed && (known.closed.end || known.closed.why !== "replaced");
  if (!known || isStopped) return false;
  const own = [...replica.heads()].filter(
    ([chain, { next }]) => deviceOfChain(chain) === device && next > 0,
  );
  const cut = (at === "replaced" && known.closed?.cut) || Object.fromEntries(own);
  const proposal = { kind: "DeviceFrozen", body: { device, cut } } as const;
  const stopped = await running.session.changeAuthority(proposal, [key]);
  const outcome = stopped.ok ? "done" : stopped.refusal;
  world.trace.say(`the owner stops ${device}, ${at}: ${outcome}`);
  // What the server holds of it may be more by now; where it was replaced stays where it was.
  const isOdd = neverRefused.has(outcome) || (outcome === "cut-differs" && at === "replaced");
  if (isOdd) world.mishaps.push(`the owner could not stop ${device}, ${at}: ${outcome}`);
  return stopped.ok;
}

/**
 * A lost device stands among those in use: a recovery had left behind what enrolled it, another one took
 * the place in which the log still knew it, and then the owner gave its enrolment again. He knows that
 * it is lost, and stops it.
 * @returns whether one was stopped
 */
export async function stopLostOnes(world: World): Promise<boolean> {
  const { authority } = world.server.gate?.relay ?? {};
  if (!authority) return false;
  let isDone = false;
  for (const { kind, device } of world.witness.injuries)
    if (kind === "till-lost" && isGivenAgain(authority, device))
      isDone = (await stopForOwner(world, device, "here")) || isDone;
  return isDone;
}

function isGivenAgain({ devices, lost }: AuthorityState, id: string): boolean {
  const device = devices.get(id);
  const enrolments = [...lost.values()].filter(
    ({ entry }) => entry.kind === "DeviceEnrolled" && entry.body.device === id,
  );
  return device !== undefined && !device.closed && enrolments.length > 0;
}

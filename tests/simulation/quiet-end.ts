import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { loseServer } from "./disasters.ts";
import { answerForOwner } from "./owner-answers.ts";
import { stopLostOnes } from "./owner-stops.ts";
import type { World } from "./world.ts";

const lastMost = 6 * 60_000;
/** Longer than whatever anybody does by the clock: value is swept home every five seconds. */
const calmMs = 7000;
const lookMs = 500;
const answerMsMost = 20_000;

/**
 * Trouble stops: paths are whole, disks are well, everybody who was off is started. Then everybody
 * exchanges until nothing changes any more.
 * @returns whether it came to rest
 */
export async function comeToRest(world: World): Promise<boolean> {
  world.isOpen = false;
  world.trace.say("— quiet");
  world.network.mend();
  world.server.disk.restart();
  world.server.mood.fault = undefined;
  for (const till of world.tills) till.disk.fault = undefined;
  let calmSince = world.scheduler.nowMs;
  let before = "";
  const endMs = world.scheduler.nowMs + lastMost;
  const doubtMs = world.scheduler.nowMs + lastMost / 3;
  while (world.scheduler.nowMs < endMs) {
    await world.pause(lookMs);
    startAll(world);
    await retireRefused(world);
    await world.within(
      answerMsMost,
      answerForOwner(world).then(() => true),
    );
    // A server that wrote two histories of its own says so; only a new term ends that.
    const isDoubtful = world.server.gate?.relay.trouble() || isDisowned(world);
    if (world.scheduler.nowMs > doubtMs && isDoubtful && !world.isRecovering)
      void world.do(() => loseServer(world, "empty"));
    const now = restingState(world);
    if (now === undefined || now !== before) calmSince = world.scheduler.nowMs;
    else if (world.scheduler.nowMs - calmSince >= calmMs && !(await finishStopping(world)))
      return true;
    before = now ?? "";
  }
  return false;
}

/** Once everybody agrees, the owner looks through his list of devices. */
async function finishStopping(world: World): Promise<boolean> {
  let isStopped = false;
  const stopping = stopLostOnes(world).then((stopped) => {
    isStopped = stopped;
    return true;
  });
  await world.within(answerMsMost, stopping);
  return isStopped;
}

/**
 * The folder of a server in whose place the card had put another: every device that met that one says so,
 * and follows the old one no more.
 */
function isDisowned({ server, tills }: World): boolean {
  const { authority } = server.gate?.relay ?? {};
  return (
    authority !== undefined &&
    tills.some(({ running }) => {
      const own = running?.headless.replica.authority;
      return own !== undefined && compareLogs(own, authority).standing === "superseded";
    })
  );
}

/** What everybody holds, once all of them hold the same and have nothing left to do. */
function restingState(world: World): string | undefined {
  const { gate } = world.server;
  if (!gate || world.isRecovering || world.striking > 0) return undefined;
  const heads = [inWords(gate.relay)];
  for (const till of world.tills) {
    if (till.isReplacing || !till.running?.session.isSettled()) return undefined;
    heads.push(inWords(till.running.headless.replica));
  }
  const [first, ...others] = heads;
  return others.every((other) => other === first) ? first : undefined;
}

function inWords(replica: { authority: AuthorityState | undefined; heads(): Heads }): string {
  const heads = [...replica.heads()].filter(([, { next }]) => next > 0);
  return JSON.stringify([replica.authority?.lastHash, heads.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/**
 * Of a profile that ran twice one goes on and the other is told that it is not admitted. What it had not
 * sent stays on it, and it says so; it takes no part in what follows.
 */
async function retireRefused(world: World): Promise<void> {
  for (const till of [...world.tills]) {
    const { state, reason } = till.running?.session.status() ?? {};
    if (state !== "refused" || reason !== "not-admitted" || till.isReplacing) continue;
    till.crash();
    world.tills.splice(world.tills.indexOf(till), 1);
    const left = [...(await world.holdings()).values()];
    world.witness.diskLost(till.disk.texts(), left, `${till.name} is no longer admitted`);
  }
}

function startAll(world: World): void {
  world.revive();
  for (const till of world.tills)
    if (till.isEnrolled && !till.isReplacing && !till.isStarted) world.open(till);
}

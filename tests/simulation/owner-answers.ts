import { entriesToAnswer } from "../../shared/access/lost-path.ts";
import { readRecoveryWords, recoverySigner } from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { readLog, submitEntry } from "../../shared/replica/server-contact.ts";
import { signatures } from "./signing.ts";
import type { World } from "./world.ts";

/**
 * The owner gives again what a recovery left behind: with one tap at his own device, where that is one of
 * the shop's still, or with the card.
 */
export async function answerForOwner(world: World): Promise<void> {
  const { relay } = world.server.gate ?? {};
  const through = relay?.authority && entriesToAnswer(relay.authority).at(-1)?.[0];
  if (through === undefined || world.isRecovering) return;
  const proposal = { kind: "EntriesReinstated", body: { through } } as const;
  const { running } = world.owner;
  const key = running?.headless.personalKey;
  const isAtWork = running?.session.status().state === "online" && key !== undefined;
  if (isAtWork && world.dice.chance(0.7)) {
    const answered = await running.session.changeAuthority(proposal, [key]);
    world.trace.say(`the owner gives again: ${answered.ok ? "done" : answered.refusal}`);
    if (answered.ok) return;
  }
  const { platform } = world.tills.find((till) => till.running)?.running ?? {};
  const recovery = readRecoveryWords(world.words);
  if (!platform || !recovery) return;
  const signer = recoverySigner(recovery);
  const api = platform.httpApi("");
  const log = await readLog(api, signer, signatures);
  if (!log.ok) return;
  const entry = await signEntry(
    log.value.state,
    proposal,
    [{ by: "recovery", signer }],
    platform.clock.nowMs(),
  );
  const answered = await submitEntry(api, entry);
  world.trace.say(`the card gives again: ${answered.ok ? "done" : answered.refusal}`);
}

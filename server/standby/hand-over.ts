import * as z from "zod/mini";
import { type ChainId, readOperation, refOf } from "../../shared/journal/operation.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { challengeOf } from "../../shared/replica/server-contact.ts";
import type { ServerApi } from "../../shared/sync/server-api.ts";
import { ticketBytes } from "../../shared/sync/ticket.ts";
import type { KeyEntry } from "../relay/keyring.ts";
import type { Relay } from "../relay/relay.ts";

const answer = z.object({
  answers: z.array(z.string()),
  heads: z.array(z.tuple([z.string(), z.number(), z.string()])),
});

const keysAtOnce = 1000;

interface HandOverDeps {
  relay: Relay;
  /** of the server that serves the shop now */
  api: ServerApi;
  signer: Signer;
}

/**
 * What a server holds that its successor lacks: runs that devices gave it after the standby had last
 * heard of it. They certify themselves; the closed identity of the old server is enough to bring them.
 * @returns how many runs were handed over, and whether the successor now holds all that is here
 * @throws Unreachable
 */
export async function handOver(deps: HandOverDeps): Promise<{ runs: number; isDone: boolean }> {
  const { relay } = deps;
  const apart = await Promise.all(relay.branches().map(({ head }) => relay.runOfBranch(head)));
  const first = await bring(
    deps,
    apart.flatMap((run) => run ?? []),
  );
  if (!first) return { runs: 0, isDone: false };
  const there = new Map<ChainId, number>(first.heads.map(([chain, next]) => [chain, next]));
  let runs = 0;
  for (const [chain, { next }] of relay.heads())
    for (let from = there.get(chain) ?? 0; from < next; ) {
      const part = await relay.runsFrom(chain, from);
      const last = readSeal(part.at(-1)?.seal ?? "")?.last;
      const taken = last === undefined ? undefined : await bring(deps, part);
      if (last === undefined || !taken?.answers.every((each) => each === "kept"))
        return { runs, isDone: false };
      runs += part.length;
      from = last + 1;
    }
  return { runs, isDone: true };
}

/** Keys come before the runs that need them, and no more of them than one request takes. */
async function bring(deps: HandOverDeps, runs: readonly Run[]) {
  const keys = keysOf(deps.relay, runs);
  const last = Math.max(0, keys.length - (keys.length % keysAtOnce || keysAtOnce));
  for (let at = 0; at < last; at += keysAtOnce)
    if (!(await post(deps, [], keys.slice(at, at + keysAtOnce)))) return undefined;
  return post(deps, runs, keys.slice(last));
}

async function post(
  { relay, api, signer }: HandOverDeps,
  runs: readonly Run[],
  keys: readonly KeyEntry[],
) {
  const challenge = await challengeOf(api);
  if (!challenge.ok) return undefined;
  const { device } = relay;
  const org = relay.authority?.org ?? "";
  const { status, body } = await api.post("/api/v1/leftovers", {
    device,
    challenge: challenge.value,
    signature: await signer.sign(ticketBytes(org, device, challenge.value)),
    runs,
    keys,
  });
  const { data } = answer.safeParse(body);
  return status === 200 ? data : undefined;
}

/** Keys of the members that these runs add. */
function keysOf(relay: Relay, runs: readonly Run[]): KeyEntry[] {
  const added = new Set(
    runs.flatMap(({ operations }) =>
      operations.flatMap((text) => {
        const operation = text.includes('"kind":"MemberAdded"') ? readOperation(text) : undefined;
        return operation ? [refOf(operation)] : [];
      }),
    ),
  );
  return added.size === 0 ? [] : [...relay.keyring.entries()].filter(([id]) => added.has(id));
}

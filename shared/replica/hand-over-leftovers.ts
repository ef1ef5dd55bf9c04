import { readOperation, refOf } from "../journal/operation.ts";
import type { Signer } from "../journal/ports.ts";
import type { Run } from "../journal/run.ts";
import type { MemberId } from "../members/member-kinds.ts";
import type { ServerApi } from "../sync/server-api.ts";
import { ticketBytes } from "../sync/ticket.ts";
import type { DeviceReplica } from "./device-replica.ts";
import { challengeOf } from "./server-contact.ts";

const runsAtOnce = 100;
const lengthAtOnce = 500_000;

/**
 * Hands over what a device has recorded and the server does not hold, though it is let in no longer.
 * @returns how many runs are kept there now
 * @throws Unreachable
 */
export async function handOverLeftovers({
  replica,
  api,
  signer,
}: {
  replica: DeviceReplica;
  api: ServerApi;
  signer: Signer;
}): Promise<number> {
  const { device } = replica;
  let kept = 0;
  for (const part of partsOf(replica.looseRuns())) {
    const challenge = await challengeOf(api);
    if (!challenge.ok) return kept;
    const { org } = replica.authority;
    const signature = await signer.sign(ticketBytes(org, device, challenge.value));
    const request = { device, challenge: challenge.value, signature, runs: part };
    const answer = await api.post("/api/v1/leftovers", {
      ...request,
      keys: keysFor(replica, part),
    });
    const { answers } = (answer.body ?? {}) as { answers?: unknown };
    if (answer.status !== 200 || !Array.isArray(answers)) return kept;
    kept += answers.filter((each) => each === "kept").length;
  }
  return kept;
}

function* partsOf(runs: readonly Run[]): Generator<{ operations: string[]; seal: string }[]> {
  let part: { operations: string[]; seal: string }[] = [];
  let length = 0;
  for (const { operations, seal } of runs) {
    const own = operations.reduce((sum, text) => sum + text.length, seal.length);
    if (part.length >= runsAtOnce || (part.length > 0 && length + own > lengthAtOnce)) {
      yield part;
      part = [];
      length = 0;
    }
    part.push({ operations: [...operations], seal });
    length += own;
  }
  if (part.length > 0) yield part;
}

/** Keys of members that these runs add. */
const keysFor = (replica: DeviceReplica, runs: readonly Run[]): [MemberId, string][] =>
  runs.flatMap(({ operations }) =>
    operations.flatMap((text): [MemberId, string][] => {
      const operation = text.includes('"kind":"MemberAdded"') ? readOperation(text) : undefined;
      const member = operation && refOf(operation);
      const key = member === undefined ? undefined : replica.keyText(member);
      return member === undefined || key === undefined ? [] : [[member, key]];
    }),
  );

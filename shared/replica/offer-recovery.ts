import { toBase64Url } from "../journal/bytes.ts";
import { deviceOfChain } from "../journal/operation.ts";
import type { RandomSource, Signatures } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { problemCode, type ServerApi } from "../sync/server-api.ts";
import { recoveryProofBytes } from "../sync/ticket.ts";
import type { DeviceReplica } from "./device-replica.ts";

const chainsMost = 4096;

/**
 * A new server that holds nothing but the recovery key: once it has proved that, it is given the
 * authority log, and with it may open the next term. Runs follow over the ordinary connection.
 */
export async function offerRecovery(
  { api, signatures, random }: { api: ServerApi; signatures: Signatures; random: RandomSource },
  replica: DeviceReplica,
): Promise<Result<void, string>> {
  const { org, recovery } = replica.authority;
  const nonce = toBase64Url(random.bytes(24));
  const answer = await api.get(`/api/v1/recovery?nonce=${nonce}&org=${org}`);
  const { proof } = (answer.body ?? {}) as { proof?: unknown };
  if (answer.status !== 200 || typeof proof !== "string") return refuse(problemCode(answer));
  const isOwners = await signatures.verify(recovery.sign, recoveryProofBytes(org, nonce), proof);
  if (!isOwners) return refuse("not-the-owners-server");
  const servers = new Set(
    [...replica.authority.devices.values()].filter((device) => device.server).map(({ id }) => id),
  );
  const seals: string[] = [];
  for (const [chain, { next }] of replica.heads()) {
    if (next === 0 || !servers.has(deviceOfChain(chain))) continue;
    const [last] = await replica.runsFrom(chain, next - 1, 1);
    if (last) seals.push(last.seal);
  }
  const taken = await api.post("/api/v1/recovery/authority", {
    entries: await replica.readDocument("authority", 0, replica.documentLength("authority")),
    seals,
    caller: {
      device: replica.device,
      heads: [...replica.heads()].slice(0, chainsMost).map(([chain, { next }]) => [chain, next]),
    },
  });
  return taken.status === 200 ? done(undefined) : refuse(problemCode(taken));
}

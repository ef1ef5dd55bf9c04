import * as z from "zod/mini";
import { openNextTerm } from "../access/open-next-term.ts";
import type { PairingCode } from "../access/pairing-code.ts";
import type { RecoveryKey } from "../access/recovery-key.ts";
import { greetingProof, refillProof, standingProof } from "../access/refill-proof.ts";
import { toBase64Url } from "../journal/bytes.ts";
import type { RandomSource } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { problemCode, type ServerApi } from "../sync/server-api.ts";
import type { DeviceReplica } from "./device-replica.ts";

const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const key = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const count = z.number().check(z.int(), z.minimum(0));
const fen = z.number().check(z.int());

const greeting = z.object({ server: z.object({ device: id, key }), proof: key });
const standing = z.object({
  operations: count,
  state: z.optional(
    z.object({ hash: z.string(), members: count, operations: count, principal: fen, bonus: fen }),
  ),
});

/** The identity of a server that has shown that it knows the code. */
export type NewServer = z.infer<typeof greeting>["server"];

/** How far a server is that is being refilled; `state` once it was asked for. Amounts in fen. */
export type RefillStanding = z.infer<typeof standing>;

interface AskDeps {
  /** at the new server's address */
  api: ServerApi;
  random: RandomSource;
}

/**
 * Asks whether this is the server that shows the code: nothing is told to it before it has proved that.
 * @returns `not-accepted` for another server or code; `already-founded` when it serves a shop already
 * @throws Unreachable
 */
export async function greetNewServer(
  { api, random }: AskDeps,
  code: PairingCode,
): Promise<Result<NewServer, string>> {
  const nonce = toBase64Url(random.bytes(24));
  const answer = await api.post("/api/v1/refill/greet", { nonce });
  if (answer.status !== 200) return refuse(problemCode(answer));
  const { data } = greeting.safeParse(answer.body);
  if (!data) return refuse("not-a-server");
  return data.proof === greetingProof(code, nonce, data.server)
    ? done(data.server)
    : refuse("not-accepted");
}

/**
 * Makes a new server the shop's: the next term is opened here, with the recovery key, which stays here.
 * The server gets the authority log; runs follow over the ordinary connection.
 * @throws Unreachable
 */
export async function refillServer(
  {
    api,
    address,
    nowMs,
    replica,
  }: {
    api: ServerApi;
    /** origin at which it is reached: other devices are told */
    address: string;
    nowMs: number;
    replica: DeviceReplica;
  },
  { code, server, recovery }: { code: PairingCode; server: NewServer; recovery: RecoveryKey },
): Promise<Result<void, string>> {
  const { authority } = replica;
  const next = { heads: replica.heads(), server };
  const entry = await openNextTerm(authority, next, recovery, nowMs);
  const log = await replica.readDocument("authority", 0, replica.documentLength("authority"));
  const entries = [...log, entry];
  const proof = refillProof(code, server, { entries, address });
  const answer = await api.post("/api/v1/refill/authority", { entries, address, proof });
  return answer.status === 200 ? done(undefined) : refuse(problemCode(answer));
}

/**
 * @param full asks for counts and sums too, which takes the server a moment
 * @throws Unreachable
 */
export async function askStanding(
  { api, random }: AskDeps,
  code: PairingCode,
  full: boolean,
): Promise<RefillStanding | undefined> {
  const nonce = toBase64Url(random.bytes(24));
  const proof = standingProof(code, nonce);
  const answer = await api.post("/api/v1/refill/standing", { nonce, proof, full });
  return answer.status === 200 ? standing.safeParse(answer.body).data : undefined;
}

import * as z from "zod/mini";
import { readAuthorityLog } from "../access/authority-log.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import type { Signatures, Signer } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { problemCode, type ServerApi } from "../sync/server-api.ts";
import { pairingBytes, ticketBytes } from "../sync/ticket.ts";

const chainHead = z.tuple([
  z.string().check(z.regex(/^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/)),
  z.number().check(z.int(), z.minimum(0)),
  z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
]);
/** As much of each answer as is used; whatever else stands there is left. */
const answers = {
  challenge: z.object({ challenge: z.string() }),
  log: z.object({
    entries: z.array(z.string()).check(z.minLength(1)),
    heads: z.optional(z.array(chainHead)),
  }),
};

/** What a server says of itself to anybody. */
export interface ServerMode {
  mode: "new" | "ready" | "recovering";
  org: string;
  name: string;
  version: string;
}

/**
 * @returns `not-a-server`, or `standby` or `superseded` for one that serves nobody
 * @throws Unreachable
 */
export async function askMode(api: ServerApi): Promise<Result<ServerMode, string>> {
  await api.choose?.();
  const { status, body } = await api.get("/api/v1/organisation");
  if (status !== 200 || typeof body !== "object" || body === null) return refuse("not-a-server");
  const { mode, org, name, version } = body as Record<string, unknown>;
  if (mode === "standby" || mode === "superseded") return refuse(mode);
  if (mode !== "new" && mode !== "ready" && mode !== "recovering") return refuse("not-a-server");
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return done({ mode, org: text(org), name: text(name), version: text(version) });
}

export async function challengeOf(api: ServerApi): Promise<Result<string, string>> {
  const answer = await api.post("/api/v1/challenge", {});
  const { data } = answers.challenge.safeParse(answer.body);
  return answer.status === 200 && data ? done(data.challenge) : refuse(problemCode(answer));
}

/** One-use tickets for sockets, for a device that proves its key. */
export async function askTickets(
  api: ServerApi,
  { org, device, signer }: { org: string; device: string; signer: Signer },
  count: number,
): Promise<Result<string[], string>> {
  const challenge = await challengeOf(api);
  if (!challenge.ok) return challenge;
  const signature = await signer.sign(ticketBytes(org, device, challenge.value));
  const request = { device, challenge: challenge.value, signature, count };
  const answer = await api.post("/api/v1/tickets", request);
  const { tickets } = (answer.body ?? {}) as { tickets?: unknown };
  return answer.status === 200 && Array.isArray(tickets)
    ? done(tickets.filter((ticket): ticket is string => typeof ticket === "string"))
    : refuse(problemCode(answer));
}

export interface ReadLog {
  texts: string[];
  state: AuthorityState;
  /** what the server holds: chain, next sequence, hash */
  heads: [string, number, string][];
}

/** Reads and checks the authority log, for who holds an invitation, a device key or the recovery key. */
export async function readLog(
  api: ServerApi,
  signer: Signer,
  signatures: Signatures,
): Promise<Result<ReadLog, string>> {
  const challenge = await challengeOf(api);
  if (!challenge.ok) return challenge;
  const signature = await signer.sign(pairingBytes(challenge.value));
  const request = { challenge: challenge.value, key: signer.publicKey, signature };
  const answer = await api.post("/api/v1/authority/read", request);
  const { data } = answers.log.safeParse(answer.body);
  if (answer.status !== 200 || !data) return refuse(problemCode(answer));
  const { entries, heads } = data;
  const state = await readAuthorityLog(entries, signatures);
  return state.ok
    ? done({ texts: entries, state: state.value, heads: heads ?? [] })
    : refuse("forged-log");
}

/** @returns `not-next` when somebody else's entry came first: read the log and sign again */
export async function submitEntry(api: ServerApi, entry: string): Promise<Result<void, string>> {
  const answer = await api.post("/api/v1/authority/entries", { entry });
  return answer.status === 200 ? done(undefined) : refuse(problemCode(answer));
}

import { createHash, timingSafeEqual } from "node:crypto";
import type { Hono } from "hono";
import { readEntry } from "../../shared/access/authority-entry.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import {
  greetingProof,
  type RefillProof,
  refillProof,
  standingProof,
} from "../../shared/access/refill-proof.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import type { ApiEnv } from "./api-env.ts";
import { allowOtherOrigins } from "./other-origins.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import { modeOf, type Site } from "./site.ts";

/**
 * A new server that a device of the shop refills, with the code that the server shows. The page comes
 * from wherever the old server was: who may is decided by the code and nothing else.
 */
export function addRefillRoutes(app: Hono<ApiEnv>, site: Site): void {
  allowOtherOrigins(app, "/api/v1/refill/*", () => true);

  app.post("/api/v1/refill/greet", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    if (modeOf(site) !== "new") return problemResponse("already-founded");
    const request = await readRequest(context, "refillGreet");
    if (!request) return problemResponse("malformed");
    const { server, setupCode } = site;
    return context.json({ server, proof: greetingProof(setupCode, request.nonce, server) });
  });

  app.post("/api/v1/refill/authority", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    const request = await readRequest(context, "refillAuthority");
    if (!request) return problemResponse("malformed");
    const { entries, address, proof } = request;
    if (!isProof(proof, refillProof(site.setupCode, site.server, { entries, address })))
      return problemResponse("not-accepted");
    // The answer to the same request may have got lost.
    const isDone = entries.at(-1) === site.relay.ledger.authorityTexts[entries.length - 1];
    if (modeOf(site) !== "new" && !isDone) return problemResponse("already-founded");
    const fault = isDone ? undefined : await faultOfRefill(entries, site);
    if (fault) return problemResponse("malformed", { detail: fault });
    const founded = isDone ? { ok: true as const } : await site.relay.found(entries);
    if (!founded.ok) return problemResponse(founded.refusal);
    await site.movedFrom(context.req.header("origin"), address);
    return context.json({ term: site.relay.authority?.term ?? 0 });
  });

  app.post("/api/v1/refill/standing", async (context) => {
    const request = await readRequest(context, "refillStanding");
    if (!request) return problemResponse("malformed");
    if (!isProof(request.proof, standingProof(site.setupCode, request.nonce)))
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    return context.json(standingOf(site, request.full));
  });
}

/** Why this log does not make this server the shop's. */
async function faultOfRefill(
  entries: readonly string[],
  { server, signatures }: Pick<Site, "server" | "signatures">,
): Promise<string | undefined> {
  const log = await readAuthorityLog(entries, signatures);
  if (!log.ok) return log.refusal;
  const last = readEntry(entries.at(-1) ?? "");
  if (last?.kind !== "TermOpened") return "it does not end with a new term";
  const named = last.body.server;
  const isThis = named.device === server.device && named.key === server.key;
  return isThis ? undefined : "another server's identity";
}

/** Counts and sums are made only when asked for: they take a moment that everybody else waits. */
function standingOf({ relay }: Site, full: boolean) {
  const operations = [...relay.heads().values()].reduce((sum, { next }) => sum + next, 0);
  if (!full || !relay.authority) return { operations };
  const { hash, counts, liabilities } = summarise(relay.ledger);
  const { members = 0 } = counts;
  return { operations, state: { hash, members, operations: counts.operations, ...liabilities } };
}

/** In constant time. */
function isProof(shown: RefillProof, right: RefillProof): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(shown), digest(right));
}

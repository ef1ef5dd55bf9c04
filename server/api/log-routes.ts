import type { Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/** Nobody's fault: the same is brought again later. */
const isForLater = (code: string): boolean => code.startsWith("store-");

/**
 * Entries of the authority log that this server lacks, from whoever holds them: a device that it does
 * not let in may be the only one. Entries certify themselves; what is told here is only which of the
 * heads that somebody names are known, and heads can be named only by who has seen the log.
 */
export function addLogRoutes(app: Hono<ApiEnv>, { relay }: Site): void {
  app.post("/api/v1/authority/compare", async (context) => {
    const request = await readRequest(context, "compareAuthority");
    if (!request) return problemResponse("malformed");
    if (!relay.authority) return problemResponse("not-founded");
    const compared = relay.log.compare(request.heads);
    if (compared.known > 0) return context.json(compared);
    return context.var.guess()
      ? problemResponse("not-accepted")
      : problemResponse("too-many-tries");
  });

  app.post("/api/v1/authority/tail", async (context) => {
    const request = await readRequest(context, "tailOfAuthority");
    if (!request) return problemResponse("malformed");
    const taken = await relay.log.take(request.after, request.entries);
    if (taken.ok) return context.json({ head: relay.authority?.heads.at(-1) });
    if (!isForLater(taken.refusal) && !context.var.guess())
      return problemResponse("too-many-tries");
    return problemResponse(taken.refusal);
  });
}

import type { Hono } from "hono";
import { hearOfSuccessor } from "../standby/fence.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/** A server that was promoted shows the one before it that the recovery key has closed it. */
export function addSuccessorRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, signatures } = site;
  app.post("/api/v1/successor", async (context) => {
    const request = await readRequest(context, "successor");
    if (!request) return problemResponse("malformed");
    const heard = await hearOfSuccessor(relay, request.entries, signatures);
    if (heard.ok) site.dismiss();
    if (heard.ok) return context.json({ term: relay.authority?.term ?? 0 });
    return context.var.guess() ? problemResponse(heard.refusal) : problemResponse("too-many-tries");
  });
}

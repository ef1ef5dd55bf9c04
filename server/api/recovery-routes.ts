import type { Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import { modeOf, type Site } from "./site.ts";

/** What a device may do with a server that has nothing but the owner's recovery key. */
export function addRecoveryRoutes(app: Hono<ApiEnv>, site: Site): void {
  app.get("/api/v1/recovery", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    const { recovery } = site;
    if (!recovery || modeOf(site) !== "recovering") return problemResponse("not-recovering");
    const nonce = context.req.query("nonce") ?? "";
    const org = context.req.query("org") ?? "";
    if (!/^[A-Za-z0-9_-]{16,64}$/.test(nonce) || !/^[a-z0-9]{1,32}$/.test(org))
      return problemResponse("malformed");
    return context.json({ proof: await recovery.prove(org, nonce) });
  });

  app.post("/api/v1/recovery/authority", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    const { recovery } = site;
    if (!recovery || modeOf(site) !== "recovering") return problemResponse("not-recovering");
    const request = await readRequest(context, "recoveryAuthority");
    if (!request) return problemResponse("malformed");
    const adopted = await recovery.adopt(request.entries, request.seals, request.caller);
    return adopted.ok
      ? context.json({ term: site.relay.authority?.term ?? 0 })
      : problemResponse(adopted.refusal);
  });
}

import type { Hono } from "hono";
import { ticketBytes } from "../../shared/sync/ticket.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/**
 * A device that was replaced or frozen is let in no longer, but what it still has must not be lost: its
 * runs are kept, shown and not counted beyond the cut.
 */
export function addLeftoverRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, tickets, signatures } = site;

  app.post("/api/v1/leftovers", async (context) => {
    const request = await readRequest(context, "leftovers");
    if (!request) return problemResponse("malformed");
    const { authority } = relay;
    if (!authority) return problemResponse("not-founded");
    const device = authority.devices.get(request.device);
    const bytes = ticketBytes(authority.org, request.device, request.challenge);
    const isSigned =
      tickets.redeemChallenge(request.challenge) &&
      (await signatures.verify(device?.key ?? "", bytes, request.signature));
    if (!isSigned || !device?.closed)
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    const keys = await relay.putKeys(request.keys, device.id);
    if (!keys.ok) return problemResponse(keys.refusal);
    const answers: string[] = [];
    for (const run of request.runs) {
      const answer = await relay.submit(run, device.id);
      answers.push(answer.ok ? "kept" : answer.code === "apart" ? "kept" : answer.code);
    }
    // How far it need not bring anything.
    const heads = [...relay.heads()].map(([chain, { next, hash }]) => [chain, next, hash]);
    return context.json({ answers, heads });
  });
}

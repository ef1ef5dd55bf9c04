import type { Hono } from "hono";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import type { Site } from "./site.ts";

/** How safe the records are, for devices on which a manager or owner may act. */
export function addSafetyRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, tickets } = site;
  app.get("/api/v1/safety", async (context) => {
    const { authority } = relay;
    if (!authority) return problemResponse("not-founded");
    const [, ticket = ""] =
      /^Bearer ([A-Za-z0-9_-]{16,64})$/.exec(context.req.header("authorization") ?? "") ?? [];
    const device = tickets.redeemTicket(ticket);
    if (device === undefined)
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    if (!maySee(authority, device)) return problemResponse("not-entitled");
    return context.json(await site.safety());
  });
}

function maySee(authority: AuthorityState, id: string): boolean {
  const device = authority.devices.get(id);
  return (
    device !== undefined &&
    !device.closed &&
    (device.ceiling === "owner" || device.ceiling === "manager")
  );
}

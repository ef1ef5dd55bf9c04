import type { Hono } from "hono";
import { mayAct } from "../../shared/access/proposals.ts";
import type { Result } from "../../shared/outcome/result.ts";
import { targetSettings } from "../backups/target-settings.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/**
 * Places of backups, for devices that hold the key of an owner or manager. Passwords come over an
 * encrypted connection or from this machine only, and never go back.
 */
export function addTargetRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, tickets, targets } = site;
  app.post("/api/v1/targets", async (context) => {
    const isHttps = new URL(context.req.url).protocol === "https:";
    if (!isHttps && !isThisMachine(context.env.address)) return problemResponse("https-only");
    const request = await readRequest(context, "targets");
    if (!request) return problemResponse("malformed");
    const { authority } = relay;
    if (!authority) return problemResponse("not-founded");
    const device = authority.devices.get(tickets.redeemTicket(request.ticket) ?? "");
    if (!device)
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    if (!mayAct(authority, { staff: device.staff, device: device.id }))
      return problemResponse("not-entitled");
    const { ask } = request;
    if (ask.do === "list") return context.json(await targets.list());
    if (ask.do === "remove") return answerOf(await targets.remove(ask.id));
    const parsed = targetSettings.safeParse(ask.settings);
    if (!parsed.success) return problemResponse("settings-invalid");
    if (ask.do === "test") return context.json(await targets.test(parsed.data));
    const { name, offSite, offline } = ask;
    return answerOf(await targets.add(name, parsed.data, { offSite, offline }));
  });
}

const answerOf = (answer: Result<unknown, string>): Response =>
  answer.ok ? Response.json(answer.value) : problemResponse(answer.refusal);

/** A proxy on this machine has unwrapped https already. */
const isThisMachine = (address: string): boolean =>
  address === "::1" || /^(::ffff:)?127\./.test(address);

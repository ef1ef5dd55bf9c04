import { createHash, timingSafeEqual } from "node:crypto";
import type { Hono } from "hono";
import { readEntry } from "../../shared/access/authority-entry.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import { readPairingCode } from "../../shared/access/pairing-code.ts";
import { businessDateOf } from "../../shared/time/business-date.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import { modeOf, type Site } from "./site.ts";

/** Founding an organisation from a browser, with the code from the server's terminal. */
export function addSetupRoutes(app: Hono<ApiEnv>, site: Site): void {
  app.get("/api/v1/setup", (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    if (modeOf(site) !== "new") return problemResponse("already-founded");
    if (!isCode(context.req.query("code") ?? "", site.setupCode))
      return problemResponse("not-accepted");
    return context.json({ server: site.server });
  });

  app.post("/api/v1/setup", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    if (modeOf(site) !== "new") return problemResponse("already-founded");
    const request = await readRequest(context, "setup");
    if (!request) return problemResponse("malformed");
    if (!isCode(request.code, site.setupCode)) return problemResponse("not-accepted");
    const fault = await faultOfFounding(request.entries, site);
    if (fault) return problemResponse("malformed", { detail: fault });
    const founded = await site.relay.found(request.entries);
    return founded.ok ? context.json({ head: founded.value }) : problemResponse(founded.refusal);
  });
}

/** The address that devices will use, chosen before there is an owner who could sign for it. */
export function addSetupAddressRoutes(app: Hono<ApiEnv>, site: Site): void {
  app.get("/api/v1/setup/address", (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    if (modeOf(site) !== "new") return problemResponse("already-founded");
    return isCode(context.req.query("code") ?? "", site.setupCode)
      ? context.json(site.address.facts())
      : problemResponse("not-accepted");
  });

  app.post("/api/v1/setup/address", async (context) => {
    if (!context.var.guess()) return problemResponse("too-many-tries");
    if (modeOf(site) !== "new") return problemResponse("already-founded");
    const request = await readRequest(context, "setupAddress");
    if (!request) return problemResponse("malformed");
    if (!isCode(request.code, site.setupCode)) return problemResponse("not-accepted");
    const chosen = await site.address.choose(request.origin);
    return chosen.ok ? context.json(chosen.value) : problemResponse(chosen.refusal);
  });
}

/** Codes are compared as hashes, in constant time. */
function isCode(typed: string, code: string): boolean {
  const plain = readPairingCode(typed) ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(plain), digest(code));
}

/** Why these entries cannot found an organisation on this server. */
export async function faultOfFounding(
  entries: readonly string[],
  site: Pick<Site, "server" | "signatures">,
): Promise<string | undefined> {
  const log = await readAuthorityLog(entries, site.signatures);
  if (!log.ok) return log.refusal;
  const first = readEntry(entries[0] ?? "");
  if (first?.kind !== "OrganisationFounded") return "malformed";
  const { server, timeZone } = first.body;
  if (server.device !== site.server.device || server.key !== site.server.key)
    return "another server's identity";
  try {
    businessDateOf(0, timeZone);
  } catch {
    return "unknown time zone";
  }
  return undefined;
}

import type { Context, Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { joinCheck, joinPixel, joinStyle } from "./join-files.ts";
import { joinPage } from "./join-page.ts";
import { joinProfile } from "./join-profile.ts";
import { readJoinRequest } from "./join-request.ts";
import { problemResponse } from "./problems.ts";
import type { Site } from "./site.ts";

/** What a device gets before it trusts this server, over http or https alike. */
export function addJoinRoutes(app: Hono<ApiEnv>, site: Pick<Site, "https" | "address">): void {
  const { https, address } = site;

  app.get("/join", (context) => {
    if (https.standing.kind === "off") return context.redirect("/");
    const { origin, join, authority } = address.facts();
    const request = readJoinRequest({
      chosenDevice: context.req.query("device"),
      chosenLanguage: context.req.query("lang"),
      userAgent: context.req.header("user-agent") ?? "",
      acceptLanguage: context.req.header("accept-language") ?? "",
    });
    const fingerprint = join === undefined ? undefined : authority?.fingerprint;
    const page = joinPage({ origin, join, fingerprint }, request);
    return answer(context, page, "text/html; charset=utf-8");
  });

  app.get("/join/root.crt", (context) => {
    const root = https.standing.authority;
    if (!root) return problemResponse("not-found");
    context.header("content-disposition", 'attachment; filename="youbei-root.crt"');
    return answer(context, root.facts.der, "application/x-x509-ca-cert");
  });

  app.get("/join/root.mobileconfig", (context) => {
    const root = https.standing.authority;
    if (!root) return problemResponse("not-found");
    context.header("content-disposition", 'attachment; filename="youbei.mobileconfig"');
    return answer(context, joinProfile(root.facts), "application/x-apple-aspen-config");
  });

  app.get("/join/style.css", (context) => answer(context, joinStyle, "text/css; charset=utf-8"));
  app.get("/join/check.js", (context) =>
    answer(context, joinCheck, "text/javascript; charset=utf-8"),
  );
  app.get("/join/trusted.png", (context) => {
    context.header("cross-origin-resource-policy", "cross-origin");
    return answer(context, joinPixel, "image/png");
  });
}

function answer(context: Context, body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  context.header("content-type", type);
  context.header("cache-control", "no-store");
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
  context.header(
    "content-security-policy",
    [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      // The image of the check; an origin with an IPv6 address cannot be named here.
      "img-src http: https:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  );
  return context.body(body);
}

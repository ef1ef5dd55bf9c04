import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { addAddressRoutes } from "./address-routes.ts";
import type { ApiEnv } from "./api-env.ts";
import { addAuthorityRoutes } from "./authority-routes.ts";
import { addJoinRoutes } from "./join-routes.ts";
import { addLeftoverRoutes } from "./leftover-routes.ts";
import { addLogRoutes } from "./log-routes.ts";
import { openApi } from "./openapi.ts";
import { allowOtherOrigins } from "./other-origins.ts";
import { problemResponse } from "./problems.ts";
import { AddressLimit } from "./rate-limit.ts";
import { addRecoveryRoutes } from "./recovery-routes.ts";
import { addRefillRoutes } from "./refill-routes.ts";
import { addSafetyRoutes } from "./safety-routes.ts";
import { addSetupAddressRoutes, addSetupRoutes } from "./setup-routes.ts";
import { modeOf, type Site } from "./site.ts";
import { type Assets, serveAsset } from "./static-files.ts";
import { addSuccessorRoutes } from "./successor-routes.ts";
import { addTargetRoutes } from "./target-routes.ts";

const bodyBytesMax = 256 * 1024;
/** Runs of a device that is no longer let in. */
const leftoverBytesMax = 2 * 1024 * 1024;
/** Names of all entries of an authority log, or a piece of them. */
const partOfLogBytesMax = 1024 * 1024;
/** A whole authority log, brought by a device to a recovering server. */
const logBytesMax = 64 * 1024 * 1024;

/** Guesses at codes and keys. */
const guessRate = {
  each: { burst: 20, perSecond: 0.5 },
  all: { burst: 300, perSecond: 5 },
};
/** Anything at all: generous, because behind a proxy a whole shop has one address. */
const requestRate = {
  each: { burst: 1000, perSecond: 100 },
  all: { burst: 5000, perSecond: 500 },
};

const contentPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  // The shop's server may be at another address now; browsers keep pages from https to plain http.
  "connect-src 'self' https: wss: ws: http://localhost:* http://127.0.0.1:*",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
].join("; ");

/** Everything that is HTTP: the interface under `/api/v1`, health, and the app itself. */
export function createApp(site: Site, assets: Assets, report: (error: unknown) => void) {
  const app = new Hono<ApiEnv>();
  const guesses = new AddressLimit(site.clock, guessRate);
  const requests = new AddressLimit(site.clock, requestRate);

  app.use("*", async (context, next) => {
    const { address } = context.env;
    context.set("guess", () => guesses.allows(address));
    if (context.req.path.startsWith("/api/") && !requests.allows(address))
      return problemResponse("too-many-tries");
    await next();
    const { headers } = context.res;
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    // The join page has a stricter policy of its own, and may be seen over plain http.
    if (!headers.has("content-security-policy")) {
      headers.set("content-security-policy", contentPolicy);
      headers.set("cross-origin-opener-policy", "same-origin");
    }
    if (site.isHttps) headers.set("strict-transport-security", "max-age=31536000");
    if (context.req.path.startsWith("/api/") && !headers.has("cache-control"))
      headers.set("cache-control", "no-store");
  });
  allowOtherOrigins(app, "/api/*", (origin) => site.isOurOrigin(origin));
  const limit = (maxSize: number) =>
    bodyLimit({ maxSize, onError: () => problemResponse("too-large") });
  const larger: Readonly<Record<string, number>> = {
    "/api/v1/recovery/authority": logBytesMax,
    "/api/v1/refill/authority": logBytesMax,
    "/api/v1/successor": logBytesMax,
    "/api/v1/leftovers": leftoverBytesMax,
    "/api/v1/authority/compare": partOfLogBytesMax,
    "/api/v1/authority/tail": partOfLogBytesMax,
  };
  app.post("/api/*", (context, next) =>
    limit(larger[context.req.path] ?? bodyBytesMax)(context, next),
  );

  app.get("/healthz", (context) => context.text("ok"));
  app.get("/readyz", (context) => {
    const trouble = site.relay.trouble();
    return trouble === undefined
      ? context.json({ ready: true, mode: modeOf(site) })
      : problemResponse(trouble.startsWith("store-") ? trouble : "store-broken", { ready: false });
  });
  app.get("/api/v1/organisation", (context) => {
    const { authority } = site.relay;
    return context.json({
      mode: modeOf(site),
      org: authority?.org,
      name: authority?.name,
      term: authority?.term,
      timeZone: authority?.timeZone,
      origin: site.address.origin(),
      join: site.address.join(),
      addresses: site.addresses(),
      version: site.version,
      nowMs: site.clock.nowMs(),
    });
  });
  app.get("/api/v1/openapi.json", (context) => context.json(openApi(site.version)));
  addSetupRoutes(app, site);
  addSetupAddressRoutes(app, site);
  addAddressRoutes(app, site);
  addAuthorityRoutes(app, site);
  addRecoveryRoutes(app, site);
  addRefillRoutes(app, site);
  addLeftoverRoutes(app, site);
  addLogRoutes(app, site);
  addSuccessorRoutes(app, site);
  addSafetyRoutes(app, site);
  addTargetRoutes(app, site);
  addJoinRoutes(app, site);

  app.get("*", (context) =>
    /^\/(api|sync)(\/|$)/.test(context.req.path)
      ? problemResponse("not-found")
      : serveAsset(assets, context.req.path, context.req.raw.headers),
  );
  app.notFound(() => problemResponse("not-found"));
  app.onError((error) => {
    report(error);
    return problemResponse("unexpected");
  });
  return app;
}

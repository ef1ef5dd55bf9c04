import { Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";
import { addJoinRoutes } from "./join-routes.ts";
import { problemResponse } from "./problems.ts";
import type { Site } from "./site.ts";

/** All that other machines get over plain http once https is on: it knows nothing of the shop. */
export function createJoinApp(site: Pick<Site, "https" | "address">) {
  const app = new Hono<ApiEnv>();
  addJoinRoutes(app, site);
  app.get("*", (context) =>
    /^\/(api|sync|healthz|readyz|metrics)(\/|$)/.test(context.req.path)
      ? problemResponse("https-only")
      : context.redirect("/join"),
  );
  app.notFound(() => problemResponse("https-only"));
  return app;
}

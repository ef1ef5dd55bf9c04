import { Hono } from "hono";
import type { ApiEnv } from "../api/api-env.ts";
import { problemResponse } from "../api/problems.ts";

export interface StandbyFacts {
  org: string;
  name: string;
  term: number;
  /** address of the server that it follows */
  of: string;
}

/** All that a standby answers: that it is one. Anybody may read that, from any page. */
export function createStandbyApp(
  facts: () => StandbyFacts,
  { version, nowMs }: { version: string; nowMs(): number },
) {
  const app = new Hono<ApiEnv>();
  app.use("*", async (context, next) => {
    await next();
    context.res.headers.set("x-content-type-options", "nosniff");
    context.res.headers.set("cache-control", "no-store");
    context.res.headers.set("access-control-allow-origin", "*");
  });
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/api/v1/organisation", (context) =>
    context.json({ mode: "standby", ...facts(), version, nowMs: nowMs() }),
  );
  app.get("*", (context) => {
    if (/^\/(api|sync|readyz|metrics)(\/|$)/.test(context.req.path))
      return problemResponse("standby");
    const { name, of } = facts();
    return context.text(
      [
        `${name}：这是备用服务器，还没有启用。请照常打开 ${of}`,
        `${name}: this is a standby; it is not promoted. Go on using ${of}`,
        "",
      ].join("\n"),
    );
  });
  app.notFound(() => problemResponse("standby"));
  return app;
}

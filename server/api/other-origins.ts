import type { Context, Hono } from "hono";
import type { ApiEnv } from "./api-env.ts";

/**
 * Lets pages that came from the shop's other addresses ask here: what a browser keeps belongs to the
 * address at which it began, and the server may be at another one now. No cookies are ever used.
 * @param isOurs whether an origin is an address of this shop
 */
export function allowOtherOrigins(
  app: Hono<ApiEnv>,
  path: string,
  isOurs: (origin: string) => boolean,
): void {
  app.use(path, async (context: Context<ApiEnv>, next) => {
    const origin = context.req.header("origin");
    if (origin === undefined || !isOurs(origin)) return next();
    if (context.req.method !== "OPTIONS") await next();
    else context.res = new Response(null, { status: 204 });
    const { headers } = context.res;
    headers.set("access-control-allow-origin", origin);
    headers.append("vary", "Origin");
    if (context.req.method !== "OPTIONS") return undefined;
    headers.set("access-control-allow-methods", "GET, POST");
    headers.set("access-control-allow-headers", "authorization, content-type");
    headers.set("access-control-allow-private-network", "true");
    headers.set("access-control-max-age", "600");
    return undefined;
  });
}

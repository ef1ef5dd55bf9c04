import type { Hono } from "hono";
import { type AuthorityState, roleNow } from "../../shared/access/authority-state.ts";
import { addressBytes } from "../../shared/sync/address.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/** The owner reads about the address of the app, and chooses it. */
export function addAddressRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, tickets, signatures, address } = site;
  app.post("/api/v1/address", async (context) => {
    const request = await readRequest(context, "address");
    if (!request) return problemResponse("malformed");
    const { authority } = relay;
    if (!authority) return problemResponse("not-founded");
    const { challenge, key, signature, origin } = request;
    const bytes = addressBytes(authority.org, challenge, origin ?? "");
    const isSigned =
      tickets.redeemChallenge(challenge) && (await signatures.verify(key, bytes, signature));
    if (!isSigned || !isOwners(authority, key))
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    if (origin === undefined) return context.json(address.facts());
    const chosen = await address.choose(origin);
    return chosen.ok ? context.json(chosen.value) : problemResponse(chosen.refusal);
  });
}

const isOwners = (authority: AuthorityState, key: string): boolean =>
  [...authority.staff.values()].some(
    (person) => roleNow(person) === "owner" && person.keys.includes(key),
  );

import type { Hono } from "hono";
import { readEntry, signedBytes } from "../../shared/access/authority-entry.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { pairingBytes, ticketBytes } from "../../shared/sync/ticket.ts";
import type { ApiEnv } from "./api-env.ts";
import { problemResponse } from "./problems.ts";
import { readRequest } from "./read-request.ts";
import type { Site } from "./site.ts";

/** Tickets for sockets, and the authority log: read by the entitled, grown by compare-and-swap. */
export function addAuthorityRoutes(app: Hono<ApiEnv>, site: Site): void {
  const { relay, tickets, signatures } = site;

  app.post("/api/v1/challenge", (context) => context.json({ challenge: tickets.challenge() }));

  app.post("/api/v1/tickets", async (context) => {
    const request = await readRequest(context, "tickets");
    if (!request) return problemResponse("malformed");
    const { authority } = relay;
    if (!authority) return problemResponse("not-founded");
    const device = authority.devices.get(request.device);
    const bytes = ticketBytes(authority.org, request.device, request.challenge);
    const isSigned =
      tickets.redeemChallenge(request.challenge) &&
      (await signatures.verify(device?.key ?? "", bytes, request.signature));
    if (!isSigned || !device || device.closed)
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    const given = tickets.tickets(device.id, request.count);
    return context.json({ tickets: given, term: authority.term });
  });

  app.post("/api/v1/authority/read", async (context) => {
    const request = await readRequest(context, "readAuthority");
    if (!request) return problemResponse("malformed");
    const { authority, ledger } = relay;
    if (!authority) return problemResponse("not-founded");
    const isSigned =
      tickets.redeemChallenge(request.challenge) &&
      (await signatures.verify(request.key, pairingBytes(request.challenge), request.signature));
    if (!isSigned || !mayRead(authority, request.key, site.clock.nowMs()))
      return context.var.guess()
        ? problemResponse("not-accepted")
        : problemResponse("too-many-tries");
    return context.json({
      entries: ledger.authorityTexts,
      heads: [...relay.heads()].map(([chain, { next, hash }]) => [chain, next, hash]),
    });
  });

  app.post("/api/v1/authority/entries", async (context) => {
    const request = await readRequest(context, "appendAuthority");
    if (!request) return problemResponse("malformed");
    if (!relay.authority) return problemResponse("not-founded");
    const sequenced = await relay.sequence(request.entry);
    if (sequenced.ok) return context.json({ head: sequenced.value });
    if (sequenced.refusal === "bad-signature" || sequenced.refusal === "not-entitled")
      if (!context.var.guess()) return problemResponse("too-many-tries");
    if (sequenced.refusal !== "not-next") return problemResponse(sequenced.refusal);
    return problemResponse("not-next", { entries: await newerThan(request.entry, site) });
  });
}

/** An open invitation, the recovery card, or a device that nobody replaced; a frozen one must learn of it. */
function mayRead(authority: AuthorityState, key: string, nowMs: number): boolean {
  if (key === authority.recovery.sign) return true;
  const invitation = authority.invitations.get(key);
  if (invitation && !invitation.used && invitation.expires >= nowMs) return true;
  return [...authority.devices.values()].some(
    (device) => device.key === key && device.closed?.by === undefined,
  );
}

/**
 * Entries that the author of a late one did not know; told only to who signed with a key that may
 * read the log.
 */
async function newerThan(text: string, { relay, signatures, clock }: Site): Promise<string[]> {
  const entry = readEntry(text);
  const { authority } = relay;
  if (!entry || !authority || entry.org !== authority.org) return [];
  const { sigs, ...unsigned } = entry;
  const staffKeys = new Set([...authority.staff.values()].flatMap((person) => person.keys));
  for (const { key, sig } of sigs) {
    if (!mayRead(authority, key, clock.nowMs()) && !staffKeys.has(key)) continue;
    if (await signatures.verify(key, signedBytes(unsigned), sig))
      return relay.ledger.authorityTexts.slice(
        Math.min(entry.seq, relay.documentLength(authorityDocument)),
      );
  }
  return [];
}

import {
  type AuthorityState,
  activeTills,
  homeDevice,
  purseFor,
} from "../../shared/access/authority-state.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import type { OperationRef } from "../../shared/journal/operation.ts";
import type { Draft, Drafting, Stamp } from "../../shared/replica/author.ts";
import { spendableFragments } from "../../shared/replica/decide.ts";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { heldBy } from "../../shared/stored-value/spend-fragments.ts";
import { amountFenMax, faceOf, type ValueLine } from "../../shared/stored-value/value-line.ts";
import type { DeviceReport } from "./holders.ts";
import type { Relay } from "./relay.ts";

export interface ValueRequest {
  device: string;
  member: OperationRef;
  /** face value that a charge needs, fen */
  amountFen: number;
}

export type ValueRefusal = "not-home" | "not-enough" | "not-accounted-for" | "unknown-member";

export interface ValueAnswer {
  refusal?: ValueRefusal;
  available?: number;
}

/**
 * Moves what a charge needs from this server's purses into a till's, one purse a store, and an
 * allotment besides where the till keeps what it is given.
 */
export async function serveValueRequest(
  relay: Relay,
  reportOf: (device: string) => DeviceReport | undefined,
  request: ValueRequest,
): Promise<ValueAnswer> {
  const { authority, device } = relay;
  const till = authority?.devices.get(request.device);
  if (!authority || !till?.till || till.closed || homeDevice(authority) !== device)
    return { refusal: "not-home" };
  const { books } = relay.ledger;
  if (!books.members.has(request.member)) return { refusal: "unknown-member" };
  if (request.amountFen > amountFenMax) return { refusal: "not-enough", available: 0 };
  const to = purseFor(authority, till.id, till.store);
  const faceIn = (purse: string) =>
    faceOf(heldBy(spendableFragments(relay.ledger.books, request.member, purse)));
  const purses = pursesOf(authority, device, till.store);
  const available = purses.reduce((sum, { purse }) => sum + faceIn(purse), faceIn(to));
  if (available < request.amountFen) return { refusal: "not-enough", available };
  const allotment = reportOf(till.id)?.persisted ?? false;
  let barred: ValueRefusal | undefined;
  for (const { purse, store } of purses) {
    const drafting = (): Drafting[] => {
      const there = faceIn(to);
      const amountFen = Math.min(request.amountFen, there + faceIn(purse));
      const answer = answerValueRequest(relay.ledger.books, {
        member: request.member,
        amountFen,
        to,
        allotment: allotment && amountFen === request.amountFen,
        from: purse,
      });
      if (!("drafts" in answer)) return [];
      const inherited = answer.drafts.some((draft) => spendsOlder(draft, authority.term));
      if (!inherited || isAccountedFor(authority, relay.heads(), reportOf)) return answer.drafts;
      barred = "not-accounted-for";
      return [];
    };
    if (faceIn(to) >= request.amountFen && !allotment) break;
    await relay.record({ store, staff: "" }, drafting);
  }
  if (faceIn(to) >= request.amountFen) return {};
  return { refusal: barred ?? "not-enough", available: barred ? 0 : available };
}

/** The till's own store first. */
function pursesOf(authority: AuthorityState, device: string, first: string) {
  const stores = [...authority.stores.keys()].sort(
    (a, b) => Number(b === first) - Number(a === first),
  );
  return stores.map((store) => ({ store, purse: purseFor(authority, device, store) }));
}

/** Whether a draft spends value that came into our purse before this term. */
function spendsOlder(drafting: Drafting, term: number): boolean {
  const stamp: Stamp = { ref: "", chain: "", org: "", store: "", term, hlc: [0, 0] };
  const draft: Draft = drafting(stamp);
  const lines = (draft.body["value"] ?? []) as unknown as readonly ValueLine[];
  return lines.some((line) => line.credit !== undefined && line.term < term);
}

/**
 * Whether everything that the server of an earlier term gave out is known here: each active till has
 * said in this term what it holds, and all of that is here.
 */
export function isAccountedFor(
  authority: AuthorityState,
  heads: Heads,
  reportOf: (device: string) => DeviceReport | undefined,
): boolean {
  if (authority.term === 1) return true;
  return activeTills(authority).every(({ id }) => {
    const report = reportOf(id);
    return (
      report?.term === authority.term &&
      report.heads.every(([chain, next]) => (heads.get(chain)?.next ?? 0) >= next)
    );
  });
}

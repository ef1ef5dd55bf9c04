import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Proposal } from "../../shared/access/proposal.ts";
import { mayAct, mayApproveAct, openProposals, standingOf } from "../../shared/access/proposals.ts";
import type { ShopIdentity } from "./shop.ts";

/** Acts that this person can approve, or that soon count by the card alone unless somebody withdraws them. */
export function actsToLookAt(
  authority: AuthorityState,
  identity: Pick<ShopIdentity, "staff" | "device">,
  nowMs: number,
): Proposal[] {
  const { staff, device } = identity;
  const place = { staff, device };
  if (!mayAct(authority, place)) return [];
  return openProposals(authority).filter(
    (proposal) =>
      mayApproveAct(authority, proposal, place) ||
      standingOf(authority, proposal, nowMs).is === "waiting-until",
  );
}

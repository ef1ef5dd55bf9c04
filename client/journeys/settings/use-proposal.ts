import { useRef, useState } from "react";
import type { AuthorityProposal } from "../../../shared/access/authority-entry.ts";
import { roleNow } from "../../../shared/access/authority-state.ts";
import type { ProposalFault } from "../../shop/shop.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";

export interface Proposing {
  /** whether this device holds the owner's key */
  allowed: boolean;
  busy: boolean;
  fault: ProposalFault["code"] | undefined;
  propose(proposal: AuthorityProposal): Promise<boolean>;
}

/** A change of who may do what: signed here by the owner, put in sequence by the server. */
export function useProposal(): Proposing {
  const shop = useShop();
  const { authority } = useShopState();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<ProposalFault["code"]>();
  const running = useRef(false);
  const owner = authority.staff.get(shop.identity.staff ?? "");
  return {
    allowed: roleNow(owner) === "owner",
    busy,
    fault,
    async propose(proposal) {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      setFault(undefined);
      try {
        const answer = await shop.propose(proposal);
        if (!answer.ok) setFault(answer.refusal.code);
        return answer.ok;
      } catch {
        setFault("refused");
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
  };
}

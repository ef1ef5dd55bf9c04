import { useRef, useState } from "react";
import { mayAct } from "../../../shared/access/proposals.ts";
import type { ProposalFault } from "../../shop/shop.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";

export type Answer = "approved" | "withdrawn";

/** Approving and withdrawing acts: signed here with the personal key, put in sequence by the server. */
export function useApprovals() {
  const shop = useShop();
  const { authority } = useShopState();
  const { staff, device } = shop.identity;
  const [busy, setBusy] = useState<string>();
  const [fault, setFault] = useState<ProposalFault["code"]>();
  const [answered, setAnswered] = useState<Answer>();
  const running = useRef(false);
  return {
    place: { staff, device },
    allowed: mayAct(authority, { staff, device }),
    /** of which act */
    busy,
    fault,
    answered,
    async answer(proposal: string, answer: Answer) {
      if (running.current) return;
      running.current = true;
      setBusy(proposal);
      setFault(undefined);
      setAnswered(undefined);
      try {
        const body = { proposal };
        const kind = answer === "approved" ? "ActApproved" : "ActWithdrawn";
        const sequenced = await shop.propose({ kind, body });
        if (sequenced.ok) setAnswered(answer);
        else setFault(sequenced.refusal.code);
      } catch {
        setFault("refused");
      } finally {
        running.current = false;
        setBusy(undefined);
      }
    },
  };
}

export type Approvals = ReturnType<typeof useApprovals>;

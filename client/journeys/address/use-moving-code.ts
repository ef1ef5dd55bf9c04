import { useState } from "react";
import type { Device } from "../../../shared/access/authority-state.ts";
import type { ProposalFault } from "../../shop/shop.ts";
import { useShop } from "../../shop/use-shop.tsx";
import { inviteSuccessor, type MovingCode } from "./successor.ts";

export interface MakingCode {
  made: (MovingCode & { device: string }) | undefined;
  busy: boolean;
  fault: ProposalFault["code"] | undefined;
  make(device: Device): Promise<void>;
  forget(): void;
}

/** Codes for devices that move, signed here by the owner. */
export function useMovingCode(): MakingCode {
  const shop = useShop();
  const [made, setMade] = useState<MakingCode["made"]>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<MakingCode["fault"]>();
  return {
    made,
    busy,
    fault,
    async make(device) {
      if (busy) return;
      setBusy(true);
      setFault(undefined);
      const invited = inviteSuccessor(device, Date.now());
      try {
        const answer = await shop.propose(invited.proposal);
        if (answer.ok) setMade({ ...invited.made, device: device.id });
        else setFault(answer.refusal.code);
      } catch {
        setFault("refused");
      } finally {
        setBusy(false);
      }
    },
    forget: () => setMade(undefined),
  };
}

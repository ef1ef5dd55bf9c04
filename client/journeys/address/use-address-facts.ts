import { useCallback, useEffect, useRef, useState } from "react";
import type { AddressFacts } from "../../../shared/sync/address.ts";
import { type AddressFault, type AskAddress, ownersAddress } from "../../shop/choose-address.ts";
import { lookAtAddress } from "../../shop/permanent-address.ts";
import { useShopState } from "../../shop/use-shop.tsx";

export interface AskedAddress {
  facts: AddressFacts | undefined;
  fault: AddressFault | "other-tab" | undefined;
  busy: boolean;
  /** @returns whether the shop's address is this one now */
  choose(origin: string): Promise<boolean>;
  again(): Promise<void>;
}

/** What the server tells the owner about the address, asked when the page is opened. */
export function useAddressFacts(): AskedAddress {
  const [facts, setFacts] = useState<AddressFacts>();
  const [fault, setFault] = useState<AskedAddress["fault"]>();
  const [busy, setBusy] = useState(false);
  const isHere = useRef(true);
  const ask = useCallback(async (...wish: Parameters<AskAddress>) => {
    const asking = ownersAddress();
    if (!asking) {
      setFault("other-tab");
      return false;
    }
    setBusy(true);
    const answer = await asking(...wish);
    if (!isHere.current) return answer.ok;
    setBusy(false);
    setFault(answer.ok ? undefined : answer.refusal);
    if (answer.ok) setFacts(answer.value);
    return answer.ok;
  }, []);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const { authority, copies } = useShopState();
  // Who joined, came or went: the server has seen them somewhere.
  const stir = `${authority.lastHash} ${copies.map(({ device, online }) => `${device}${online}`)}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever devices stir
  useEffect(() => {
    void ask();
  }, [ask, stir]);
  return {
    facts,
    fault,
    busy,
    async choose(origin) {
      const chosen = await ask(origin);
      if (chosen) await lookAtAddress();
      return chosen;
    },
    async again() {
      await ask();
    },
  };
}

import { useEffect, useState } from "react";
import { lookAtSafety, type SafetyAnswer } from "../../shop/safety-facts.ts";
import { useShopState } from "../../shop/use-shop.tsx";

const lookEveryMs = 10_000;

/** Asks when the page opens, when somebody comes or goes, and every few seconds while it is seen. */
export function useLooking(): SafetyAnswer | undefined {
  const [answer, setAnswer] = useState<SafetyAnswer>();
  const { link, copies, unsent } = useShopState();
  const stir = `${link.state} ${unsent} ${copies.map(({ device, online }) => `${device}${online}`)}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever somebody stirs
  useEffect(() => {
    let isHere = true;
    const look = async () => {
      if (document.visibilityState === "hidden") return;
      const told = await lookAtSafety();
      if (isHere) setAnswer(told);
    };
    void look();
    const timer = setInterval(() => void look(), lookEveryMs);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [stir]);
  return answer;
}

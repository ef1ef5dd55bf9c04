import { useEffect, useState } from "react";
import { type Finding, findingsOf } from "../shop/findings.ts";
import { useShop, useShopState } from "../shop/use-shop.tsx";

/** Operations on their way are not missing: only what stays away this long is told. */
const lastingMs = 8000;

/** What is the matter here, the gravest first; what others have only just recorded is not. */
export function useFindings(): Finding[] {
  const { identity } = useShop();
  const state = useShopState();
  const findings = findingsOf(state, identity);
  const missing = findings.find((finding) => finding.kind === "missing");
  const key = missing?.missing.map(({ chain, from }) => `${chain} ${from}`).join(",");
  const [lasting, setLasting] = useState<string>();
  useEffect(() => {
    if (key === undefined) return;
    const timer = setTimeout(() => setLasting(key), lastingMs);
    return () => clearTimeout(timer);
  }, [key]);
  return findings.filter((finding) => finding !== missing || key === lasting);
}

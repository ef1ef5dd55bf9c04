import { useTranslation } from "react-i18next";
import type { SafetyFacts } from "../../../shared/safety/safety-facts.ts";

/** What people call a place. */
export function useNameOf({ places }: SafetyFacts): (id: string) => string {
  const { t } = useTranslation();
  const named = new Map(places.map((place) => [place.id, place]));
  return (id) => {
    const place = named.get(id);
    if (place?.kind === "server") return t("receipt.savedServer");
    return place?.name || t("ledger.unknownDevice");
  };
}

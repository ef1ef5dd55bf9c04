import { useUnprovedCard } from "../../shop/unproved-card.ts";
import { useMemberSearch, useShop, useShopState } from "../../shop/use-shop.tsx";
import { setPreferences, usePreferences } from "../../ui/preferences.ts";

export type ChecklistStep = "founded" | "card" | "members" | "first" | "sale" | "second";

export interface Checklist {
  steps: { step: ChecklistStep; done: boolean }[];
  done: number;
  next: ChecklistStep | undefined;
  /** only the owner's own device opens a shop */
  applies: boolean;
  hide(): void;
  startEmpty(): void;
}

/** What remains to be done before a shop runs as it should; told by the books, not by what was clicked. */
export function useChecklist(): Checklist {
  const shop = useShop();
  const { authority } = useShopState();
  const { checklistHidden, checklistDone } = usePreferences();
  const search = useMemberSearch();
  const { entropy } = useUnprovedCard();
  const owner = authority.staff.get(shop.identity.staff ?? "");
  const devices = [...authority.devices.values()].filter(
    (device) => !device.server && !device.closed,
  );
  const sold = [...shop.members()].some(
    ({ visits, balance, imported }) => visits > 0 || (balance > 0 && !imported),
  );
  const isDone: Record<ChecklistStep, boolean> = {
    founded: true,
    card: entropy === undefined,
    members: search.size > 0 || checklistDone.includes("start-empty"),
    first: search.size > 0,
    sale: sold,
    second: devices.length > 1,
  };
  const steps = (Object.keys(isDone) as ChecklistStep[]).map((step) => ({
    step,
    done: isDone[step],
  }));
  const applies = owner?.roles[0]?.since === 0;
  return {
    steps,
    done: steps.filter(({ done }) => done).length,
    next: steps.find(({ done }) => !done)?.step,
    applies: applies && !checklistHidden && steps.some(({ done }) => !done),
    hide: () => setPreferences({ checklistHidden: true }),
    startEmpty: () => setPreferences({ checklistDone: [...checklistDone, "start-empty"] }),
  };
}

import type { MemberView } from "../../shared/replica/member-view.ts";
import type { Shop } from "./shop.ts";
import { useShop, useShopState } from "./use-shop.tsx";

const counted = new WeakMap<Shop, { version: number; members: readonly MemberView[] }>();

/**
 * Members with a field that several devices changed at the same time, and that nobody has decided.
 * One pass over all members for each change of the shop, whoever asks; the same in a following tab.
 */
export function membersToReview(shop: Shop): readonly MemberView[] {
  const { version } = shop.state;
  const known = counted.get(shop);
  if (known?.version === version) return known.members;
  const members = [...shop.members()].filter(({ conflicts }) => conflicts.length > 0);
  counted.set(shop, { version, members });
  return members;
}

export function useMembersToReview(): readonly MemberView[] {
  useShopState();
  return membersToReview(useShop());
}

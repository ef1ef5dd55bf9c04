import type { TFunction } from "i18next";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import { kinds } from "../i18n/sayings/common.ts";

/** What an operation did: the name of what was sold, else of the kind. */
export function kindText(t: TFunction, entry: Pick<HistoryEntry, "kind" | "items">): string {
  const items = entry.items.map(({ name }) => name).filter((name) => name !== "");
  if (items.length > 0) return items.join("、");
  return Object.hasOwn(kinds, entry.kind)
    ? t(`kinds.${entry.kind as keyof typeof kinds}`)
    : t("kinds.unknown");
}

/** Who did it, where. */
export function placeText(
  t: TFunction,
  entry: Pick<HistoryEntry, "staff" | "device">,
  authority: AuthorityState,
): string {
  const staff = authority.staff.get(entry.staff)?.name ?? t("ledger.system");
  const device = authority.devices.get(entry.device);
  const place = device?.server
    ? t("receipt.savedServer")
    : (device?.name ?? t("ledger.unknownDevice"));
  return t("ledger.by", { staff, device: place });
}

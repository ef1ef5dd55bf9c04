import type { TFunction } from "i18next";
import type { DeedRefusal } from "../shop/perform-with-value.ts";
import { yuan } from "../ui/money.tsx";
import { fields } from "./sayings/common.ts";

/** A refusal in the user's words, saying what to do. */
export function refusalText(
  t: TFunction,
  refusal: DeedRefusal | { code: "cancelled" },
  nameOf: (member: string) => string,
): string {
  switch (refusal.code) {
    case "clock-wrong":
      return t("refusals.clock-wrong", { wall: new Date(refusal.wallMs).toLocaleString() });
    case "field-too-long":
      return t("refusals.field-too-long", {
        field: fieldText(t, refusal.field),
        most: refusal.most,
      });
    case "phone-invalid":
      return t("refusals.phone-invalid", { phone: short(refusal.phone) });
    case "birthday-invalid":
      return t("refusals.birthday-invalid", { birthday: short(refusal.birthday) });
    case "card-taken":
      return t("refusals.card-taken", { name: nameOf(refusal.member) });
    case "amount-too-large":
      return t("refusals.amount-too-large", { most: yuan(refusal.most) });
    case "tenders-do-not-sum":
      return t("refusals.tenders-do-not-sum", {
        tendered: yuan(refusal.tendered),
        payable: yuan(refusal.payable),
      });
    case "balance-too-low":
      return t("refusals.balance-too-low", {
        balance: yuan(refusal.balance),
        wanted: yuan(refusal.wanted),
      });
    case "value-elsewhere":
      return t("refusals.value-elsewhere", {
        balance: yuan(refusal.balance),
        here: yuan(refusal.here),
      });
    case "value-not-here":
      return t(`refusals.value-not-here.${refusal.reason}`, {
        balance: yuan(refusal.balance),
        here: yuan(refusal.here),
      });
    case "lot-partly-spent":
      return t("refusals.lot-partly-spent", { spent: yuan(refusal.spent) });
    default:
      return t(`refusals.${refusal.code}`);
  }
}

/** A field's name: ours, or the heading that it had in the old system. */
export function fieldText(t: TFunction, field: string): string {
  if (Object.hasOwn(fields, field)) return t(`fields.${field as keyof typeof fields}`);
  return field.replace(/^extra\./, "");
}

const short = (text: string): string => (text.length > 30 ? `${text.slice(0, 30)}…` : text);

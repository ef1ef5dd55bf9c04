import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { refusalText } from "../i18n/refusal-text.ts";
import type { DeedRefusal } from "../shop/perform-with-value.ts";
import { useShop } from "../shop/use-shop.tsx";
import { Notice } from "./notice.tsx";

/** Why nothing was done, in the user's words; nothing while there is nothing to say. */
export function RefusalNotice({
  refusal,
}: {
  refusal: DeedRefusal | { code: "cancelled" } | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const shop = useShop();
  if (!refusal) return null;
  const nameOf = (member: string) => shop.member(member)?.fields["name"] ?? "";
  return (
    <Notice tone="bad" live>
      {refusalText(t, refusal, nameOf)}
    </Notice>
  );
}

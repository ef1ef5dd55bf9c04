import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Tender } from "../../../shared/sales/sale-kinds.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import type { DoneDeed } from "../../ui/done.ts";
import { yuan } from "../../ui/money.tsx";
import { usePreferences } from "../../ui/preferences.ts";
import { localeOf } from "../../ui/when.ts";
import classes from "./receipt-paper.module.css";

/** What goes on 58 or 80 mm of paper; on screen it is not to be seen. */
export function ReceiptPaper({
  deed,
  name,
  card,
  undone = false,
}: {
  deed: DoneDeed;
  name: string | undefined;
  card: string | undefined;
  undone?: boolean;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const { identity } = useShop();
  const { authority } = useShopState();
  const { paper } = usePreferences();
  const store = authority.stores.get(identity.store)?.name ?? "";
  const locale = localeOf(i18n.language);
  return createPortal(
    <div className="paper-roll">
      <style>{`@page { size: ${paper}mm auto; margin: ${paper === 58 ? 2 : 4}mm; }`}</style>
      <div className={classes.paper} style={{ width: `${paper === 58 ? 54 : 72}mm` }}>
        <h1 className={classes.shop}>{authority.name}</h1>
        {store !== authority.name && <p className={classes.centre}>{store}</p>}
        <p className={classes.centre}>
          {deed.kind === "top-up" ? t("receipt.paper.topUpTitle") : t("receipt.paper.title")}
        </p>
        {undone && <p className={classes.centre}>*** {t("receipt.paper.undone")} ***</p>}
        <hr />
        <Line label={t("receipt.paper.member")} value={name ?? t("receipt.paper.walkIn")} />
        {card && <Line label={t("fields.card")} value={card} />}
        <Line label={t("receipt.paper.time")} value={new Date(deed.atMs).toLocaleString(locale)} />
        <Line label={t("receipt.paper.staff")} value={deed.staff} />
        <hr />
        <Line label={t("receipt.paper.amount")} value={yuan(deed.amountFen)} strong />
        {deed.bonusFen > 0 && <Line label={t("receipt.paper.bonus")} value={yuan(deed.bonusFen)} />}
        {deed.tenders.map(({ tender, amount }) => (
          <Line key={tender} label={t(`tenders.${tender as Tender}`)} value={yuan(amount)} />
        ))}
        {deed.beforeFen !== undefined && (
          <Line label={t("receipt.before")} value={yuan(deed.beforeFen)} />
        )}
        {deed.afterFen !== undefined && (
          <Line label={t("receipt.after")} value={yuan(deed.afterFen)} strong />
        )}
        {deed.note && <Line label={t("receipt.paper.note")} value={deed.note} />}
        <hr />
        <p className={classes.number}>
          {t("receipt.paper.number")} {deed.ref}
        </p>
        <p className={classes.centre}>{t("receipt.paper.thanks")}</p>
      </div>
    </div>,
    document.body,
  );
}

const Line = ({
  label,
  value,
  strong,
}: {
  label: string;
  value: string;
  strong?: boolean;
}): ReactNode => (
  <p className={classes.line} data-strong={strong}>
    <span>{label}</span>
    <span className="num">{value}</span>
  </p>
);

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MemberId } from "../../../shared/members/member-kinds.ts";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import { useAnswer } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import classes from "./passbook.module.css";
import { PassbookEntry } from "./passbook-entry.tsx";

/** Everything that concerns a member, newest first, as a savings book tells it. */
export function Passbook({
  member,
  most = Number.POSITIVE_INFINITY,
  onOpen,
}: {
  member: MemberId;
  most?: number;
  onOpen: (entry: HistoryEntry) => void;
}): ReactNode {
  const { t } = useTranslation();
  const entries = useAnswer(`history ${member}`, (shop) => shop.history(member));
  if (!entries) return <p className={classes.loading}>{t("common.loading")}</p>;
  if (entries.length === 0) return <Empty title={t("ledger.empty")}>{t("ledger.emptyText")}</Empty>;
  return (
    <section className={`sheet ${classes.book}`} aria-label={t("ledger.title")}>
      <div className={classes.heads} aria-hidden="true">
        <span>{t("ledger.date")}</span>
        <span>{t("ledger.what")}</span>
        <span>{t("ledger.change")}</span>
        <span>{t("ledger.after")}</span>
      </div>
      <ol className={classes.entries}>
        {entries.slice(0, most).map((entry) => (
          <PassbookEntry key={entry.ref} entry={entry} onOpen={() => onOpen(entry)} />
        ))}
      </ol>
    </section>
  );
}

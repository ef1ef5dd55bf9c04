import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MemberId } from "../../../shared/members/member-kinds.ts";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import { useAnswer } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import classes from "./passbook.module.css";
import { PassbookEntry } from "./passbook-entry.tsx";

const pageEntries = 100;

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
  const [pages, setPages] = useState(1);
  const history = useAnswer(`history ${member}`, (shop) => shop.history(member));
  const entries = history?.filter(isOfInterest);
  const shown = pages * pageEntries;
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
        {entries.slice(0, Math.min(most, shown)).map((entry) => (
          <PassbookEntry key={entry.ref} entry={entry} onOpen={() => onOpen(entry)} />
        ))}
      </ol>
      {entries.length > shown && most > shown && (
        <button type="button" className={classes.earlier} onClick={() => setPages(pages + 1)}>
          {t("ledger.earlier")}
        </button>
      )}
    </section>
  );
}

/** Value that only went from one till to another, or to where it was owed, is no news to the member. */
const isOfInterest = ({ kind, principal, bonus, standing }: HistoryEntry): boolean =>
  !["ValueMoved", "DisputeSettled"].includes(kind) ||
  principal !== 0 ||
  bonus !== 0 ||
  standing !== "counted";

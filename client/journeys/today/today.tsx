import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import type { Tender } from "../../../shared/sales/sale-kinds.ts";
import { businessDateOf } from "../../../shared/time/business-date.ts";
import { useMembersToReview } from "../../shop/members-to-review.ts";
import { useAnswer, useShop, useShopState } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import { kindText, placeText } from "../../ui/entry-text.ts";
import { Icon } from "../../ui/icon.tsx";
import { Money } from "../../ui/money.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import type { Undoable } from "../../ui/undoable.ts";
import { momentOf } from "../../ui/when.ts";
import classes from "./today.module.css";

const shownMax = 300;

/** What this device did today, each with its way back, and what it comes to. */
export function Today({
  onOpen,
  onUndo,
  onReview,
}: {
  onOpen: (entry: HistoryEntry) => void;
  onUndo: (target: Undoable) => void;
  onReview: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const toReview = useMembersToReview().length;
  const recent = useAnswer("today", (shop) => shop.recent(shownMax));
  const entries = (recent ?? []).filter(({ kind }) => listed.has(kind));
  const date = businessDateOf(Date.now(), authority.timeZone);
  const todays = entries.filter((entry) => entry.date === date);
  const earlier = entries.filter((entry) => entry.date !== date).slice(0, 50);
  return (
    <Page title={t("today.title")}>
      <p className={`soft ${classes.note}`}>{t("today.note")}</p>
      {toReview > 0 && (
        <div className={classes.toReview}>
          <Rows>
            <Row
              icon="warning"
              title={t("review.onToday", { n: toReview })}
              note={t("review.onTodayNote")}
              onPress={onReview}
            />
          </Rows>
        </div>
      )}
      {!recent && <p className="soft">{t("common.loading")}</p>}
      <Totals entries={todays} />
      {recent && todays.length === 0 ? (
        <div className="sheet">
          <Empty title={t("today.empty")}>{t("today.emptyText")}</Empty>
        </div>
      ) : (
        <EntryList entries={todays} onOpen={onOpen} onUndo={onUndo} />
      )}
      {earlier.length > 0 && (
        <div className={classes.earlier}>
          <Section title={t("today.earlier")}>
            <EntryList entries={earlier} onOpen={onOpen} onUndo={onUndo} />
          </Section>
        </div>
      )}
    </Page>
  );
}

const listed = new Set([
  "SaleRecorded",
  "ToppedUp",
  "OperationReversed",
  "LotsVoided",
  "MemberAdded",
  "ImportUndone",
]);

function Totals({ entries }: { entries: readonly HistoryEntry[] }): ReactNode {
  const { t } = useTranslation();
  const counting = entries.filter((entry) => !entry.reversedBy && entry.standing === "counted");
  const sales = counting.filter(({ kind }) => kind === "SaleRecorded");
  const topUps = counting.filter(({ kind }) => kind === "ToppedUp");
  const members = counting.filter(({ kind }) => kind === "MemberAdded").length;
  const byTender = new Map<string, number>();
  for (const { tenders } of [...sales, ...topUps])
    for (const { tender, amount } of tenders)
      byTender.set(tender, (byTender.get(tender) ?? 0) + amount);
  return (
    <>
      <div className={`sheet ${classes.totals}`}>
        <Total label={t("today.sales")} entries={sales} />
        <Total label={t("today.topUps")} entries={topUps} />
        <div className={classes.total}>
          <span className="caption">{t("today.newMembers")}</span>
          <span className={`num ${classes.count}`}>{members}</span>
        </div>
      </div>
      {byTender.size > 0 && (
        <ul className={classes.tenders} aria-label={t("today.byTender")}>
          {[...byTender].map(([tender, amount]) => (
            <li key={tender}>
              <span className="caption">{t(`tenders.${tender as Tender}`)}</span>
              <Money fen={amount} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Total({ label, entries }: { label: string; entries: readonly HistoryEntry[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={classes.total}>
      <span className="caption">
        {label} · {t("today.times", { n: entries.length })}
      </span>
      <Money fen={entries.reduce((sum, { amount }) => sum + amount, 0)} size="large" />
    </div>
  );
}

function EntryList({
  entries,
  onOpen,
  onUndo,
}: {
  entries: readonly HistoryEntry[];
  onOpen: (entry: HistoryEntry) => void;
  onUndo: (target: Undoable) => void;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const shop = useShop();
  const { authority } = useShopState();
  return (
    <ul className={`sheet ${classes.list}`}>
      {entries.map((entry) => {
        const member = entry.member === undefined ? undefined : shop.member(entry.member);
        const name = member?.fields["name"] ?? t("receipt.paper.walkIn");
        const title = `${name} ${kindText(t, entry)}`;
        const undoable =
          (entry.kind === "SaleRecorded" || entry.kind === "ToppedUp") &&
          !entry.reversedBy &&
          entry.standing === "counted";
        return (
          <li key={entry.ref} className={classes.entry}>
            <button type="button" className={classes.what} onClick={() => onOpen(entry)}>
              <span className={classes.title} data-struck={entry.reversedBy !== undefined}>
                {title}
              </span>
              <span className="caption">
                {momentOf(entry.atMs, i18n.language)} · {placeText(t, entry, authority)}
              </span>
            </button>
            {entry.amount !== 0 && (
              <Money fen={entry.amount} tone={entry.reversedBy ? "struck" : "plain"} />
            )}
            {undoable && (
              <Button
                variant="default"
                size="sm"
                aria-label={`${t("till.undo")} ${title}`}
                leftSection={<Icon name="undo" size={18} />}
                onClick={() =>
                  onUndo({ ref: entry.ref, title, amountFen: entry.amount, member: entry.member })
                }
              >
                {t("till.undo")}
              </Button>
            )}
            {entry.reversedBy && <span className="caption">{t("ledger.reversed")}</span>}
          </li>
        );
      })}
    </ul>
  );
}

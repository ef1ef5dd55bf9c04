import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import type { KeptApart } from "../../shop/kept-apart.ts";
import type { NotCounted } from "../../shop/not-counted.ts";
import { useAnswer, useShop, useShopState } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import { kindText, placeText } from "../../ui/entry-text.ts";
import { Money, yuan } from "../../ui/money.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { memberPath } from "../../ui/paths.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import { DisputedList } from "./disputed-list.tsx";
import { nextStepOf } from "./not-counted-reasons.ts";
import classes from "./records-page.module.css";

/** What needs a person comes first, what settles by itself last. */
const standings = ["refused", "quarantined", "unknown-kind", "waiting"] as const;

const listedAtFirst = 5;

/** What is stored but not counted, why, and what to do about it: nothing is dropped silently. */
export function RecordsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const found = useAnswer("not counted", (shop) => shop.notCounted());
  const apart = useAnswer("kept apart", (shop) => shop.keptApart());
  const disputed = useAnswer("disputed value", (shop) => shop.disputedValue());
  const isAll = found?.length === 0 && apart?.length === 0 && disputed?.length === 0;
  return (
    <Page title={t("settings.records.title")} onBack={onBack}>
      {!(found && apart && disputed) && <p className="soft">{t("common.loading")}</p>}
      {isAll && (
        <div className="sheet">
          <Empty title={t("records.empty")}>{t("records.emptyText")}</Empty>
        </div>
      )}
      {disputed && disputed.length > 0 && <DisputedList found={disputed} />}
      {found && apart && found.length + apart.length > 0 && (
        <>
          <p className={`soft ${classes.intro}`}>{t("records.note")}</p>
          {apart.length > 0 && (
            <Section title={t("records.apart.title")}>
              <div className={classes.groups}>
                {apart.map((kept) => (
                  <ApartGroup key={kept.device} kept={kept} />
                ))}
              </div>
            </Section>
          )}
          {standings.map((standing) => {
            const groups = found.filter((group) => group.standing === standing);
            return (
              groups.length > 0 && (
                <Section key={standing} title={t(`records.standing.${standing}`)}>
                  <div className={classes.groups}>
                    {groups.map((group) => (
                      <ReasonGroup key={group.reason} group={group} />
                    ))}
                  </div>
                </Section>
              )
            );
          })}
        </>
      )}
    </Page>
  );
}

/** A second history of one device: none of it counts, all of it is shown. */
function ApartGroup({ kept }: { kept: KeptApart }): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const name = authority.devices.get(kept.device)?.name ?? t("ledger.unknownDevice");
  return (
    <Rows>
      <Why reason={t("records.apart.why", { name })} count={kept.count}>
        {t("records.apart.next", { amount: yuan(kept.amountFen) })}
      </Why>
      <EntryRows entries={kept.newest} count={kept.count} />
    </Rows>
  );
}

function ReasonGroup({ group }: { group: NotCounted }): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { count, newest } = group;
  const known = nextStepOf(group.reason);
  const next = known?.next ?? "check-device";
  const reason = known
    ? t(`records.reasons.${known.reason}`)
    : t("records.reasons.other", { code: group.reason });
  return (
    <Rows>
      <Why
        reason={reason}
        count={count}
        action={
          next === "update" && (
            <Button className={classes.button} size="sm" onClick={() => go("/settings/device")}>
              {t("records.update")}
            </Button>
          )
        }
      >
        {t(`records.next.${next}`)}
      </Why>
      <EntryRows entries={newest} count={count} />
    </Rows>
  );
}

function Why({
  reason,
  count,
  action,
  children,
}: {
  reason: string;
  count: number;
  action?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={classes.why}>
      <p className={classes.reason}>
        {reason}
        <span className={`num caption ${classes.count}`}>{t("records.count", { n: count })}</span>
      </p>
      <p className={`soft ${classes.next}`}>{children}</p>
      {action}
    </div>
  );
}

/** A few at first; what is not listed is counted. */
function EntryRows({
  entries,
  count,
}: {
  entries: readonly HistoryEntry[];
  count: number;
}): ReactNode {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const listed = entries.slice(0, whole ? entries.length : listedAtFirst);
  const hidden = entries.length - listed.length;
  return (
    <>
      {listed.map((entry) => (
        // Several histories may have the same number.
        <EntryRow key={`${entry.ref} ${entry.atMs} ${entry.amount}`} entry={entry} />
      ))}
      {hidden > 0 && (
        <Row title={t("records.more", { n: hidden })} onPress={() => setWhole(true)} />
      )}
      {hidden === 0 && count > entries.length && (
        <Row note={t("records.notListed", { n: count - entries.length })} title="" />
      )}
    </>
  );
}

/** Whose, what, how much; who recorded it, where and when. */
function EntryRow({ entry }: { entry: HistoryEntry }): ReactNode {
  const { t, i18n } = useTranslation();
  const [, go] = useLocation();
  const shop = useShop();
  const { authority } = useShopState();
  const member = entry.member === undefined ? undefined : shop.member(entry.member);
  const title = [member?.fields["name"], kindText(t, entry)].filter(Boolean).join(" ");
  return (
    <Row
      title={title}
      note={
        <>
          {momentOf(entry.atMs, i18n.language)} · {placeText(t, entry, authority)}
          <br />
          <span className={classes.number}>{t("records.number", { ref: entry.ref })}</span>
        </>
      }
      end={entry.amount === 0 ? undefined : <Money fen={entry.amount} tone="soft" />}
      onPress={member && (() => go(memberPath(member.id, "ledger")))}
    />
  );
}

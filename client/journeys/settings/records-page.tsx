import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import type { NotCounted } from "../../shop/not-counted.ts";
import { useAnswer, useShop, useShopState } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import { kindText, placeText } from "../../ui/entry-text.ts";
import { Money } from "../../ui/money.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { memberPath } from "../../ui/paths.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import { nextStepOf } from "./not-counted-reasons.ts";
import classes from "./records-page.module.css";

/** What needs a person comes first, what settles by itself last. */
const standings = ["refused", "quarantined", "unknown-kind", "waiting"] as const;

const listedAtFirst = 5;

/** What is stored but not counted, why, and what to do about it: nothing is dropped silently. */
export function RecordsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const found = useAnswer("not counted", (shop) => shop.notCounted());
  return (
    <Page title={t("settings.records.title")} onBack={onBack}>
      {!found && <p className="soft">{t("common.loading")}</p>}
      {found?.length === 0 && (
        <div className="sheet">
          <Empty title={t("records.empty")}>{t("records.emptyText")}</Empty>
        </div>
      )}
      {found && found.length > 0 && (
        <>
          <p className={`soft ${classes.intro}`}>{t("records.note")}</p>
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

function ReasonGroup({ group }: { group: NotCounted }): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [whole, setWhole] = useState(false);
  const { count, newest } = group;
  const known = nextStepOf(group.reason);
  const next = known?.next ?? "check-device";
  const listed = newest.slice(0, whole ? newest.length : listedAtFirst);
  const hidden = newest.length - listed.length;
  return (
    <Rows>
      <div className={classes.why}>
        <p className={classes.reason}>
          {known
            ? t(`records.reasons.${known.reason}`)
            : t("records.reasons.other", { code: group.reason })}
          <span className={`num caption ${classes.count}`}>{t("records.count", { n: count })}</span>
        </p>
        <p className={`soft ${classes.next}`}>{t(`records.next.${next}`)}</p>
        {next === "update" && (
          <Button className={classes.button} size="sm" onClick={() => go("/settings/device")}>
            {t("records.update")}
          </Button>
        )}
      </div>
      {listed.map((entry) => (
        <EntryRow key={entry.ref} entry={entry} />
      ))}
      {hidden > 0 && (
        <Row title={t("records.more", { n: hidden })} onPress={() => setWhole(true)} />
      )}
      {hidden === 0 && count > newest.length && (
        <Row note={t("records.notListed", { n: count - newest.length })} title="" />
      )}
    </Rows>
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

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { findingKey } from "../shop/findings.ts";
import { useStorageState } from "../shop/storage-state.ts";
import { useAnswer, useShop, useShopState } from "../shop/use-shop.tsx";
import { yuan } from "../ui/money.tsx";
import { Notice } from "../ui/notice.tsx";
import { Section } from "../ui/page.tsx";
import { Row, Rows } from "../ui/row.tsx";
import { agoOf } from "../ui/when.ts";
import { FindingNotice } from "./finding-notice.tsx";
import classes from "./shell.module.css";
import { useFindings } from "./use-findings.ts";

/** Where this shop's books are: here, at the server, and with whom else. */
export function StatusPanel(): ReactNode {
  const { t, i18n } = useTranslation();
  const { identity } = useShop();
  const { authority, link, unsent, copies, exceptions } = useShopState();
  const findings = useFindings();
  const storage = useStorageState();
  const summary = useAnswer("summary", (shop) => shop.summary());
  const others = copies.filter(
    ({ device }) => device !== identity.device && !authority.devices.get(device)?.server,
  );
  const nameOf = (id: string) => authority.devices.get(id)?.name ?? t("ledger.unknownDevice");
  return (
    <>
      <Section>
        <Rows>
          <Row
            icon="device"
            title={authority.devices.get(identity.device)?.name ?? t("receipt.savedDevice")}
            note={storage.persisted ? t("status.persisted") : t("status.notPersisted")}
          />
          <Row
            icon="server"
            title={t("receipt.savedServer")}
            note={
              link.state === "online"
                ? unsent === 0
                  ? t("status.serverHasAll")
                  : t("status.sending", { n: unsent })
                : link.lastContactMs === undefined
                  ? t("status.serverAway", { n: unsent })
                  : t("status.serverAwaySince", {
                      n: unsent,
                      ago: agoOf(link.lastContactMs, Date.now(), i18n.language),
                    })
            }
          />
          {others.map(({ device, complete, online }) => (
            <Row
              key={device}
              icon="copies"
              title={nameOf(device)}
              note={`${complete ? t("status.complete") : t("status.partial")} · ${
                online ? t("header.online") : t("header.offline")
              }`}
            />
          ))}
        </Rows>
      </Section>
      {findings.length > 0 && (
        <Section>
          <div className={classes.findings}>
            {findings.map((finding) => (
              <FindingNotice key={findingKey(finding)} finding={finding} />
            ))}
          </div>
        </Section>
      )}
      {exceptions > 0 && <Notice tone="info">{t("status.exceptions", { n: exceptions })}</Notice>}
      {summary && (
        <Section title={t("status.books")}>
          <Rows>
            <Row title={t("till.members", { n: summary.counts.members })} />
            <Row
              title={yuan(summary.liabilities.principal + summary.liabilities.bonus)}
              note={`${t("status.owed")} · ${t("member.principal")} ${yuan(
                summary.liabilities.principal,
              )} · ${t("member.bonus")} ${yuan(summary.liabilities.bonus)}`}
            />
            <Row
              title={<code style={{ fontSize: "0.8125rem" }}>{summary.hash.slice(0, 16)}</code>}
              note={t("status.hash")}
            />
          </Rows>
        </Section>
      )}
    </>
  );
}

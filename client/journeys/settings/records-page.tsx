import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { deviceOfChain, splitRef } from "../../../shared/journal/operation.ts";
import { useAnswer, useShopState } from "../../shop/use-shop.tsx";
import { Empty } from "../../ui/empty.tsx";
import { kindText } from "../../ui/entry-text.ts";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";

const shownMax = 200;

/** What is stored but not counted, and why: nothing is dropped silently. */
export function RecordsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const exceptions = useAnswer("exceptions", (shop) => shop.exceptions());
  return (
    <Page title={t("settings.records.title")} onBack={onBack}>
      {exceptions?.length === 0 ? (
        <div className="sheet">
          <Empty title={t("settings.records.empty")}>{t("settings.records.emptyText")}</Empty>
        </div>
      ) : (
        <Section note={t("settings.records.note")}>
          <Rows>
            {(exceptions ?? []).slice(0, shownMax).map(({ ref, kind, standing }) => {
              const device = authority.devices.get(deviceOfChain(splitRef(ref).chain));
              return (
                <Row
                  key={ref}
                  icon="warning"
                  title={`${kindText(t, { kind, items: [] })} · ${device?.name ?? t("ledger.unknownDevice")}`}
                  note={`${t(`settings.records.standing.${standing}`)} · ${ref}`}
                />
              );
            })}
          </Rows>
        </Section>
      )}
    </Page>
  );
}

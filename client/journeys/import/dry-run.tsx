import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FileKind } from "../../../shared/imports/import-fields.ts";
import { importMessages } from "../../../shared/imports/import-messages.ts";
import type { ImportPlan } from "../../../shared/imports/import-plan.ts";
import { writeRejects } from "../../../shared/imports/rejects-file.ts";
import { downloadText } from "../../ui/download.ts";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { usePreferences } from "../../ui/preferences.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { ControlTotals } from "./control-totals.tsx";
import classes from "./import.module.css";
import type { ReadFile } from "./read-file.ts";

/** What an import would do, to be held against the old system before anything is written. */
export function DryRun({
  plan,
  files,
  onBack,
  onImport,
}: {
  plan: ImportPlan;
  files: readonly ReadFile[];
  onBack: () => void;
  onImport: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const download = (kind: FileKind) => {
    const file = files.find((each) => each.kind === kind);
    if (!file) return;
    const rejects = plan.rejects.filter((reject) => reject.file === kind);
    const text = writeRejects({ headings: file.table.headings, rejects, language });
    downloadText(`${file.name.replace(/\.[^.]*$/, "")}-rejects.csv`, text);
  };
  return (
    <>
      <Section title={t("imports.totals")} note={t("imports.totalsNote")}>
        <ControlTotals totals={plan.totals} />
      </Section>
      {plan.rejects.length === 0 ? (
        <Notice tone="good">{t("imports.noRejects")}</Notice>
      ) : (
        (["members", "purchases"] as const).map((kind) => {
          const count = plan.rejects.filter((reject) => reject.file === kind).length;
          if (count === 0) return null;
          return (
            <Notice
              key={kind}
              tone="warning"
              title={`${t(kind === "members" ? "imports.kindMembers" : "imports.kindPurchases")}: ${t("imports.rejects", { n: count })}`}
              action={
                <Button
                  size="md"
                  variant="default"
                  leftSection={<Icon name="download" size={20} />}
                  onClick={() => download(kind)}
                >
                  {t("imports.download")}
                </Button>
              }
            >
              {t("imports.rejectsNote")}
            </Notice>
          );
        })
      )}
      {plan.warnings.length > 0 && (
        <div className={classes.spaced}>
          <Section title={t("imports.warnings")}>
            <Rows>
              {plan.warnings.map(({ file, code, column, count, rows }) => (
                <Row
                  key={`${file} ${code} ${column}`}
                  icon="info"
                  title={`${column ? `${column}: ` : ""}${importMessages[code][language]}`}
                  note={t("imports.warningRows", { n: count, row: rows[0] ?? 0 })}
                />
              ))}
            </Rows>
          </Section>
        </div>
      )}
      {plan.storeLabels.length > 0 && (
        <div className={classes.spaced}>
          <Section title={t("imports.storeLabels")} note={t("imports.storeLabelsNote")}>
            <p className={classes.labels}>
              {plan.storeLabels.map(({ label, members }) => (
                <span key={label} className={classes.label}>
                  {label} <span className="num">{members}</span>
                </span>
              ))}
            </p>
          </Section>
        </div>
      )}
      <div className={classes.actions}>
        <Button variant="default" size="xl" onClick={onBack}>
          {t("imports.back")}
        </Button>
        <Button size="xl" disabled={plan.members.length === 0} onClick={onImport}>
          {t("imports.go", { n: plan.totals.members })}
        </Button>
      </div>
    </>
  );
}

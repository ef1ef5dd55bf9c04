import { Button, Progress } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { mayRecord } from "../../../shared/access/permissions.ts";
import { checkMapping } from "../../../shared/imports/column-mapping.ts";
import { importMessages } from "../../../shared/imports/import-messages.ts";
import type { ImportPlan } from "../../../shared/imports/import-plan.ts";
import { useStaffAtTill } from "../../shop/staff-at-till.ts";
import { useUnfinished } from "../../shop/unfinished.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { usePreferences } from "../../ui/preferences.ts";
import { RefusalNotice } from "../../ui/refusal-notice.tsx";
import { ControlTotals } from "./control-totals.tsx";
import { DropZone } from "./drop-zone.tsx";
import { DryRun } from "./dry-run.tsx";
import { FileCard } from "./file-card.tsx";
import classes from "./import.module.css";
import { type ReadFault, type ReadFile, readFile } from "./read-file.ts";
import { useImport } from "./use-import.ts";

/** Files → what they mean → what would happen → it happens. Nothing is written before the last step. */
export function ImportWizard({ onLeave }: { onLeave: () => void }): ReactNode {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { role } = useStaffAtTill();
  const [files, setFiles] = useState<readonly ReadFile[]>([]);
  const [faults, setFaults] = useState<readonly { name: string; fault: ReadFault }[]>([]);
  const [plan, setPlan] = useState<ImportPlan>();
  const work = useImport();
  const stopping = useRef(false);
  useUnfinished(files.length > 0 && work.imported === undefined);

  const take = async (dropped: File[]) => {
    const read = await Promise.all(
      dropped.map(async (file) => ({ name: file.name, result: await readFile(file) })),
    );
    setFaults(
      read.flatMap(({ name, result }) => (result.ok ? [] : [{ name, fault: result.refusal }])),
    );
    const good = read.flatMap(({ result }) => (result.ok ? [result.value] : []));
    setFiles((before) => [
      ...before.filter((old) => !good.some(({ hash }) => hash === old.hash)),
      ...good,
    ]);
  };
  const members = files.filter(({ kind }) => kind === "members");
  const purchases = files.filter(({ kind }) => kind === "purchases");
  const twice = members.length > 1 || purchases.length > 1;
  const whole = files.every(
    ({ kind, mapping }) => kind && checkMapping(kind, mapping).length === 0,
  );
  const ready = members.length === 1 && !twice && whole;
  const tryRun = async () => {
    stopping.current = false;
    const result = await work.plan(members[0], purchases[0], () => stopping.current);
    if (result) setPlan(result);
  };
  const run = async () => {
    if (!plan) return;
    stopping.current = false;
    await work.run(plan, files, () => stopping.current);
  };

  if (!role || !mayRecord(role, "ImportOpened"))
    return (
      <Page title={t("imports.title")} onBack={onLeave}>
        <Notice tone="warning">{t("imports.notPermitted")}</Notice>
      </Page>
    );
  if (work.progress) {
    const { done, total, what } = work.progress;
    return (
      <Page title={t("imports.title")}>
        <div className={`sheet ${classes.progress}`} role="status">
          <strong className="num">
            {t(what === "plan" ? "imports.trying" : "imports.going", { done, total })}
          </strong>
          <Progress
            value={total === 0 ? 0 : (done / total) * 100}
            size="lg"
            aria-label={t("imports.title")}
          />
          <span className="soft">{what === "run" && t("imports.goingNote")}</span>
          <Button
            variant="default"
            onClick={() => {
              stopping.current = true;
            }}
          >
            {t("imports.stop")}
          </Button>
        </div>
      </Page>
    );
  }
  if (work.imported && plan)
    return (
      <Page title={t("imports.done")}>
        <ControlTotals totals={plan.totals} />
        <p className="soft">{t("imports.doneNote")}</p>
        <Button size="xl" fullWidth onClick={onLeave}>
          {t("imports.toTill")}
        </Button>
      </Page>
    );
  if (plan)
    return (
      <Page title={t("imports.title")} onBack={() => setPlan(undefined)}>
        <DryRun
          plan={plan}
          files={files}
          onBack={() => setPlan(undefined)}
          onImport={() => void run()}
        />
        <RefusalNotice refusal={work.refusal} />
      </Page>
    );
  return (
    <Page title={t("imports.title")} onBack={onLeave}>
      <p className="soft">{t("imports.lead")}</p>
      <div className={classes.files}>
        <DropZone onFiles={(dropped) => void take(dropped)} />
        {faults.map(({ name, fault }) => (
          <Notice key={name} tone="bad" title={name} live>
            {importMessages[fault][language]}
          </Notice>
        ))}
        {files.map((file) => (
          <FileCard
            key={file.hash}
            file={file}
            onChange={(changed) =>
              setFiles((before) =>
                before.map((each) => (each.hash === changed.hash ? changed : each)),
              )
            }
            onRemove={() => setFiles((before) => before.filter(({ hash }) => hash !== file.hash))}
          />
        ))}
        {twice && <Notice tone="bad">{t("imports.twoOfAKind")}</Notice>}
        {files.length > 0 && members.length === 0 && (
          <Notice tone="warning">{t("imports.needMembers")}</Notice>
        )}
        {work.fault && <Notice tone="bad">{importMessages[work.fault][language]}</Notice>}
        {files.length > 0 && (
          <Button size="xl" disabled={!ready} onClick={() => void tryRun()}>
            {t("imports.tryRun")}
          </Button>
        )}
      </div>
    </Page>
  );
}

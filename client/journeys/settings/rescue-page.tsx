import { Button, Progress } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { RescueReport } from "../../../shared/replica/take-rescue.ts";
import { useUnfinished } from "../../shop/unfinished.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { missingText } from "../../ui/missing-text.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { momentOf } from "../../ui/when.ts";
import classes from "./rescue-page.module.css";
import { type RescueWork, useRescue } from "./use-rescue.ts";

/** Everything that this device holds as one file, and the way back for what is in such a file. */
export function RescuePage({ onBack }: { onBack: () => void }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { rescue } = useShop();
  const { work, save, take, stop } = useRescue(rescue);
  const input = useRef<HTMLInputElement>(null);
  const isBusy = work.state === "saving" || work.state === "taking";
  useUnfinished(isBusy);
  return (
    <Page title={tell("rescue.title")} onBack={onBack}>
      <p className={`soft ${classes.intro}`}>{tell("rescue.note")}</p>
      {!rescue && <Notice>{tell("rescue.elsewhere")}</Notice>}
      {isBusy && <Working work={work} onStop={stop} />}
      <Section>
        <Outcome work={work} />
      </Section>
      {rescue && !isBusy && (
        <>
          <Section title={tell("rescue.save")} note={tell("rescue.saveNote")}>
            <Button size="lg" onClick={() => void save()}>
              {tell("rescue.save")}
            </Button>
          </Section>
          <Section title={tell("rescue.take")} note={tell("rescue.takeNote")}>
            <Button size="lg" variant="default" onClick={() => input.current?.click()}>
              {tell("rescue.take")}
            </Button>
            <input
              ref={input}
              type="file"
              accept=".youbei-rescue,.txt,text/plain"
              hidden
              aria-label={tell("rescue.take")}
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                if (file) void take(file);
                event.currentTarget.value = "";
              }}
            />
          </Section>
        </>
      )}
    </Page>
  );
}

function Working({ work, onStop }: { work: RescueWork; onStop: () => void }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { done, total } = work.progress;
  const words =
    work.state === "saving"
      ? tell("rescue.saving", { done, total })
      : tell("rescue.taking", { done, total: Math.max(done, total) });
  return (
    <div className={`sheet ${classes.working}`}>
      <p className="num" role="status">
        {words}
      </p>
      <Progress value={total > 0 ? (100 * done) / total : 0} aria-label={words} />
      <Button variant="default" onClick={onStop}>
        {tell("rescue.stop")}
      </Button>
    </div>
  );
}

function Outcome({ work }: { work: RescueWork }): ReactNode {
  const { t: tell } = useTranslation("safety");
  switch (work.state) {
    case "saved":
      return (
        <Notice tone="good" live>
          {tell("rescue.saved", { n: work.operations, size: sizeText(work.bytes) })}
        </Notice>
      );
    case "stopped":
      return (
        <Notice tone="info" live>
          {tell("rescue.stopped")}
        </Notice>
      );
    case "save-failed":
      return (
        <Notice tone="bad" live>
          {tell("rescue.saveFailed")}
        </Notice>
      );
    case "failed":
      return (
        <Notice tone="bad" live>
          {tell(`rescue.faults.${work.fault}`)}
        </Notice>
      );
    case "taken":
      return <Report report={work.report} />;
    default:
      return null;
  }
}

/** What was new, what was damaged, and what is missing even now. */
function Report({ report }: { report: RescueReport }): ReactNode {
  const { t, i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority, missing } = useShopState();
  const { header, operations, taken, refused, damagedLines, isCut } = report;
  const device = authority.devices.get(header?.device ?? "");
  const name = device?.server
    ? t("receipt.savedServer")
    : (device?.name ?? t("ledger.unknownDevice"));
  const isWhole = refused === 0 && damagedLines.length === 0 && !isCut;
  const sentences = [
    header && tell("rescue.from", { device: name, when: momentOf(header.at, i18n.language) }),
    taken > 0
      ? tell("rescue.taken", { n: operations, taken })
      : tell("rescue.nothingNew", { n: operations }),
    damagedLines.length > 0 && tell("rescue.damagedLines", { n: damagedLines.length }),
    refused > 0 && tell("rescue.refused", { n: refused }),
    isCut && tell("rescue.cut"),
    missing.length > 0
      ? tell("rescue.missing", { list: missingText(missing, { t, tell, authority }) })
      : tell("rescue.complete"),
  ].filter((sentence) => typeof sentence === "string");
  return (
    <Notice tone={isWhole && missing.length === 0 ? "good" : "warning"} live>
      {sentences.map((sentence) => (
        <p key={sentence} className={classes.sentence}>
          {sentence}
        </p>
      ))}
    </Notice>
  );
}

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyFacts, SafetyTarget } from "../../../shared/safety/safety-facts.ts";
import { Icon } from "../../ui/icon.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import classes from "./safety-page.module.css";

/** Each target of backups and the newest snapshot: when, how large, whether it was read back. */
export function BackupsList({
  facts: { targets, snapshots },
  onTargets,
  onGoBack,
}: {
  facts: SafetyFacts;
  onTargets: () => void;
  onGoBack: () => void;
}): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const when = (ms: number) => momentOf(ms, i18n.language);
  const { newest, verified, total } = snapshots;
  return (
    <Rows>
      {targets.length === 0 && (
        <Row
          icon="warning"
          title={tell("centre.noBackups")}
          note={tell("centre.noBackupsNote")}
          onPress={onTargets}
        />
      )}
      {targets.map((target) => (
        <TargetRow key={target.id} target={target} />
      ))}
      <Row
        icon="server"
        title={tell("centre.snapshot")}
        note={
          newest
            ? `${when(newest.atMs)} · ${total === undefined ? "" : `${tell("centre.snapshotsInAll", { total })} · `}${
                verified
                  ? verified.ok
                    ? tell("centre.verifiedOk", { when: when(verified.atMs) })
                    : tell("centre.verifiedBad", { when: when(verified.atMs) })
                  : tell("centre.neverVerified")
              }`
            : tell("centre.noSnapshot")
        }
      />
      <Row
        icon="undo"
        title={tell("centre.goBack")}
        note={tell("centre.goBackNote")}
        onPress={onGoBack}
      />
    </Rows>
  );
}

function TargetRow({ target }: { target: SafetyTarget }): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const when = (ms: number) => momentOf(ms, i18n.language);
  const { name, kind, offSite, offline, lastMs, bytes, verified, drill, failure, nextMs } = target;
  const isBad = failure !== undefined || verified?.ok === false || drill?.ok === false;
  const facts = [
    lastMs === undefined
      ? tell("centre.noBackupYet")
      : tell("centre.lastBackup", { when: when(lastMs) }),
    bytes !== undefined && sizeText(bytes),
    failure
      ? tell("centre.failing", { when: when(failure.sinceMs) })
      : tell("centre.nextBackup", { when: when(nextMs) }),
    verified
      ? verified.ok
        ? tell("centre.verifiedOk", { when: when(verified.atMs) })
        : tell("centre.verifiedBad", { when: when(verified.atMs) })
      : tell("centre.neverVerified"),
    drill?.ok === false && tell("centre.drillBad", { when: when(drill.atMs) }),
  ].filter((fact) => typeof fact === "string");
  return (
    <Row
      icon={kind === "directory" ? "download" : "upload"}
      title={
        <>
          {name}
          {offSite && <Tag>{tell("centre.offSite")}</Tag>}
          {offline && <Tag>{tell("centre.offline")}</Tag>}
        </>
      }
      note={facts.join(" · ")}
      end={
        isBad ? (
          <span className={classes.bad}>
            <Icon name="warning" size={20} />
          </span>
        ) : undefined
      }
    />
  );
}

const Tag = ({ children }: { children: ReactNode }): ReactNode => (
  <span className={classes.tag}>{children}</span>
);

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

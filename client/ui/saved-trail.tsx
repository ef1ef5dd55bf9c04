import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer } from "../shop/use-shop.tsx";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./saved-trail.module.css";

/** Where an operation is by now: this device → the server → copies beside. It changes while one looks. */
export function SavedTrail({ operation }: { operation: string }): ReactNode {
  const { t } = useTranslation();
  const saved = useAnswer(`saved ${operation}`, (shop) => shop.saved(operation));
  const onServer = saved?.onServer ?? false;
  const copies = saved?.copies ?? 0;
  return (
    <ol className={classes.trail} aria-live="polite">
      <Step icon="device" there label={t("receipt.savedDevice")} />
      <Step
        icon="server"
        there={onServer}
        label={onServer ? t("receipt.savedServer") : t("receipt.waitingServer")}
      />
      <Step
        icon="copies"
        there={copies > 0}
        label={copies > 0 ? t("receipt.savedCopies", { n: copies }) : t("receipt.noCopies")}
      />
    </ol>
  );
}

const Step = ({
  icon,
  there,
  label,
}: {
  icon: IconName;
  there: boolean;
  label: string;
}): ReactNode => (
  <li className={classes.step} data-there={there}>
    <span className={classes.mark}>
      <Icon name={icon} size={20} />
      {there && (
        <span className={classes.tick}>
          <Icon name="check" size={12} />
        </span>
      )}
    </span>
    <span>{label}</span>
  </li>
);

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Icon } from "../../ui/icon.tsx";
import classes from "./checklist.module.css";
import { useChecklist } from "./use-checklist.ts";

/** On the till until everything is done: how far, and what comes next. */
export function ChecklistCard(): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const checklist = useChecklist();
  if (!checklist.applies || !checklist.next) return null;
  const all = checklist.steps.length;
  return (
    <button type="button" className={`sheet ${classes.card}`} onClick={() => go("/start")}>
      <span className={classes.ring} aria-hidden="true">
        {checklist.done}/{all}
      </span>
      <span className={classes.text}>
        <strong>{t("checklist.title")}</strong>
        <span className="caption">{t(`checklist.steps.${checklist.next}`)}</span>
      </span>
      <Icon name="next" size={20} />
    </button>
  );
}

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./to-review-mark.module.css";

/** Somebody has to decide between values that were written at the same time. */
export function ToReviewMark(): ReactNode {
  const { t } = useTranslation();
  return <span className={classes.mark}>{t("review.mark")}</span>;
}

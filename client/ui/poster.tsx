import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./poster.module.css";
import { setPreferences, usePreferences } from "./preferences.ts";
import { Seal } from "./seal.tsx";

/** A page by itself, before there is a shop to show: one thing to read, one thing to do. */
export function Poster({
  title,
  lead,
  wide = false,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <div className={classes.poster}>
      <header className={classes.head}>
        <Seal size={40} />
        <span className={classes.brand}>{t("common.appName")}</span>
        <button
          type="button"
          className={classes.language}
          lang={language === "zh" ? "en" : "zh-CN"}
          onClick={() => setPreferences({ language: language === "zh" ? "en" : "zh" })}
        >
          {language === "zh" ? "English" : "中文"}
        </button>
      </header>
      <main className={classes.main} data-wide={wide}>
        <h1 className={classes.title}>{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
        <div className={classes.body}>{children}</div>
      </main>
    </div>
  );
}

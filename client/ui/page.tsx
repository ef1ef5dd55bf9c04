import { ActionIcon } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icon.tsx";
import classes from "./page.module.css";

/** A page to read and act on from top to bottom: settings, today, the import. */
export function Page({
  title,
  onBack,
  aside,
  children,
}: {
  title: string;
  onBack?: (() => void) | undefined;
  aside?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={classes.page}>
      <div className={classes.inner}>
        <header className={classes.head}>
          {onBack && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={44}
              onClick={onBack}
              aria-label={t("common.back")}
            >
              <Icon name="back" />
            </ActionIcon>
          )}
          <h1 className={classes.title}>{title}</h1>
          {aside}
        </header>
        {children}
      </div>
    </div>
  );
}

export function Section({
  title,
  note,
  children,
}: {
  title?: string;
  note?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <section className={classes.section}>
      {title && <h2 className={classes.sectionTitle}>{title}</h2>}
      {note && <p className={classes.note}>{note}</p>}
      {children}
    </section>
  );
}

import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./notice.module.css";

export type NoticeTone = "info" | "good" | "warning" | "bad";

const icons: Record<NoticeTone, IconName> = {
  info: "info",
  good: "check",
  warning: "warning",
  bad: "warning",
};

/** Something to know, with what to do about it. `live` is read out when it appears. */
export function Notice({
  tone = "info",
  title,
  children,
  action,
  live = false,
}: {
  tone?: NoticeTone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  live?: boolean;
}): ReactNode {
  return (
    <div
      className={classes.notice}
      data-tone={tone}
      {...(live ? { role: tone === "bad" ? "alert" : "status" } : {})}
    >
      <Icon name={icons[tone]} size={22} />
      <div className={classes.body}>
        {title && <strong className={classes.title}>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
      {action}
    </div>
  );
}

import type { ReactNode } from "react";
import classes from "./stamp.module.css";

/** A seal pressed on paper: says that something is done, or undone. */
export function Stamp({
  children,
  tone = "done",
  small = false,
}: {
  children: ReactNode;
  tone?: "done" | "undone";
  small?: boolean;
}): ReactNode {
  return (
    <span className={classes.stamp} data-tone={tone} data-small={small || undefined}>
      {children}
    </span>
  );
}

import type { ReactNode } from "react";
import classes from "./safety-page.module.css";

/** A lantern with a figure on it: lit when the rule is kept. */
export const Lantern = ({ figure, lit }: { figure: string; lit: boolean }): ReactNode => (
  <svg
    viewBox="0 0 64 84"
    className={classes.lantern}
    data-lit={lit}
    aria-hidden="true"
    focusable="false"
  >
    <path className={classes.string} d="M32 2v9M32 67v6M28 73h8M29 73v8M32 73v9M35 73v8" />
    <rect className={classes.cap} x="22" y="10" width="20" height="6" rx="2" />
    <path className={classes.body} d="M32 15c15 0 26 9 26 24s-11 24-26 24S6 54 6 39s11-24 26-24Z" />
    <path
      className={classes.rib}
      d="M32 15c-7 5-10 13-10 24s3 19 10 24M32 15c7 5 10 13 10 24s-3 19-10 24"
    />
    <rect className={classes.cap} x="22" y="62" width="20" height="6" rx="2" />
    <text className={classes.figure} x="32" y="48" textAnchor="middle">
      {figure}
    </text>
  </svg>
);

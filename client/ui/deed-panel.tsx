import type { ReactNode } from "react";
import type { DeedRefusal } from "../shop/perform-with-value.ts";
import classes from "./deed-panel.module.css";
import { RefusalNotice } from "./refusal-notice.tsx";

/** What is to be done above, the keys below: they keep their place, whatever is said above them. */
export function DeedPanel({
  keys,
  refusal,
  children,
}: {
  keys: ReactNode;
  refusal: DeedRefusal | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={classes.panel}>
      <div className={classes.top}>{children}</div>
      <RefusalNotice refusal={refusal} />
      {keys}
    </div>
  );
}

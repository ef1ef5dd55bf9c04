import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";
import classes from "./row.module.css";

/** Rows on one sheet, ruled like a page of a book. */
export const Rows = ({ children }: { children: ReactNode }): ReactNode => (
  <div className={`sheet ${classes.rows}`}>{children}</div>
);

export function Row({
  icon,
  title,
  note,
  end,
  onPress,
}: {
  icon?: IconName;
  title: ReactNode;
  note?: ReactNode;
  end?: ReactNode;
  onPress?: (() => void) | undefined;
}): ReactNode {
  const inside = (
    <>
      {icon && <Icon name={icon} />}
      <span className={classes.text}>
        <span className={classes.title}>{title}</span>
        {note && <span className="caption">{note}</span>}
      </span>
      {end}
      {onPress && !end && <Icon name="next" size={20} />}
    </>
  );
  return onPress ? (
    <button type="button" className={classes.row} data-pressable="true" onClick={onPress}>
      {inside}
    </button>
  ) : (
    <div className={classes.row}>{inside}</div>
  );
}

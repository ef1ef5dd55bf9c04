import type { ReactNode } from "react";
import classes from "./choices.module.css";

export interface Choice<Value extends string> {
  value: Value;
  label: ReactNode;
  note?: ReactNode;
  disabled?: boolean;
}

/** A few ways to go, all in sight, one of them chosen. */
export function Choices<Value extends string>({
  label,
  value,
  choices,
  onChoose,
  showLabel = false,
}: {
  label: string;
  value: Value | undefined;
  choices: readonly Choice<Value>[];
  onChoose: (value: Value) => void;
  showLabel?: boolean;
}): ReactNode {
  return (
    <fieldset className={classes.set}>
      <legend className={showLabel ? classes.legend : classes.unseen}>{label}</legend>
      <div className={classes.choices}>
        {choices.map((choice) => (
          <button
            key={choice.value}
            type="button"
            className={classes.choice}
            aria-pressed={choice.value === value}
            disabled={choice.disabled}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(choice.value)}
          >
            {choice.label}
            {choice.note && <span className={classes.note}>{choice.note}</span>}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icon.tsx";
import classes from "./keypad.module.css";

export interface KeypadProps {
  onKey: (key: string) => void;
  onBackspace: () => void;
  onClear: () => void;
  /** the key at the bottom left: a decimal point for money, something else for a search */
  corner: { label: ReactNode; name: string; press: () => void };
  action: { label: ReactNode; name: string; press: () => void; disabled: boolean; busy?: boolean };
}

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/** Ten digits, a corner, and the one thing to do with them: always in the same place. */
export function Keypad({ onKey, onBackspace, onClear, corner, action }: KeypadProps): ReactNode {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.pad} aria-label={t("keypad.name")}>
      {digits.map((digit) => (
        <Key key={digit} area={`d${digit}`} name={digit} press={() => onKey(digit)}>
          {digit}
        </Key>
      ))}
      <Key area="corner" name={corner.name} press={corner.press} quiet>
        {corner.label}
      </Key>
      <Key area="zero" name="0" press={() => onKey("0")}>
        0
      </Key>
      <Key area="back" name={t("keypad.backspace")} press={onBackspace} hold={onClear} quiet>
        <Icon name="backspace" size={26} />
      </Key>
      <button
        type="button"
        className={classes.action}
        style={{ gridArea: "action" }}
        disabled={action.disabled}
        aria-busy={action.busy}
        aria-label={action.name}
        onMouseDown={keepFocus}
        onClick={action.press}
      >
        {action.label}
      </button>
    </fieldset>
  );
}

/** A line of the action key: how much, and by what where it is paid in parts. */
export const ActionPart = ({
  mixed = false,
  children,
}: {
  mixed?: boolean;
  children: ReactNode;
}): ReactNode => (
  <span className={`num ${classes.part}`} data-mixed={mixed}>
    {children}
  </span>
);

function Key(props: {
  area: string;
  name: string;
  press: () => void;
  hold?: () => void;
  quiet?: boolean;
  children: ReactNode;
}): ReactNode {
  const { area, name, press, hold, quiet, children } = props;
  return (
    <button
      type="button"
      className={classes.key}
      data-quiet={quiet}
      style={{ gridArea: area }}
      aria-label={name}
      onMouseDown={keepFocus}
      onClick={press}
      onContextMenu={(event) => {
        event.preventDefault();
        hold?.();
      }}
    >
      {children}
    </button>
  );
}

/** The field that a key types into keeps the focus. */
const keepFocus = (event: React.MouseEvent) => event.preventDefault();

import type { TFunction } from "i18next";
import { type ReactNode, type RefObject, useId } from "react";
import { useTranslation } from "react-i18next";
import classes from "./amount-field.module.css";
import type { Amount } from "./use-amount.ts";
import { useTouch } from "./use-touch.ts";

/** The amount in figures as large as on a till; a real field, so that any keyboard works. */
export function AmountField({
  label,
  amount,
  onEnter,
  onFocus,
  inputRef,
  error,
}: {
  label: string;
  amount: Amount;
  onEnter: () => void;
  onFocus?: () => void;
  inputRef?: RefObject<HTMLInputElement | null>;
  error?: string | undefined;
}): ReactNode {
  const id = useId();
  const touch = useTouch();
  const { t } = useTranslation();
  const fault = amount.fault && faultText(t, amount.fault);
  const said = error ?? (amount.typed === "0" || amount.typed === "0." ? undefined : fault);
  return (
    <div className={classes.field} data-invalid={said !== undefined}>
      <label className={classes.label} htmlFor={id}>
        {label}
      </label>
      <span className={`num ${classes.figures}`}>
        <span className={classes.sign} aria-hidden="true">
          ¥
        </span>
        <input
          id={id}
          ref={inputRef}
          className={classes.input}
          style={{ width: widthOf(amount.typed || "0.00") }}
          value={amount.typed}
          placeholder="0.00"
          inputMode={touch ? "none" : "decimal"}
          autoComplete="off"
          enterKeyHint="done"
          data-till-field="true"
          aria-invalid={said !== undefined}
          aria-describedby={said ? `${id}-error` : undefined}
          onFocus={onFocus}
          onChange={(event) => amount.type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
            event.preventDefault();
            onEnter();
          }}
        />
      </span>
      {said && (
        <p className={classes.error} id={`${id}-error`} role="alert">
          {said}
        </p>
      )}
    </div>
  );
}

/** As wide as what is in it, so that the sign stands beside the figures. */
const widthOf = (text: string): string => {
  const points = text.split(".").length - 1;
  return `${Math.max(1, text.length - points) + points * 0.45 + 0.1}ch`;
};

function faultText(t: TFunction, fault: NonNullable<Amount["fault"]>): string {
  if (fault === "not-positive") return t("refusals.amount-not-positive");
  if (fault === "too-many-decimals") return t("refusals.amount-not-fen");
  if (fault === "too-large") return t("refusals.amount-too-large", { most: "¥1,000,000,000" });
  return t("refusals.not-a-number");
}

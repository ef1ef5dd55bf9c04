import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TopUpPreset } from "../../../shared/access/authority-state.ts";
import { formatYuan } from "../../../shared/money/fen.ts";
import classes from "./top-up.module.css";

/** What a shop offers, as tickets to tap. */
export function PresetGrid({
  presets,
  chosen,
  onChoose,
}: {
  presets: readonly TopUpPreset[];
  chosen: TopUpPreset | "custom" | undefined;
  onChoose: (preset: TopUpPreset | "custom") => void;
}): ReactNode {
  const { t } = useTranslation();
  const isChosen = (preset: TopUpPreset) =>
    chosen !== undefined &&
    chosen !== "custom" &&
    chosen.principal === preset.principal &&
    chosen.bonus === preset.bonus;
  return (
    <fieldset className={classes.grid} aria-label={t("topUp.choose")}>
      {presets.map((preset) => (
        <button
          key={`${preset.principal}+${preset.bonus}`}
          type="button"
          className={classes.preset}
          aria-pressed={isChosen(preset)}
          onClick={() => onChoose(preset)}
        >
          <span className={`num ${classes.principal}`}>{rounded(preset.principal)}</span>
          <span className={classes.bonus} data-some={preset.bonus > 0}>
            {preset.bonus > 0
              ? t("topUp.give", { bonus: rounded(preset.bonus) })
              : t("topUp.noBonus")}
          </span>
        </button>
      ))}
      <button
        type="button"
        className={classes.preset}
        aria-pressed={chosen === "custom"}
        onClick={() => onChoose("custom")}
      >
        <span className={classes.custom}>{t("topUp.custom")}</span>
      </button>
    </fieldset>
  );
}

/** `500`, not `500.00`: fen only where there are some. */
const rounded = (fen: number): string => formatYuan(fen).replace(/\.00$/, "");

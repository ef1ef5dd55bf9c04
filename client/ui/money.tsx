import type { ReactNode } from "react";
import { formatYuan } from "../../shared/money/fen.ts";
import classes from "./money.module.css";

export interface MoneyProps {
  fen: number;
  size?: "small" | "normal" | "large" | "huge";
  /** show + and − */
  signed?: boolean;
  tone?: "plain" | "gain" | "soft" | "struck";
}

/** `¥1,234.50`, the fen smaller than the yuan. */
export function Money({ fen, size = "normal", signed, tone = "plain" }: MoneyProps): ReactNode {
  const [whole = "0", decimals = "00"] = formatYuan(Math.abs(fen)).split(".");
  const sign = fen < 0 ? "−" : signed && fen > 0 ? "+" : "";
  return (
    <span className={`num ${classes.money}`} data-size={size} data-tone={tone}>
      {sign}
      <span className={classes.sign}>¥</span>
      {whole}
      <span className={classes.decimals}>.{decimals}</span>
    </span>
  );
}

export const yuan = (fen: number): string => `${fen < 0 ? "−" : ""}¥${formatYuan(Math.abs(fen))}`;

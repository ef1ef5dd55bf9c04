import type { TFunction } from "i18next";

/** @param ms how long something took or lasts, milliseconds */
export function durationText(tell: TFunction<"safety">, ms: number): string {
  const seconds = Math.max(0.1, ms / 1000);
  if (seconds < 90)
    return tell("centre.seconds", { n: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return tell("centre.minutes", { n: minutes });
  return tell("centre.hours", { n: Math.floor(minutes / 60) });
}

import { Kbd } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Abacus } from "../../ui/abacus.tsx";
import { useTouch } from "../../ui/use-touch.ts";
import classes from "./till-idle.module.css";

/** Beside the list while nobody is being served. */
export function TillIdle({ typed, keypad }: { typed: string; keypad?: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const touch = useTouch();
  const digits = /^\d*$/.test(typed) ? typed.slice(-4) : "";
  return (
    <div className={classes.idle}>
      <div className={classes.middle}>
        <Abacus width={168} />
        <div className={`num ${classes.slots}`} aria-hidden="true">
          {[0, 1, 2, 3].map((slot) => (
            <span
              key={slot}
              className={classes.slot}
              data-next={slot === digits.length || undefined}
            >
              {digits.charAt(slot)}
            </span>
          ))}
        </div>
        <h2 className={classes.title}>{t("till.idleTitle")}</h2>
        <p className={classes.text}>{t("till.idleText")}</p>
        {!touch && (
          <ul className={classes.keys}>
            <li>
              <Kbd size="md">F2</Kbd> {t("till.keys.search")}
            </li>
            <li>
              <Kbd size="md">↑</Kbd> <Kbd size="md">↓</Kbd> {t("till.keys.choose")}
            </li>
            <li>
              <Kbd size="md">Enter</Kbd> {t("till.keys.open")}
            </li>
            <li>
              <Kbd size="md">Esc</Kbd> {t("till.keys.back")}
            </li>
          </ul>
        )}
      </div>
      {keypad}
    </div>
  );
}

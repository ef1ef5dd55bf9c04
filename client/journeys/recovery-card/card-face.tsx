import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Seal } from "../../ui/seal.tsx";
import classes from "./recovery-card.module.css";

/** What is printed: both spellings of the same key, each word with its number. */
export function CardFace({
  shop,
  zh,
  en,
}: {
  shop: string;
  zh: readonly string[];
  en: readonly string[];
}): ReactNode {
  const { t } = useTranslation();
  return (
    <section className={classes.face} aria-label={t("card.title")}>
      <header className={classes.head}>
        <Seal size={34} />
        <strong>{shop}</strong>
        <span>{t("card.title")}</span>
      </header>
      <ol className={classes.words}>
        {zh.map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word's place is part of the key
          <li key={`${index + 1} ${word}`} className={classes.word}>
            <span className={`num ${classes.number}`}>{index + 1}</span>
            <span className={classes.hanzi} lang="zh-CN">
              {word}
            </span>
            <span className={classes.english} lang="en">
              {en[index]}
            </span>
          </li>
        ))}
      </ol>
      <footer className={classes.foot}>{t("card.either")}</footer>
    </section>
  );
}

import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { FieldConflict, MemberView, WrittenValue } from "../../shared/replica/member-view.ts";
import { fieldText } from "../i18n/refusal-text.ts";
import { useDeed } from "../shop/use-deed.ts";
import { useShopState } from "../shop/use-shop.tsx";
import classes from "./conflict-choice.module.css";
import { placeText } from "./entry-text.ts";
import { Icon } from "./icon.tsx";
import { spacedPhone } from "./phone.ts";
import { RefusalNotice } from "./refusal-notice.tsx";
import { ToReviewMark } from "./to-review-mark.tsx";
import type { ShownConflict } from "./use-decided.ts";
import { momentOf } from "./when.ts";

/** Every value of a field that devices changed at the same time, who wrote it and when: one tap decides. */
export function ConflictChoice({
  member,
  shown: { conflict, chosen },
  onChoose,
}: {
  member: MemberView;
  shown: ShownConflict;
  onChoose: (value: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const deed = useDeed();
  const { field } = conflict;
  const values = valuesOf(conflict);
  const choose = (value: string) => {
    if (value === chosen || deed.state !== "idle") return;
    onChoose(value);
    void deed.perform({ command: "EditMember", member: member.id, fields: { [field]: value } });
  };
  const wordsOf = (value: string) => textOf(field, value) || t("review.cleared");
  return (
    <fieldset className={classes.field} aria-labelledby={id}>
      <div className={classes.head}>
        <span id={id}>{fieldText(t, field)}</span>
        {chosen === undefined && <ToReviewMark />}
        <p className={`caption ${classes.said}`} role="status">
          {chosen !== undefined
            ? t("review.said", { field: fieldText(t, field), value: wordsOf(chosen) })
            : member.key === "fetching"
              ? t("review.keyMissing")
              : values.some(({ value }) => value === undefined)
                ? t("review.partlyUnreadable")
                : t("review.pick")}
        </p>
      </div>
      <ul className={classes.values}>
        {values.map(({ value, written }, index) => (
          <li key={value ?? written[0]?.edit}>
            {value === undefined ? (
              <div className={classes.value}>
                <span className={classes.text}>{t("review.unreadable")}</span>
                <Writers written={written} />
              </div>
            ) : (
              <button
                type="button"
                className={classes.value}
                aria-pressed={chosen === undefined ? undefined : value === chosen}
                aria-busy={deed.state !== "idle"}
                onClick={() => choose(value)}
              >
                <span className={classes.text}>
                  <Verb keeps={index === 0} value={wordsOf(value)} soft={value === ""} />
                </span>
                <Writers written={written} />
                {value === chosen ? (
                  <span className={classes.state}>
                    <Icon name="check" size={16} />
                    {t("review.chosen")}
                  </span>
                ) : (
                  chosen === undefined &&
                  index === 0 && <span className={classes.state}>{t("review.shownNow")}</span>
                )}
              </button>
            )}
          </li>
        ))}
      </ul>
      <RefusalNotice refusal={deed.refusal} />
    </fieldset>
  );
}

/** The value in large, the verb around it for who hears the screen rather than sees it. */
function Verb(props: { keeps: boolean; value: string; soft: boolean }): ReactNode {
  const { t } = useTranslation();
  const { keeps, value, soft } = props;
  return (
    <>
      <span className={classes.spoken}>{t(keeps ? "review.keep" : "review.use", { value })}</span>
      <span aria-hidden="true" className={soft ? "soft" : undefined}>
        {value}
      </span>
    </>
  );
}

function Writers({ written }: { written: readonly WrittenValue[] }): ReactNode {
  const { t, i18n } = useTranslation();
  const { authority } = useShopState();
  return written.map((each) => (
    <span key={each.edit} className="caption">
      {placeText(t, each, authority)} · {momentOf(each.atMs, i18n.language)}
    </span>
  ));
}

/** Equal values stand together; what cannot be read stands alone. */
export function valuesOf({ shown, others }: FieldConflict): {
  value: string | undefined;
  written: WrittenValue[];
}[] {
  const found: { value: string | undefined; written: WrittenValue[] }[] = [];
  for (const each of [shown, ...others]) {
    const same = found.find(({ value }) => value !== undefined && value === each.value);
    if (same) same.written.push(each);
    else found.push({ value: each.value, written: [each] });
  }
  return found;
}

const textOf = (field: string, value: string): string =>
  field === "phone" ? spacedPhone(value) : value;

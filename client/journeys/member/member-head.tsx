import { ActionIcon } from "@mantine/core";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { useAnswer, useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Money, yuan } from "../../ui/money.tsx";
import { spacedPhone } from "../../ui/phone.ts";
import { Stamp } from "../../ui/stamp.tsx";
import { agoOf } from "../../ui/when.ts";
import classes from "./member-head.module.css";

/** The first page of a passbook: whose it is, and what it comes to. */
export function MemberHead({
  member,
  brief = false,
  onBack,
  onReview,
}: {
  member: MemberView;
  /** beside a receipt: only whose it is and what it comes to */
  brief?: boolean;
  onBack: () => void;
  /** to where values that were written at the same time are decided */
  onReview: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { fields } = member;
  const name =
    fields["name"] ?? (member.key === "fetching" ? t("till.fetchingName") : t("till.noName"));
  return (
    <header className={`sheet ${classes.head}`} data-brief={brief || undefined}>
      <div className={classes.nameLine}>
        <ActionIcon
          className={classes.back}
          variant="subtle"
          color="gray"
          size={44}
          onClick={onBack}
          aria-label={t("common.back")}
        >
          <Icon name="back" />
        </ActionIcon>
        <h1 className={classes.name}>{name}</h1>
        {fields["level"] && <span className={classes.level}>{fields["level"]}</span>}
      </div>
      <p className={`num ${classes.contact}`}>
        {fields["phone"] && <span>{spacedPhone(fields["phone"])}</span>}
        {fields["card"] && (
          <span>
            <span className="caption">{t("fields.card")} </span>
            {fields["card"]}
          </span>
        )}
      </p>
      <p className={`caption ${classes.facts}`}>{factsOf(t, member).join(" · ")}</p>
      <div className={classes.account}>
        <span className="caption">{t("member.balance")}</span>
        <span className={classes.balance}>
          <Money fen={member.balance} size="large" />
        </span>
      </div>
      <div className={classes.split}>
        <span className="caption num">
          {t("member.principal")} {yuan(member.principal)} · {t("member.bonus")}{" "}
          {yuan(member.bonus)}
        </span>
        <Usable member={member} />
      </div>
      {(member.openingToCheck || member.undoneButKept || member.conflicts.length > 0) && (
        <div className={classes.marks}>
          {member.conflicts.length > 0 && (
            <button type="button" className={classes.review} onClick={onReview}>
              <Stamp small>{t("review.stamp")}</Stamp>
              <Icon name="next" size={16} />
            </button>
          )}
          {member.openingToCheck && <Stamp small>{t("member.openingToCheck")}</Stamp>}
          {member.undoneButKept && <Stamp small>{t("member.undoneButKept")}</Stamp>}
        </div>
      )}
    </header>
  );
}

/** Without network: how old what is shown is, and how much of it this device may spend. */
function Usable({ member }: { member: MemberView }): ReactNode {
  const { t, i18n } = useTranslation();
  const { link } = useShopState();
  const spendable = useAnswer(`spendable ${member.id}`, (shop) => shop.spendable(member.id));
  if (link.state === "online" || member.balance <= 0 || spendable === undefined) return null;
  const all = spendable >= member.balance;
  return (
    <span className={`caption ${classes.usable}`} data-part={!all}>
      <Icon name="offline" size={16} />
      {all ? t("member.hereAll") : t("member.here", { here: yuan(spendable) })}
      {!all &&
        link.lastContactMs !== undefined &&
        ` · ${agoOf(link.lastContactMs, Date.now(), i18n.language)}`}
    </span>
  );
}

function factsOf(t: TFunction, member: MemberView): string[] {
  const facts: string[] = [];
  const visits = member.visits + member.oldVisits;
  if (visits > 0) facts.push(t("member.visits", { n: visits }));
  const spent = member.spent + member.oldSpent;
  if (spent > 0) facts.push(t("member.spent", { amount: yuan(spent) }));
  if (member.oldSpent > 0 && member.spent > 0)
    facts.push(t("member.oldSpent", { amount: yuan(member.oldSpent) }));
  if (member.key === "fetching") facts.push(t("member.fetching"));
  return facts;
}

import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { Money } from "../../ui/money.tsx";
import { spacedPhone } from "../../ui/phone.ts";
import { ToReviewMark } from "../../ui/to-review-mark.tsx";
import classes from "./hit-list.module.css";

/** Members to choose from: who fits what was typed, or who was here last. */
export function HitList({
  heading,
  members,
  at,
  active,
  typed,
  onOpen,
}: {
  heading: string;
  members: readonly MemberView[];
  at: number;
  /** the member that is open beside the list */
  active: string | undefined;
  typed: string;
  onOpen: (member: MemberView) => void;
}): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (at >= 0) list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <section className={classes.section} aria-label={heading}>
      <p className={`caption ${classes.heading}`} role="status">
        {heading}
      </p>
      <ul ref={list} className={`sheet ${classes.list}`}>
        {members.map((member, index) => (
          <li key={member.id}>
            <button
              type="button"
              className={classes.hit}
              data-at={index === at || undefined}
              aria-current={member.id === active ? "true" : undefined}
              onClick={() => onOpen(member)}
            >
              <Hit member={member} typed={typed.trim()} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hit({ member, typed }: { member: MemberView; typed: string }): ReactNode {
  const { t } = useTranslation();
  const { fields } = member;
  const phone = fields["phone"] ?? "";
  const name =
    fields["name"] ?? (member.key === "fetching" ? t("till.fetchingName") : t("till.noName"));
  const byTail = typed.length >= 3 && /^\d+$/.test(typed) && phone.endsWith(typed);
  const head = byTail ? phone.slice(0, -typed.length) : "";
  return (
    <>
      <span className={classes.who}>
        <span className={classes.name}>
          {name}
          {fields["level"] && <span className={classes.level}>{fields["level"]}</span>}
        </span>
        <span className={`num ${classes.contact}`}>
          {byTail ? (
            <>
              {head}
              <mark>{typed}</mark>
            </>
          ) : (
            spacedPhone(phone) || fields["card"]
          )}
        </span>
      </span>
      <span className={classes.end}>
        <Money fen={member.balance} tone={member.balance === 0 ? "soft" : "plain"} />
        {member.conflicts.length > 0 && <ToReviewMark />}
      </span>
    </>
  );
}

import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { actsToLookAt } from "../shop/acts-to-look-at.ts";
import { devicesInDoubt } from "../shop/doubtful-devices.ts";
import { useMembersToReview } from "../shop/members-to-review.ts";
import { useStaffAtTill } from "../shop/staff-at-till.ts";
import { useShop, useShopState } from "../shop/use-shop.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { safetyPath } from "../ui/paths.ts";
import { Seal } from "../ui/seal.tsx";
import { useWidth } from "../ui/use-touch.ts";
import { Notices } from "./notices.tsx";
import classes from "./shell.module.css";
import { StaffButton } from "./staff-button.tsx";
import { StatusButton } from "./status-button.tsx";

type Place = "till" | "today" | "safety" | "settings";

const places: readonly { path: string; icon: IconName; name: Place }[] = [
  { path: "/", icon: "till", name: "till" },
  { path: "/today", icon: "today", name: "today" },
  { path: safetyPath, icon: "shield", name: "safety" },
  { path: "/settings", icon: "settings", name: "settings" },
];

/** What is always there: whose shop it is, who is at the till, whether things are saved, where to go. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [path] = useLocation();
  const width = useWidth();
  const { authority } = useShopState();
  const toReview = useMembersToReview().length;
  const inDoubt = devicesInDoubt(authority).length;
  const toApprove = actsToLookAt(authority, useShop().identity, Date.now()).length;
  const badgeOf = {
    till: undefined,
    today: toReview > 0 && { n: toReview, words: t("review.badge", { n: toReview }) },
    safety: undefined,
    settings: inDoubt + toApprove > 0 && {
      n: inDoubt + toApprove,
      words: [
        ...(inDoubt > 0 ? [tell("identity.doubt.badge", { n: inDoubt })] : []),
        ...(toApprove > 0 ? [tell("approvals.badge", { n: toApprove })] : []),
      ].join(" "),
    },
  };
  const { role } = useStaffAtTill();
  const mayAnswer = role === "owner" || role === "manager";
  const shown = places.filter(({ name }) => mayAnswer || name !== "safety");
  const serving = /^\/(members|walk-in)/.test(path);
  return (
    <div className={classes.shell} data-width={width}>
      <header className={classes.header}>
        <span className={classes.brand}>
          <Seal size={34} />
          <span className={classes.shop}>{authority.name}</span>
        </span>
        <StatusButton />
        <StaffButton />
      </header>
      <div className={classes.notices}>
        <Notices />
      </div>
      <main className={classes.main}>{children}</main>
      <nav
        className={classes.nav}
        data-serving={(width === "phone" && serving) || undefined}
        aria-label={t("header.menu")}
      >
        {shown.map(({ path: place, icon, name }) => (
          <Link
            key={place}
            href={place}
            className={classes.place}
            aria-current={isAt(path, place) ? "page" : undefined}
          >
            <Icon name={icon} />
            <span>{name === "safety" ? tell("centre.nav") : t(`header.${name}`)}</span>
            <Badge badge={badgeOf[name]} />
          </Link>
        ))}
      </nav>
    </div>
  );
}

/** How much there waits for somebody. */
function Badge({ badge }: { badge: { n: number; words: string } | false | undefined }): ReactNode {
  return (
    badge && (
      <span className={`num ${classes.badge}`}>
        <span aria-hidden="true">{badge.n}</span>
        <VisuallyHidden>{badge.words}</VisuallyHidden>
      </span>
    )
  );
}

const isAt = (path: string, place: string): boolean =>
  place === "/" ? /^\/($|members|walk-in|top-up)/.test(path) : path.startsWith(place);

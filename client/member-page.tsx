import { Button } from "@mantine/core";
import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import type { HistoryEntry } from "../shared/replica/member-history.ts";
import type { MemberView } from "../shared/replica/member-view.ts";
import { CheckOut } from "./journeys/check-out/check-out.tsx";
import { MemberDetails } from "./journeys/member/member-details.tsx";
import { MemberHead } from "./journeys/member/member-head.tsx";
import { Passbook } from "./journeys/member/passbook.tsx";
import { MemberForm } from "./journeys/member-form/member-form.tsx";
import { Receipt } from "./journeys/receipt/receipt.tsx";
import { TopUp } from "./journeys/top-up/top-up.tsx";
import { useMember, useShopState } from "./shop/use-shop.tsx";
import classes from "./till-page.module.css";
import { deedOf } from "./ui/deed-of.ts";
import type { DoneDeed } from "./ui/done.ts";
import { Empty } from "./ui/empty.tsx";
import { kindText } from "./ui/entry-text.ts";
import { Icon, type IconName } from "./ui/icon.tsx";
import { Page } from "./ui/page.tsx";
import { type MemberTab, memberPath } from "./ui/paths.ts";
import type { Undoable } from "./ui/undoable.ts";
import { useWidth } from "./ui/use-touch.ts";

type Tab = "charge" | MemberTab;

const tabs: readonly {
  tab: Tab;
  icon: IconName;
  name: "charge" | "topUp" | "ledger" | "details";
}[] = [
  { tab: "charge", icon: "charge", name: "charge" },
  { tab: "top-up", icon: "top-up", name: "topUp" },
  { tab: "ledger", icon: "ledger", name: "ledger" },
  { tab: "details", icon: "person", name: "details" },
];

/** One member: what it comes to, and what can be done. Opens ready to charge. */
export function MemberPage({
  id,
  onClose,
  onUndo,
  undone,
}: {
  id: string;
  onClose: () => void;
  onUndo: (target: Undoable) => void;
  /** what was undone while the page was open */
  undone: readonly string[];
}): ReactNode {
  const { t } = useTranslation();
  const [path, go] = useLocation();
  const { authority } = useShopState();
  const member = useMember(id);
  const width = useWidth();
  const wide = width === "desktop";
  const [shown, setShown] = useState<DoneDeed>();
  const tab = (path.split("/")[3] ?? "charge") as Tab;
  if (!member)
    return (
      <Empty
        title={t("member.notHere")}
        actions={<Button onClick={onClose}>{t("common.back")}</Button>}
      >
        {t("member.notHereText")}
      </Empty>
    );
  if (tab === "edit")
    return (
      <Page title={t("memberForm.editTitle")} onBack={() => go(memberPath(id, "details"))}>
        <MemberForm
          member={member}
          onCancel={() => go(memberPath(id, "details"))}
          onOpen={(other) => go(memberPath(other))}
          onSaved={() => go(memberPath(id, "details"))}
        />
      </Page>
    );
  const showEntry = (entry: HistoryEntry) =>
    setShown(deedOf(entry, authority.staff.get(entry.staff)?.name ?? ""));
  const book = <Passbook member={id} onOpen={showEntry} />;
  const at = wide && tab === "ledger" ? "charge" : tab;
  return (
    <div className={classes.member} data-wide={wide}>
      <MemberHead
        member={member}
        brief={shown !== undefined}
        onBack={onClose}
        onReview={() => {
          setShown(undefined);
          go(memberPath(id, "details"));
        }}
      />
      {!shown && (
        <nav className={classes.tabs} aria-label={member.fields["name"] ?? t("till.noName")}>
          {tabs
            .filter((each) => !wide || each.tab !== "ledger")
            .map(({ tab: each, icon, name }) => (
              <Link
                key={each}
                className={classes.tab}
                href={memberPath(id, each === "charge" ? undefined : each)}
                aria-current={each === at ? "page" : undefined}
              >
                <Icon name={icon} size={20} />
                {t(`member.tabs.${name}`)}
              </Link>
            ))}
        </nav>
      )}
      <div className={classes.body}>
        <div className={classes.pane}>
          {shown ? (
            <Receipt
              key={shown.ref}
              deed={{ ...shown, isUndone: shown.isUndone || undone.includes(shown.ref) }}
              onClose={() => (shown.isOld ? setShown(undefined) : onClose())}
              onUndo={() =>
                onUndo({
                  ref: shown.ref,
                  title: titleOf(member, shown, t),
                  amountFen: shown.amountFen,
                  member: id,
                })
              }
            />
          ) : at === "top-up" ? (
            <TopUp member={member} onDone={setShown} />
          ) : at === "details" ? (
            <MemberDetails member={member} onEdit={() => go(memberPath(id, "edit"))} />
          ) : at === "ledger" ? (
            book
          ) : (
            <CheckOut
              member={member}
              onDone={setShown}
              aside={width === "tablet" && <Passbook member={id} most={4} onOpen={showEntry} />}
            />
          )}
        </div>
        {wide && (
          <div className={classes.pane}>
            <h2 className={classes.bookTitle}>{t("ledger.title")}</h2>
            {book}
          </div>
        )}
      </div>
    </div>
  );
}

function titleOf(member: MemberView, deed: DoneDeed, t: TFunction): string {
  const kind = deed.kind === "sale" ? "SaleRecorded" : "ToppedUp";
  return `${member.fields["name"] ?? ""} ${kindText(t, { kind, items: [] })}`;
}

import type { TFunction } from "i18next";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { MemberId } from "../../../shared/members/member-kinds.ts";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { useMembersToReview } from "../../shop/members-to-review.ts";
import { useShop } from "../../shop/use-shop.tsx";
import { ConflictChoice } from "../../ui/conflict-choice.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { spacedPhone } from "../../ui/phone.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { useDecided } from "../../ui/use-decided.ts";

/** All members with something to decide, one tap each. What was decided stays until the page is left. */
export function ReviewPage({
  onBack,
  onOpen,
}: {
  onBack: () => void;
  onOpen: (member: MemberId) => void;
}): ReactNode {
  const { t } = useTranslation();
  const shop = useShop();
  const decided = useDecided();
  const order = useSeenOrder(useMembersToReview());
  const members = order.flatMap((id) => shop.member(id) ?? []);
  const shown = members
    .map((member) => ({ member, conflicts: decided.shownOf(member) }))
    .filter(({ conflicts }) => conflicts.length > 0);
  return (
    <Page title={t("review.title")} onBack={onBack}>
      {shown.length === 0 ? (
        <div className="sheet">
          <Empty title={t("review.none")}>{t("review.noneText")}</Empty>
        </div>
      ) : (
        <>
          <p className="soft" style={{ margin: "-6px 2px 16px", lineHeight: 1.6 }}>
            {t("review.note")}
          </p>
          {shown.map(({ member, conflicts }) => (
            <Section key={member.id}>
              <Rows>
                <Row
                  icon="person"
                  title={nameOf(t, member)}
                  note={spacedPhone(member.fields["phone"] ?? "") || member.fields["card"]}
                  onPress={() => onOpen(member.id)}
                />
                {conflicts.map((each) => (
                  <ConflictChoice
                    key={each.conflict.field}
                    member={member}
                    shown={each}
                    onChoose={(value) => decided.remember(member, each.conflict, value)}
                  />
                ))}
              </Rows>
            </Section>
          ))}
        </>
      )}
    </Page>
  );
}

/** Newest first when the page opens; what comes later goes to the end, so that nothing moves. */
function useSeenOrder(open: readonly MemberView[]): readonly MemberId[] {
  const seen = useRef<MemberId[]>([]);
  const fresh = open.filter(({ id }) => !seen.current.includes(id));
  fresh.sort((a, b) => newestOf(b) - newestOf(a));
  if (fresh.length > 0) seen.current = [...seen.current, ...fresh.map(({ id }) => id)];
  return seen.current;
}

const newestOf = ({ conflicts }: MemberView): number =>
  Math.max(...conflicts.flatMap(({ shown, others }) => [shown, ...others].map(({ atMs }) => atMs)));

const nameOf = (t: TFunction, { fields, key }: MemberView): string =>
  fields["name"] ?? (key === "fetching" ? t("till.fetchingName") : t("till.noName"));

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { knownFields } from "../../../shared/members/member-fields.ts";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { fieldText } from "../../i18n/refusal-text.ts";
import { ConflictChoice } from "../../ui/conflict-choice.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { useDecided } from "../../ui/use-decided.ts";

/** Everything that is known of a member; where several values wait for a decision, they stand at the field. */
export function MemberDetails({
  member,
  onEdit,
}: {
  member: MemberView;
  onEdit: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const decided = useDecided();
  const choices = new Map(decided.shownOf(member).map((each) => [each.conflict.field, each]));
  const order = [...knownFields, ...Object.keys(member.fields), ...choices.keys()].filter(
    (field, index, all) => all.indexOf(field) === index,
  );
  const shown = order.filter(
    (field) => choices.has(field) || (member.fields[field] && field !== "pinyin"),
  );
  return (
    <div style={{ display: "grid", gap: 14 }}>
      <Rows>
        {member.key === "fetching" && <Row title={t("till.fetchingName")} />}
        {shown.map((field) => {
          const choice = choices.get(field);
          return choice ? (
            <ConflictChoice
              key={field}
              member={member}
              shown={choice}
              onChoose={(value) => decided.remember(member, choice.conflict, value)}
            />
          ) : (
            <Row
              key={field}
              note={fieldText(t, field)}
              title={<span style={{ whiteSpace: "pre-wrap" }}>{member.fields[field]}</span>}
            />
          );
        })}
      </Rows>
      <Button variant="default" leftSection={<Icon name="edit" />} onClick={onEdit}>
        {t("member.edit")}
      </Button>
    </div>
  );
}

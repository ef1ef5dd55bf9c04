import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { knownFields } from "../../../shared/members/member-fields.ts";
import type { FieldConflict, MemberView } from "../../../shared/replica/member-view.ts";
import { fieldText } from "../../i18n/refusal-text.ts";
import { useDeed } from "../../shop/use-deed.ts";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { RefusalNotice } from "../../ui/refusal-notice.tsx";
import { Row, Rows } from "../../ui/row.tsx";

/** Everything that is known of a member, what came with an import included. */
export function MemberDetails({
  member,
  onEdit,
}: {
  member: MemberView;
  onEdit: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const order = [...knownFields, ...Object.keys(member.fields)].filter(
    (field, index, all) => all.indexOf(field) === index && field !== "pinyin",
  );
  const shown = order.filter((field) => member.fields[field]);
  return (
    <div style={{ display: "grid", gap: 14 }}>
      {member.conflicts.length > 0 && <Conflicts member={member} />}
      <Rows>
        {shown.map((field) => (
          <Row
            key={field}
            note={fieldText(t, field)}
            title={<span style={{ whiteSpace: "pre-wrap" }}>{member.fields[field]}</span>}
          />
        ))}
        {shown.length === 0 && <Row title={t("till.fetchingName")} />}
      </Rows>
      <Button variant="default" leftSection={<Icon name="edit" />} onClick={onEdit}>
        {t("member.edit")}
      </Button>
    </div>
  );
}

/** Two devices wrote one field without knowing of each other: a person says which it is. */
function Conflicts({ member }: { member: MemberView }): ReactNode {
  const { t } = useTranslation();
  const deed = useDeed();
  const choose = (field: string, value: string) =>
    void deed.perform({ command: "EditMember", member: member.id, fields: { [field]: value } });
  return (
    <Notice tone="warning" title={t("member.conflictTitle")}>
      {member.conflicts.map((conflict) => (
        <div key={conflict.field} style={{ marginTop: 8 }}>
          <strong>{fieldText(t, conflict.field)}</strong>
          <div style={{ display: "flex", flexWrap: "wrap", gap: 8, marginTop: 6 }}>
            {valuesOf(conflict).map((value, index) => (
              <Button
                key={value}
                size="sm"
                variant="default"
                loading={deed.state !== "idle"}
                onClick={() => choose(conflict.field, value)}
              >
                {index === 0
                  ? t("member.keep", { value: value || "—" })
                  : t("member.conflictPick", { value: value || "—" })}
              </Button>
            ))}
          </div>
        </div>
      ))}
      <RefusalNotice refusal={deed.refusal} />
    </Notice>
  );
}

const valuesOf = ({ shown, others }: FieldConflict): string[] => [
  ...new Set([shown.value, ...others.map(({ value }) => value)]),
];

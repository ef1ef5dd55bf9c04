import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MemberFields } from "../../../shared/members/member-fields.ts";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { useUnfinished } from "../../shop/unfinished.ts";
import { useDeed } from "../../shop/use-deed.ts";
import { useMemberSearch } from "../../shop/use-shop.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Notice } from "../../ui/notice.tsx";
import { RefusalNotice } from "../../ui/refusal-notice.tsx";
import classes from "./member-form.module.css";

const editable = [
  "name",
  "phone",
  "card",
  "gender",
  "birthday",
  "level",
  "address",
  "note",
] as const;
type Editable = (typeof editable)[number];

/** A new member, or changes to one; only what differs is recorded. */
export function MemberForm({
  member,
  first = {},
  onSaved,
  onCancel,
  onOpen,
}: {
  member?: MemberView | undefined;
  /** what was typed into the search before */
  first?: MemberFields;
  onSaved: (member: string) => void;
  onCancel: () => void;
  onOpen: (member: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const deed = useDeed();
  const search = useMemberSearch();
  const before = member?.fields ?? {};
  const [fields, setFields] = useState<MemberFields>({ ...pick(before), ...first });
  const [more, setMore] = useState(member !== undefined);
  const changed = editable.filter((field) => (fields[field] ?? "") !== (before[field] ?? ""));
  useUnfinished(changed.length > 0);

  const set = (field: Editable, value: string) => {
    deed.forget();
    setFields((now) => ({ ...now, [field]: value }));
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const values = Object.fromEntries(changed.map((field) => [field, fields[field] ?? ""]));
    const performed = await deed.perform(
      member
        ? { command: "EditMember", member: member.id, fields: values }
        : { command: "AddMember", fields: values },
    );
    const saved = member?.id ?? performed?.operations[0];
    if (performed && saved !== undefined) onSaved(saved);
  };
  const input = (field: Editable) => ({
    label: t(`fields.${field}`),
    value: fields[field] ?? "",
    onChange: (event: { currentTarget: { value: string } }) =>
      set(field, event.currentTarget.value),
    autoComplete: "off",
  });
  const phone = (fields["phone"] ?? "").replace(/\D/g, "");
  const namesake = phone.length >= 11 ? search.exactly(phone) : undefined;
  const nameFirst = !first["name"];
  return (
    <form className={classes.form} onSubmit={(event) => void save(event)} noValidate>
      <TextInput
        {...input("name")}
        withAsterisk
        data-autofocus={nameFirst || undefined}
        autoFocus
      />
      <TextInput
        {...input("phone")}
        inputMode="tel"
        type="tel"
        description={t("memberForm.contactHint")}
      />
      {namesake && namesake.id !== member?.id && (
        <Notice
          tone="warning"
          action={
            <Button size="sm" variant="default" onClick={() => onOpen(namesake.id)}>
              {t("memberForm.open")}
            </Button>
          }
        >
          {t("memberForm.duplicate", { name: namesake.fields["name"] ?? "" })}
        </Notice>
      )}
      <TextInput {...input("card")} onKeyDown={ignoreEnter} data-scan-here="true" />
      {more ? (
        <>
          <Choices
            label={t("fields.gender")}
            showLabel
            value={fields["gender"] as "女" | "男" | undefined}
            onChoose={(value) => set("gender", fields["gender"] === value ? "" : value)}
            choices={[
              { value: "女", label: t("memberForm.female") },
              { value: "男", label: t("memberForm.male") },
            ]}
          />
          <TextInput {...input("birthday")} placeholder={t("memberForm.birthdayHint")} />
          <TextInput {...input("level")} />
          <TextInput {...input("address")} />
          <Textarea {...input("note")} autosize minRows={2} maxRows={8} />
        </>
      ) : (
        <Button variant="subtle" onClick={() => setMore(true)} className={classes.more}>
          {t("memberForm.more")}
        </Button>
      )}
      <RefusalNotice refusal={deed.refusal} />
      <div className={classes.actions}>
        <Button variant="default" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={deed.state !== "idle"}>
          {t("memberForm.save")}
        </Button>
      </div>
    </form>
  );
}

const pick = (fields: MemberFields): MemberFields =>
  Object.fromEntries(editable.map((field) => [field, fields[field] ?? ""]));

/** A scanner ends with Enter; the form must not be sent by that. */
function ignoreEnter(event: KeyboardEvent): void {
  if (event.key === "Enter") event.preventDefault();
}

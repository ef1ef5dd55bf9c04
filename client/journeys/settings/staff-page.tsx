import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { roleNow, type Staff } from "../../../shared/access/authority-state.ts";
import { staffRoles } from "../../../shared/access/roles.ts";
import { newId } from "../../../shared/replica/new-id.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { ProposalNotice } from "./proposal-notice.tsx";
import { type Proposing, useProposal } from "./use-proposal.ts";

type StaffRole = (typeof staffRoles)[number];

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

export function StaffPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const proposing = useProposal();
  const [open, setOpen] = useState<Staff | "new">();
  return (
    <Page title={t("settings.staff.title")} onBack={onBack}>
      <Section note={t("settings.staff.note")}>
        <Rows>
          {[...authority.staff.values()].map((person) => {
            const role = roleNow(person);
            return (
              <Row
                key={person.id}
                icon="person"
                title={person.name}
                note={role ? t(`roles.${role}`) : t("settings.staff.left")}
                onPress={proposing.allowed ? () => setOpen(person) : undefined}
              />
            );
          })}
        </Rows>
      </Section>
      <ProposalNotice proposing={proposing} />
      {proposing.allowed && (
        <Button
          size="xl"
          fullWidth
          leftSection={<Icon name="plus" />}
          onClick={() => setOpen("new")}
        >
          {t("settings.staff.add")}
        </Button>
      )}
      <Dialog
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={open === "new" ? t("settings.staff.add") : t("settings.staff.title")}
      >
        {open && (
          <StaffForm person={open} proposing={proposing} onDone={() => setOpen(undefined)} />
        )}
      </Dialog>
    </Page>
  );
}

function StaffForm({
  person,
  proposing,
  onDone,
}: {
  person: Staff | "new";
  proposing: Proposing;
  onDone: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const before = person === "new" ? undefined : person;
  const roleBefore = before?.roles.at(-1)?.role;
  const [name, setName] = useState(before?.name ?? "");
  const [role, setRole] = useState<StaffRole>(
    roleBefore && roleBefore !== "system" ? roleBefore : "cashier",
  );
  const [active, setActive] = useState<"yes" | "no">(
    !before || roleNow(before) !== undefined ? "yes" : "no",
  );
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const trimmed = name.trim().slice(0, 80);
    if (!trimmed) return;
    const saved = await proposing.propose(
      before
        ? {
            kind: "StaffChanged",
            body: { staff: before.id, name: trimmed, role, active: active === "yes" },
          }
        : { kind: "StaffAdded", body: { staff: newId(random), name: trimmed, role } },
    );
    if (saved) onDone();
  };
  return (
    <form onSubmit={(event) => void save(event)} style={{ display: "grid", gap: 18 }}>
      <TextInput
        label={t("settings.staff.name")}
        value={name}
        maxLength={80}
        autoComplete="off"
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Choices
        label={t("settings.staff.role")}
        showLabel
        value={role}
        onChoose={setRole}
        choices={[...staffRoles].reverse().map((value) => ({
          value,
          label: t(`roles.${value}`),
          note: t(`settings.staff.roleNotes.${value}`),
        }))}
      />
      {before && (
        <Choices
          label={t("settings.staff.active")}
          value={active}
          onChoose={setActive}
          choices={[
            { value: "yes", label: t("settings.staff.active") },
            { value: "no", label: t("settings.staff.left") },
          ]}
        />
      )}
      <ProposalNotice proposing={proposing} />
      <Button type="submit" size="xl" loading={proposing.busy} disabled={!name.trim()}>
        {t("common.save")}
      </Button>
    </form>
  );
}

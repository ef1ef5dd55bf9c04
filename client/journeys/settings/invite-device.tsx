import { Button, NativeSelect } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { activeTills } from "../../../shared/access/authority-state.ts";
import { newPairingCode, pairingSigner } from "../../../shared/access/pairing-code.ts";
import { staffRoles } from "../../../shared/access/roles.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PairingCode } from "./pairing-code.tsx";
import { ProposalNotice } from "./proposal-notice.tsx";
import { useProposal } from "./use-proposal.ts";

const goodForMs = 30 * 60 * 1000;

const random = {
  bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Says what the new device will be, then shows the code that makes it so.
 * @param replacing the device that it is to replace; empty for none
 */
export function InviteDevice({ replacing }: { replacing: string }): ReactNode {
  const { t } = useTranslation();
  const { identity } = useShop();
  const { authority } = useShopState();
  const proposing = useProposal();
  const [use, setUse] = useState<"till" | "office">("till");
  const before = authority.devices.get(replacing);
  const [ceiling, setCeiling] = useState<(typeof staffRoles)[number]>(
    before?.ceiling === undefined || before.ceiling === "system" ? "cashier" : before.ceiling,
  );
  const [store, setStore] = useState(identity.store);
  const [replaces, setReplaces] = useState(replacing);
  const [staff, setStaff] = useState(before?.staff ?? "");
  const [made, setMade] = useState<{ code: string; invitation: string; expiresMs: number }>();
  const others = [...authority.devices.values()].filter(
    (device) => !device.server && device.closed?.by === undefined && device.id !== identity.device,
  );
  const replaced = others.find(({ id }) => id === replaces);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const code = newPairingCode(random);
    const key = pairingSigner(code).publicKey;
    const expiresMs = Date.now() + goodForMs;
    const invited = await proposing.propose({
      kind: "DeviceInvited",
      body: {
        key,
        store: replaced?.store ?? store,
        ceiling,
        till: replaced?.till ?? use === "till",
        ...(staff ? { staff } : {}),
        ...(replaced ? { replaces: replaced.id } : {}),
        expires: expiresMs,
      },
    });
    if (invited) setMade({ code, invitation: key, expiresMs });
  };
  if (made) return <PairingCode {...made} onAgain={() => setMade(undefined)} />;
  const tillsBefore = activeTills(authority).length;
  return (
    <form onSubmit={(event) => void create(event)} style={{ display: "grid", gap: 18 }}>
      <Choices
        label={t("settings.devices.use")}
        showLabel
        value={use}
        onChoose={setUse}
        choices={[
          { value: "till", label: t("settings.devices.useTill") },
          { value: "office", label: t("settings.devices.useOffice") },
        ]}
      />
      {use === "till" && tillsBefore > 0 && !replaced && (
        <Notice>{t("settings.devices.secondTill")}</Notice>
      )}
      <Choices
        label={t("settings.devices.ceilingLabel")}
        showLabel
        value={ceiling}
        onChoose={setCeiling}
        choices={[...staffRoles].reverse().map((value) => ({
          value,
          label: t(`roles.${value}`),
          note: t(`settings.staff.roleNotes.${value}`),
        }))}
      />
      {authority.stores.size > 1 && (
        <NativeSelect
          label={t("settings.devices.store")}
          value={store}
          onChange={(event) => setStore(event.currentTarget.value)}
          data={[...authority.stores.values()].map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <NativeSelect
        label={t("settings.devices.person")}
        value={staff}
        onChange={(event) => setStaff(event.currentTarget.value)}
        data={[
          { value: "", label: t("settings.devices.personNone") },
          ...[...authority.staff.values()].map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {others.length > 0 && (
        <NativeSelect
          label={t("settings.devices.replaces")}
          description={t("settings.devices.replacesNote")}
          value={replaces}
          onChange={(event) => setReplaces(event.currentTarget.value)}
          data={[
            { value: "", label: t("settings.devices.replacesNone") },
            ...others.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
      <ProposalNotice proposing={proposing} />
      <Button type="submit" size="xl" loading={proposing.busy} disabled={!proposing.allowed}>
        {t("settings.devices.create")}
      </Button>
    </form>
  );
}

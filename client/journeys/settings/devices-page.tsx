import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Device, isStoppable } from "../../../shared/access/authority-state.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { DoubtfulDevices } from "./doubtful-devices.tsx";
import { InviteDevice } from "./invite-device.tsx";
import { LostChangesList } from "./lost-changes-list.tsx";
import { StopDevice } from "./stop-device.tsx";

export function DevicesPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const { identity } = useShop();
  const { authority, copies } = useShopState();
  /** a device to be replaced, or none */
  const [inviting, setInviting] = useState<string>();
  const [stopping, setStopping] = useState<string>();
  // Those that are no longer used come last.
  const devices = [...authority.devices.values()]
    .filter(({ server }) => !server)
    .sort((a, b) => Number(a.closed !== undefined) - Number(b.closed !== undefined));
  const noteOf = (device: Device) => {
    const copy = copies.find((each) => each.device === device.id);
    return [
      device.till ? t("settings.devices.till") : t("settings.devices.office"),
      authority.stores.get(device.store)?.name,
      t("settings.devices.ceiling", { role: t(`roles.${device.ceiling}`) }),
      copy && (copy.complete ? t("status.complete") : t("status.partial")),
      copy && (copy.online ? t("header.online") : t("header.offline")),
    ]
      .filter(Boolean)
      .join(" · ");
  };
  const toStop = authority.devices.get(stopping ?? "");
  if (toStop) return <StopDevice device={toStop} onDone={() => setStopping(undefined)} />;
  if (inviting !== undefined)
    return (
      <Page title={t("settings.devices.add")} onBack={() => setInviting(undefined)}>
        <InviteDevice replacing={inviting} />
      </Page>
    );
  return (
    <Page title={t("settings.devices.title")} onBack={onBack}>
      <LostChangesList />
      <DoubtfulDevices onPairAgain={setInviting} />
      <Section note={t("settings.devices.note")}>
        <Rows>
          {devices.map((device) => (
            <Row
              key={device.id}
              icon="device"
              title={device.name}
              note={noteOf(device)}
              onPress={
                isStoppable(device) && device.id !== identity.device
                  ? () => setStopping(device.id)
                  : undefined
              }
              end={
                device.closed ? (
                  <span className="caption">{t("settings.devices.closed")}</span>
                ) : device.id === identity.device ? (
                  <span className="caption">{t("settings.devices.thisOne")}</span>
                ) : undefined
              }
            />
          ))}
        </Rows>
      </Section>
      <Button
        size="xl"
        fullWidth
        leftSection={<Icon name="plus" />}
        onClick={() => setInviting("")}
      >
        {t("settings.devices.add")}
      </Button>
    </Page>
  );
}

import { Button } from "@mantine/core";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../../../shared/access/authority-state.ts";
import type { AddressFacts } from "../../../shared/sync/address.ts";
import { isThisComputer } from "../../shop/permanent-address.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import type { MovingCode } from "./successor.ts";
import { useMovingCode } from "./use-moving-code.ts";

/** Who uses the shop's address already, and a code for who does not. */
export function DevicesByAddress({
  facts,
  origin,
  renderCode,
}: {
  facts: AddressFacts;
  origin: string;
  renderCode: (made: MovingCode, onAgain: () => void) => ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const { identity } = useShop();
  const { authority, copies } = useShopState();
  const making = useMovingCode();
  const devices = [...authority.devices.values()].filter(
    ({ server, closed }) => !server && !closed,
  );
  const isOnline = ({ id }: Device) =>
    id === identity.device || copies.some((copy) => copy.device === id && copy.online);
  const { made } = making;
  const chosen = made && authority.devices.get(made.device);
  return (
    <Section title={t("address.devices")} note={t("address.devicesNote")}>
      <Rows>
        {devices.map((device) => {
          const seen = facts.devices[device.id];
          const isStill = seen !== undefined && seen !== origin;
          const isMine = device.id === identity.device;
          return (
            <Row
              key={device.id}
              icon="device"
              title={device.name}
              note={noteOf(seen, origin, t)}
              end={
                seen === origin ? (
                  <span style={{ color: "var(--jade-ink)" }}>
                    <Icon name="check" />
                  </span>
                ) : isMine ? (
                  <span className="caption">{t("settings.devices.thisOne")}</span>
                ) : isStill ? (
                  <Button
                    size="sm"
                    variant="default"
                    loading={making.busy}
                    onClick={() => void making.make(device)}
                  >
                    {t("address.makeCode")}
                  </Button>
                ) : undefined
              }
            />
          );
        })}
      </Rows>
      {making.fault && (
        <Notice tone="bad" live>
          {t(`settings.faults.${making.fault}`)}
        </Notice>
      )}
      {made && chosen && (
        <div style={{ display: "grid", gap: 12, marginTop: 16 }}>
          <Notice title={t("address.codeFor", { name: chosen.name })}>
            {t("address.codeNote")}
          </Notice>
          {!chosen.closed && !isOnline(chosen) && (
            <Notice tone="warning">{t("address.notOnline")}</Notice>
          )}
          {renderCode(made, making.forget)}
        </div>
      )}
    </Section>
  );
}

function noteOf(seen: string | undefined, origin: string, t: TFunction): string {
  if (seen === undefined) return t("address.unseen");
  if (seen === origin) return t("address.moved");
  if (!URL.canParse(seen)) return t("address.still", { host: seen });
  const { host, hostname } = new URL(seen);
  return isThisComputer(hostname) ? t("address.atServer", { host }) : t("address.still", { host });
}

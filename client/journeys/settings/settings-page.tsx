import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { actsToLookAt } from "../../shop/acts-to-look-at.ts";
import { devicesInDoubt } from "../../shop/doubtful-devices.ts";
import { usePermanentAddress } from "../../shop/permanent-address.ts";
import { useAnswer, useShop, useShopState } from "../../shop/use-shop.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { recoveryCardPath, refillPath } from "../../ui/paths.ts";
import { Row, Rows } from "../../ui/row.tsx";

/** Everything that is not serving somebody. */
export function SettingsPage(): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [, go] = useLocation();
  const { authority, exceptions } = useShopState();
  const disputed = useAnswer("disputed value", (shop) => shop.disputedValue()) ?? [];
  const address = usePermanentAddress();
  const inDoubt = devicesInDoubt(authority).length;
  const toLookAt = actsToLookAt(authority, useShop().identity, Date.now()).length;
  const devices = [...authority.devices.values()].filter(
    (device) => !device.server && !device.closed,
  );
  const row = (icon: IconName, path: string, title: string, note?: ReactNode) => (
    <Row icon={icon} title={title} note={note} onPress={() => go(path)} />
  );
  return (
    <Page title={t("settings.title")}>
      <Section>
        <Rows>
          {row(
            "device",
            "/settings/devices",
            t("settings.devices.title"),
            inDoubt > 0
              ? tell("identity.doubt.row", { n: inDoubt })
              : devices.map(({ name }) => name).join("、"),
          )}
          {row(
            "people",
            "/settings/staff",
            t("settings.staff.title"),
            namesOf(authority.staff.values()),
          )}
          {row(
            "store",
            "/settings/stores",
            t("settings.stores.title"),
            namesOf(authority.stores.values()),
          )}
          {row("top-up", "/settings/presets", t("settings.presets.title"))}
          {row(
            "check",
            "/settings/approvals",
            tell("approvals.title"),
            toLookAt > 0 ? tell("approvals.row", { n: toLookAt }) : undefined,
          )}
          {row("copies", "/settings/targets", tell("targets.title"))}
          {row("card", recoveryCardPath, tell("replacing.title"))}
        </Rows>
      </Section>
      <Section>
        <Rows>
          {row("upload", "/import", t("imports.title"))}
          {row("ledger", "/settings/imports", t("imports.list"))}
          {row(
            "warning",
            "/settings/records",
            t("settings.records.title"),
            disputed.length > 0
              ? tell("disputed.rows", { n: disputed.length })
              : exceptions > 0
                ? t("status.exceptions", { n: exceptions })
                : undefined,
          )}
        </Rows>
      </Section>
      <Section>
        <Rows>
          {row("server", "/settings/address", t("address.title"), address?.origin)}
          {row("settings", "/settings/device", t("settings.device.title"))}
          {row("download", "/settings/rescue", tell("rescue.title"))}
          {row("upload", refillPath, tell("refill.title"), tell("refill.row"))}
          {row("shield", "/start", t("settings.checklist"))}
        </Rows>
      </Section>
    </Page>
  );
}

const namesOf = (named: Iterable<{ name: string }>): string =>
  [...named].map(({ name }) => name).join("、");

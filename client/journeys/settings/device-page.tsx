import { Button, useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStaffAtTill } from "../../shop/staff-at-till.ts";
import { lookAtStorage, useStorageState } from "../../shop/storage-state.ts";
import { checkForUpdate } from "../../shop/update-state.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Choices } from "../../ui/choices.tsx";
import { downloadText } from "../../ui/download.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { setPreferences, usePreferences } from "../../ui/preferences.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { membersCsv } from "./members-csv.ts";

/** How this device looks, what the browser keeps, and which version it is. */
export function DevicePage({
  onBack,
  onPairAgain,
}: {
  onBack: () => void;
  onPairAgain: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { link, unsent } = useShopState();
  const { language, textSize, paper } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [sure, setSure] = useState(false);
  return (
    <Page title={t("settings.device.title")} onBack={onBack}>
      <Section>
        <div style={{ display: "grid", gap: 18 }}>
          <Choices
            label={t("settings.device.language")}
            showLabel
            value={language}
            onChoose={(value) => setPreferences({ language: value })}
            choices={[
              { value: "zh", label: "中文" },
              { value: "en", label: "English" },
            ]}
          />
          <Choices
            label={t("settings.device.theme")}
            showLabel
            value={colorScheme}
            onChoose={setColorScheme}
            choices={(["auto", "light", "dark"] as const).map((value) => ({
              value,
              label: t(`settings.device.themes.${value}`),
            }))}
          />
          <Choices
            label={t("settings.device.text")}
            showLabel
            value={textSize}
            onChoose={(value) => setPreferences({ textSize: value })}
            choices={(["normal", "large", "larger"] as const).map((value) => ({
              value,
              label: t(`settings.device.texts.${value}`),
            }))}
          />
          <Choices
            label={t("settings.device.paper")}
            showLabel
            value={String(paper) as "58" | "80"}
            onChoose={(value) => setPreferences({ paper: value === "58" ? 58 : 80 })}
            choices={[
              { value: "58", label: "58 mm" },
              { value: "80", label: "80 mm" },
            ]}
          />
        </div>
      </Section>
      <Section title={t("settings.device.storage")}>
        <StorageRows />
      </Section>
      <Section title={t("settings.device.version")}>
        <VersionRows />
      </Section>
      {link.state === "refused" && (
        <Section title={t("settings.device.repair")}>
          <Notice tone="warning">{t("settings.device.repairNote", { n: unsent })}</Notice>
          <Button mt="md" variant="default" onClick={() => (sure ? onPairAgain() : setSure(true))}>
            {sure ? t("settings.device.repairSure") : t("settings.device.repair")}
          </Button>
        </Section>
      )}
    </Page>
  );
}

function StorageRows(): ReactNode {
  const { t } = useTranslation();
  const storage = useStorageState();
  return (
    <Rows>
      <Row
        icon="shield"
        title={
          storage.persisted ? t("settings.device.persisted") : t("settings.device.notPersisted")
        }
        note={t("settings.device.used", {
          used: megabytes(storage.usedBytes),
          quota: megabytes(storage.quotaBytes),
        })}
        end={
          storage.persisted ? undefined : (
            <Button size="md" variant="default" onClick={() => void lookAtStorage({ ask: true })}>
              {t("settings.device.ask")}
            </Button>
          )
        }
      />
      <Row
        icon="download"
        title={t("settings.device.install")}
        note={t("settings.device.installNote")}
      />
    </Rows>
  );
}

function VersionRows(): ReactNode {
  const { t } = useTranslation();
  const shop = useShop();
  const { role } = useStaffAtTill();
  const [checked, setChecked] = useState(false);
  return (
    <Rows>
      <Row
        icon="info"
        title={<span className="num">{__APP_VERSION__}</span>}
        note={checked ? t("settings.device.upToDate") : undefined}
        end={
          <Button
            size="md"
            variant="default"
            onClick={() => {
              void checkForUpdate().then(() => setChecked(true));
            }}
          >
            {t("settings.device.checkUpdate")}
          </Button>
        }
      />
      {role === "owner" && (
        <Row
          icon="download"
          title={t("settings.device.export")}
          note={t("settings.device.exportNote")}
          onPress={() => downloadText("members.csv", membersCsv(shop.members(), t))}
        />
      )}
    </Rows>
  );
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1024 / 1024).toFixed(bytes < 1e9 ? 1 : 0)} MB`;

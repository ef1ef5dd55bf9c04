import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { readPairingCode } from "../../../shared/access/pairing-code.ts";
import type { Entrance, EntranceFault } from "../../shop/entrance.ts";
import { Choices } from "../../ui/choices.tsx";
import { guessDevice } from "../../ui/device-name.ts";
import { Notice } from "../../ui/notice.tsx";
import { Poster } from "../../ui/poster.tsx";
import { EnrolByCard } from "./enrol-by-card.tsx";

/** Joins a shop that is there already: with a code from the owner's device, or with the recovery card. */
export function EnrolDevice({ entrance, shop }: { entrance: Entrance; shop: string }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [way, setWay] = useState<"code" | "card">("code");
  const [code, setCode] = useState(() => tidyCode(location.hash));
  const [deviceName, setDeviceName] = useState(
    entrance.before?.name ?? t(`enrol.devices.${guessDevice(navigator)}`),
  );
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<EntranceFault>();
  const join = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const enrolled = await entrance.enrolByCode(code, deviceName);
    if (enrolled.ok) return;
    setBusy(false);
    setFault(enrolled.refusal);
  };
  const name = (
    <TextInput
      label={t("enrol.deviceName")}
      value={deviceName}
      maxLength={80}
      autoComplete="off"
      onChange={(event) => setDeviceName(event.currentTarget.value)}
    />
  );
  return (
    <Poster title={shop ? t("enrol.title", { shop }) : t("enrol.titleBare")}>
      {entrance.before && (
        <Notice
          tone="warning"
          title={tell("identity.former.title", { name: entrance.before.name })}
        >
          {tell("identity.former.text", { name: entrance.before.name })}
        </Notice>
      )}
      <Choices
        label={t("enrol.titleBare")}
        value={way}
        onChoose={setWay}
        choices={[
          { value: "code", label: t("enrol.byCode") },
          { value: "card", label: t("enrol.byCard") },
        ]}
      />
      {way === "code" ? (
        <form
          onSubmit={(event) => void join(event)}
          style={{ display: "grid", gap: 18 }}
          noValidate
        >
          <p className="soft" style={{ margin: 0, lineHeight: 1.7 }}>
            {entrance.before
              ? tell("identity.former.code", { name: entrance.before.name })
              : t("enrol.codeText")}
          </p>
          <TextInput
            label={t("enrol.code")}
            value={code}
            placeholder="XXXX-XXXX-XXXX-XXXX"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            styles={{ input: { fontVariantNumeric: "tabular-nums", letterSpacing: "0.06em" } }}
            onChange={(event) => {
              setFault(undefined);
              setCode(tidyCode(event.currentTarget.value));
            }}
          />
          {name}
          {fault && (
            <Notice tone="bad" live>
              {fault === "not-accepted" ? t("enrol.faultCode") : t(`setUp.faults.${fault}`)}
            </Notice>
          )}
          <Button type="submit" size="xl" loading={busy}>
            {t("enrol.join")}
          </Button>
        </form>
      ) : (
        <EnrolByCard entrance={entrance} deviceName={deviceName} nameField={name} />
      )}
    </Poster>
  );
}

/** A whole address may be pasted; what stands after `#` is the code. */
function tidyCode(text: string): string {
  const after = decodeURIComponent(text.slice(text.lastIndexOf("#") + 1));
  return readPairingCode(after) ?? after.toUpperCase().slice(0, 40);
}

import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { readPairingCode } from "../../../shared/access/pairing-code.ts";
import type { Entrance, EntranceFault } from "../../shop/entrance.ts";
import { Choices } from "../../ui/choices.tsx";
import { guessDevice } from "../../ui/device-name.ts";
import { Notice } from "../../ui/notice.tsx";
import { Poster } from "../../ui/poster.tsx";
import { AddressAtSetUp } from "./address-at-set-up.tsx";
import { RecoverShop } from "./recover-shop.tsx";

/** A new server: who the shop is. Everything after that can be done later, from the checklist. */
export function SetUp({ entrance }: { entrance: Entrance }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [form, setForm] = useState({
    setupCode: codeFromAddress(),
    name: "",
    storeName: "",
    ownerName: "",
    deviceName: t(`enrol.devices.${guessDevice(navigator)}`),
    till: "yes" as "yes" | "no",
  });
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<EntranceFault | "missing-names">();
  const field = (name: "setupCode" | "name" | "storeName" | "ownerName" | "deviceName") => ({
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFault(undefined);
      setForm((before) => ({ ...before, [name]: value }));
    },
    autoComplete: "off",
    maxLength: 80,
  });
  const [recovering, setRecovering] = useState(false);
  const code = readPairingCode(form.setupCode);
  if (recovering && code !== undefined)
    return <RecoverShop entrance={entrance} code={code} onNewShop={() => setRecovering(false)} />;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const name = form.name.trim();
    const storeName = form.storeName.trim() || name;
    const ownerName = form.ownerName.trim();
    if (!name || !ownerName) return setFault("missing-names");
    setBusy(true);
    const founded = await entrance.found({
      ...form,
      name,
      storeName,
      ownerName,
      till: form.till === "yes",
    });
    if (founded.ok) return;
    setBusy(false);
    setFault(founded.refusal);
  };
  return (
    <Poster title={t("setUp.welcome")} lead={t("setUp.promise")}>
      <form
        onSubmit={(event) => void submit(event)}
        style={{ display: "grid", gap: 18 }}
        noValidate
      >
        <TextInput
          label={t("setUp.codeLabel")}
          description={t("setUp.codeHint")}
          autoFocus
          autoCapitalize="characters"
          spellCheck={false}
          styles={{ input: { fontVariantNumeric: "tabular-nums", letterSpacing: "0.06em" } }}
          {...field("setupCode")}
        />
        <Notice
          action={
            <Button
              size="sm"
              variant="default"
              onClick={() =>
                code === undefined ? setFault("code-malformed") : setRecovering(true)
              }
            >
              {tell("refill.recover")}
            </Button>
          }
        >
          {tell("refill.recoverNote")}
        </Notice>
        <TextInput
          label={t("setUp.shopName")}
          description={t("setUp.shopNameHint")}
          {...field("name")}
        />
        <TextInput
          label={t("setUp.storeName")}
          description={t("setUp.storeNameHint")}
          placeholder={form.name}
          {...field("storeName")}
        />
        <TextInput
          label={t("setUp.ownerName")}
          description={t("setUp.ownerHint")}
          {...field("ownerName")}
        />
        <TextInput label={t("setUp.deviceName")} {...field("deviceName")} />
        <Choices
          label={t("setUp.till")}
          showLabel
          value={form.till}
          onChoose={(till) => setForm((before) => ({ ...before, till }))}
          choices={[
            { value: "yes", label: t("setUp.tillYes"), note: t("setUp.tillYesNote") },
            { value: "no", label: t("setUp.tillNo"), note: t("setUp.tillNoNote") },
          ]}
        />
        <AddressAtSetUp entrance={entrance} setupCode={form.setupCode} />
        {fault && (
          <Notice tone="bad" live>
            {t(`setUp.faults.${fault}`)}
          </Notice>
        )}
        <Button type="submit" size="xl" loading={busy}>
          {t("setUp.create")}
        </Button>
      </form>
    </Poster>
  );
}

/** The server's terminal may show an address that carries the code after `#`, where no server sees it. */
const codeFromAddress = (): string =>
  location.pathname.startsWith("/pair") ? "" : decodeURIComponent(location.hash.slice(1));

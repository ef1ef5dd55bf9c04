import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { newId } from "../../../shared/replica/new-id.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { ProposalNotice } from "./proposal-notice.tsx";
import { useProposal } from "./use-proposal.ts";

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };

/** Stores, and what the old system called so. */
export function StoresPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const shop = useShop();
  const { authority } = useShopState();
  const proposing = useProposal();
  const [name, setName] = useState("");
  const stores = [...authority.stores.values()];
  const counts = new Map<string, number>();
  for (const { fields } of shop.members()) {
    const label = fields["storeLabel"];
    if (label) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const open = [...counts].filter(([label]) => !stores.some((store) => store.label === label));
  const add = (storeName: string, label?: string) =>
    proposing.propose({
      kind: "StoreAdded",
      body: {
        store: newId(random, 4),
        name: storeName.slice(0, 80),
        ...(label === undefined ? {} : { label: label.slice(0, 80) }),
      },
    });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && (await add(name.trim()))) setName("");
  };
  return (
    <Page title={t("settings.stores.title")} onBack={onBack}>
      <Section>
        <Rows>
          {stores.map((store) => (
            <Row
              key={store.id}
              icon="store"
              title={store.name}
              note={store.label && t("settings.stores.from", { label: store.label })}
            />
          ))}
        </Rows>
      </Section>
      {open.length > 0 && (
        <Section title={t("settings.stores.labels")} note={t("settings.stores.labelsNote")}>
          <Rows>
            {open.map(([label, members]) => (
              <Row
                key={label}
                title={label}
                note={t("settings.stores.members", { n: members })}
                end={
                  <Button
                    size="md"
                    variant="default"
                    loading={proposing.busy}
                    disabled={!proposing.allowed}
                    aria-label={`${t("settings.stores.make")}: ${label}`}
                    onClick={() => void add(label, label)}
                  >
                    {t("settings.stores.make")}
                  </Button>
                }
              />
            ))}
          </Rows>
        </Section>
      )}
      <ProposalNotice proposing={proposing} />
      {proposing.allowed && (
        <form
          onSubmit={(event) => void submit(event)}
          style={{ display: "flex", gap: 10, alignItems: "flex-end", marginTop: 16 }}
        >
          <TextInput
            label={t("settings.stores.name")}
            value={name}
            maxLength={80}
            autoComplete="off"
            style={{ flex: 1 }}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={proposing.busy} disabled={!name.trim()}>
            {t("settings.stores.add")}
          </Button>
        </form>
      )}
    </Page>
  );
}

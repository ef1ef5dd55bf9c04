import { ActionIcon, Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatYuan, parseYuan } from "../../../shared/money/fen.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { presetsOf } from "../../ui/presets-of.ts";
import { ProposalNotice } from "./proposal-notice.tsx";
import { useProposal } from "./use-proposal.ts";

interface Line {
  id: number;
  pay: string;
  give: string;
}

const linesMax = 24;

/** What top-ups are offered at one tap. */
export function PresetsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const proposing = useProposal();
  const [lines, setLines] = useState<readonly Line[]>(() =>
    presetsOf(authority).map(({ principal, bonus }, id) => ({
      id,
      pay: plain(principal),
      give: bonus === 0 ? "" : plain(bonus),
    })),
  );
  const [wrong, setWrong] = useState(false);
  const change = (id: number, values: Partial<Line>) => {
    setWrong(false);
    setLines((before) => before.map((line) => (line.id === id ? { ...line, ...values } : line)));
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const read = lines.map(({ pay, give }) => {
      const principal = parseYuan(pay);
      const bonus = parseYuan(give.trim() === "" ? "0" : give);
      return principal.ok && bonus.ok && principal.value > 0 && bonus.value >= 0
        ? { principal: principal.value, bonus: bonus.value }
        : undefined;
    });
    const presets = read.flatMap((preset) => preset ?? []);
    if (presets.length !== read.length) return setWrong(true);
    if (await proposing.propose({ kind: "TopUpPresetsSet", body: { presets } })) onBack();
  };
  return (
    <Page title={t("settings.presets.title")} onBack={onBack}>
      <form onSubmit={(event) => void save(event)}>
        <Section note={t("settings.presets.note")}>
          <div style={{ display: "grid", gap: 12 }}>
            {lines.map((line) => (
              <div key={line.id} style={{ display: "flex", gap: 10, alignItems: "center" }}>
                <TextInput
                  aria-label={t("settings.presets.pay")}
                  leftSection={t("settings.presets.pay")}
                  leftSectionWidth={52}
                  inputMode="decimal"
                  value={line.pay}
                  disabled={!proposing.allowed}
                  style={{ flex: 1 }}
                  onChange={(event) => change(line.id, { pay: event.currentTarget.value })}
                />
                <TextInput
                  aria-label={t("settings.presets.give")}
                  leftSection={t("settings.presets.give")}
                  leftSectionWidth={64}
                  inputMode="decimal"
                  value={line.give}
                  disabled={!proposing.allowed}
                  style={{ flex: 1 }}
                  onChange={(event) => change(line.id, { give: event.currentTarget.value })}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={44}
                  aria-label={t("common.remove")}
                  disabled={!proposing.allowed}
                  onClick={() => setLines((before) => before.filter(({ id }) => id !== line.id))}
                >
                  <Icon name="close" />
                </ActionIcon>
              </div>
            ))}
          </div>
        </Section>
        {wrong && (
          <Notice tone="bad" live>
            {t("settings.presets.wrong")}
          </Notice>
        )}
        <ProposalNotice proposing={proposing} />
        {proposing.allowed && (
          <div style={{ display: "grid", gridTemplateColumns: "1fr 2fr", gap: 10, marginTop: 16 }}>
            <Button
              variant="default"
              size="xl"
              disabled={lines.length >= linesMax}
              onClick={() =>
                setLines((before) => [...before, { id: nextId(before), pay: "", give: "" }])
              }
            >
              {t("settings.presets.add")}
            </Button>
            <Button type="submit" size="xl" loading={proposing.busy}>
              {t("common.save")}
            </Button>
          </div>
        )}
      </form>
    </Page>
  );
}

const plain = (fen: number): string => formatYuan(fen).replace(/\.00$/, "");

const nextId = (lines: readonly Line[]): number => Math.max(-1, ...lines.map(({ id }) => id)) + 1;

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { DisputedValue } from "../../shop/disputed-value.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Money, yuan } from "../../ui/money.tsx";
import { Section } from "../../ui/page.tsx";
import { memberPath } from "../../ui/paths.ts";
import { Row, Rows } from "../../ui/row.tsx";

/** Whose value was spent twice, by whom, and what to do about it. */
export function DisputedList({ found }: { found: readonly DisputedValue[] }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const isSpentTwice = found.some(({ devices }) => devices.length > 0);
  return (
    <Section
      title={tell("disputed.title")}
      {...(isSpentTwice ? { note: tell("disputed.note") } : {})}
    >
      <Rows>
        {found.map((disputed) => (
          <DisputedRow key={disputed.member} disputed={disputed} />
        ))}
      </Rows>
    </Section>
  );
}

function DisputedRow({ disputed }: { disputed: DisputedValue }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [, go] = useLocation();
  const shop = useShop();
  const { authority } = useShopState();
  const { member, fen, owedFen, devices } = disputed;
  const names = devices
    .map((device) => authority.devices.get(device)?.name ?? t("ledger.unknownDevice"))
    .join("、");
  const said = [
    ...(devices.length > 0 ? [tell("disputed.by", { names })] : []),
    ...(owedFen > 0 ? [tell("disputed.owed", { amount: yuan(owedFen) })] : []),
    ...(owedFen < fen ? [tell("disputed.next")] : []),
  ];
  return (
    <Row
      title={shop.member(member)?.fields["name"] ?? ""}
      note={said.map((sentence) => (
        <span key={sentence}>
          {sentence}
          <br />
        </span>
      ))}
      end={<Money fen={fen} tone="soft" />}
      onPress={() => go(memberPath(member, "ledger"))}
    />
  );
}

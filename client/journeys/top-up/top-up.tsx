import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TopUpPreset } from "../../../shared/access/authority-state.ts";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { outsideTenders } from "../../../shared/stored-value/value-kinds.ts";
import { useStaffAtTill } from "../../shop/staff-at-till.ts";
import { useUnfinished } from "../../shop/unfinished.ts";
import { useDeed } from "../../shop/use-deed.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { AmountField } from "../../ui/amount-field.tsx";
import { Choices } from "../../ui/choices.tsx";
import { DeedPanel } from "../../ui/deed-panel.tsx";
import type { DoneDeed } from "../../ui/done.ts";
import { ActionPart, Keypad } from "../../ui/keypad.tsx";
import { yuan } from "../../ui/money.tsx";
import { setPreferences, usePreferences } from "../../ui/preferences.ts";
import { presetsOf } from "../../ui/presets-of.ts";
import { useAmount } from "../../ui/use-amount.ts";
import { PresetGrid } from "./preset-grid.tsx";
import classes from "./top-up.module.css";

/** Puts money on a member's card: by a preset, or any amount with any bonus. */
export function TopUp({
  member,
  onDone,
}: {
  member: MemberView;
  onDone: (deed: DoneDeed) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const { lastTender } = usePreferences();
  const { current } = useStaffAtTill();
  const deed = useDeed();
  const [preset, setPreset] = useState<TopUpPreset | "custom">();
  const paid = useAmount();
  const given = useAmount();
  const [typing, setTyping] = useState<"paid" | "given">("paid");
  const custom = preset === "custom";
  useUnfinished(preset !== undefined);

  const principal = preset === undefined ? 0 : custom ? paid.fen : preset.principal;
  const bonus = preset === undefined ? 0 : custom ? given.fen : preset.bonus;
  const wrong =
    custom &&
    (paid.fault !== undefined ||
      (given.typed !== "" && given.fault !== undefined && given.fault !== "not-positive"));
  const busy = deed.state !== "idle";
  const ready = principal > 0 && !wrong && !busy;

  const take = async () => {
    if (!ready) return;
    const tenders = [{ tender: lastTender, amount: principal }];
    const command = { command: "TopUp", member: member.id, principal, bonus, tenders } as const;
    const performed = await deed.perform(command);
    const ref = performed?.operations[0];
    if (ref === undefined) return;
    onDone({
      ref,
      kind: "top-up",
      member: member.id,
      amountFen: principal,
      bonusFen: bonus,
      tenders,
      beforeFen: member.balance,
      afterFen: member.balance + principal + bonus,
      note: "",
      atMs: Date.now(),
      staff: current?.name ?? "",
    });
  };
  const amount = typing === "paid" ? paid : given;
  const press = (change: () => void) => {
    deed.forget();
    change();
  };
  const keys = custom ? (
    <Keypad
      onKey={(key) => press(() => amount.press(key))}
      onBackspace={() => press(amount.backspace)}
      onClear={() => press(amount.clear)}
      corner={{ label: ".", name: t("keypad.point"), press: () => amount.press(".") }}
      action={{
        name: `${t("topUp.take")} ${yuan(principal)}`,
        disabled: !ready,
        busy,
        press: () => void take(),
        label: busy ? (
          t("checkOut.saving")
        ) : (
          <>
            <span>{t("topUp.take")}</span>
            {principal > 0 && <ActionPart>{yuan(principal)}</ActionPart>}
          </>
        ),
      }}
    />
  ) : (
    <button type="button" className={classes.take} disabled={!ready} onClick={() => void take()}>
      {busy ? (
        t("checkOut.saving")
      ) : principal > 0 ? (
        <>
          <span>
            {t("topUp.take")} <span className="num">{yuan(principal)}</span>
            {" · "}
            {t(`tenders.${lastTender}`)}
          </span>
          <span className={classes.becomes}>
            {t("topUp.becomes", { balance: yuan(member.balance + principal + bonus) })}
          </span>
        </>
      ) : (
        t("topUp.choose")
      )}
    </button>
  );
  return (
    <DeedPanel refusal={deed.refusal} keys={keys}>
      <PresetGrid
        presets={presetsOf(authority)}
        chosen={preset}
        onChoose={(chosen) => press(() => setPreset(chosen))}
      />
      {custom && (
        <div className={classes.fields}>
          <AmountField
            label={t("topUp.principal")}
            amount={paid}
            onEnter={() => void take()}
            onFocus={() => setTyping("paid")}
          />
          <AmountField
            label={t("topUp.bonus")}
            amount={{ ...given, fault: given.fault === "not-positive" ? undefined : given.fault }}
            onEnter={() => void take()}
            onFocus={() => setTyping("given")}
          />
        </div>
      )}
      <Choices
        label={t("topUp.payWith")}
        showLabel
        value={lastTender}
        onChoose={(value) => setPreferences({ lastTender: value })}
        choices={outsideTenders
          .filter((tender) => tender !== "other")
          .map((value) => ({ value, label: t(`tenders.${value}`) }))}
      />
    </DeedPanel>
  );
}

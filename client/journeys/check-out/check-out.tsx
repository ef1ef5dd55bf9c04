import { TextInput } from "@mantine/core";
import type { TFunction } from "i18next";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { type OutsideTender, outsideTenders } from "../../../shared/stored-value/value-kinds.ts";
import { useStaffAtTill } from "../../shop/staff-at-till.ts";
import { useUnfinished } from "../../shop/unfinished.ts";
import { useDeed } from "../../shop/use-deed.ts";
import { AmountField } from "../../ui/amount-field.tsx";
import { type Choice, Choices } from "../../ui/choices.tsx";
import { DeedPanel } from "../../ui/deed-panel.tsx";
import type { DoneDeed } from "../../ui/done.ts";
import { Icon } from "../../ui/icon.tsx";
import { ActionPart, Keypad } from "../../ui/keypad.tsx";
import { yuan } from "../../ui/money.tsx";
import { setPreferences, usePreferences } from "../../ui/preferences.ts";
import { useAmount } from "../../ui/use-amount.ts";
import classes from "./check-out.module.css";
import { saleOf, tendersOf } from "./sale-of.ts";

/** From here on a charge is asked for twice. */
const sureFromFen = 2_000_00;

/** Takes an amount from a member's stored value or by other means; without a member, a walk-in sale. */
export function CheckOut({
  member,
  aside,
  onDone,
}: {
  member: MemberView | undefined;
  /** where there is room for it, between what is typed and the keys */
  aside?: ReactNode;
  onDone: (deed: DoneDeed) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { lastTender } = usePreferences();
  const { current } = useStaffAtTill();
  const amount = useAmount();
  const deed = useDeed();
  const balance = Math.max(0, member?.balance ?? 0);
  const [chosen, setChosen] = useState<"stored-value" | OutsideTender>();
  const [note, setNote] = useState<string>();
  const [sure, setSure] = useState(false);
  const [empty, setEmpty] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useUnfinished(amount.typed !== "");
  useEffect(() => input.current?.focus({ preventScroll: true }), []);

  const tender = chosen ?? (balance > 0 ? "stored-value" : lastTender);
  const stored = tender === "stored-value" && balance > 0;
  const rest = tender === "stored-value" ? lastTender : tender;
  const payment = { amountFen: amount.fen, stored, rest, balanceFen: balance };
  const lacking = stored ? Math.max(0, amount.fen - balance) : 0;
  const busy = deed.state !== "idle";

  const choose = (value: "stored-value" | OutsideTender) => {
    setChosen(value);
    deed.forget();
    if (value !== "stored-value") setPreferences({ lastTender: value });
  };
  const charge = async () => {
    if (amount.fen <= 0 || amount.fault) return setEmpty(true);
    if (amount.fen >= sureFromFen && !sure) {
      setSure(true);
      return;
    }
    const command = saleOf(payment, member?.id, note ?? "");
    const performed = await deed.perform(command);
    setSure(false);
    const ref = performed?.operations[0];
    if (ref === undefined) return;
    const fromValue = command.tenders.find(({ tender }) => tender === "stored-value")?.amount ?? 0;
    onDone({
      ref,
      kind: "sale",
      member: member?.id,
      amountFen: amount.fen,
      bonusFen: 0,
      tenders: command.tenders,
      beforeFen: member && fromValue > 0 ? member.balance : undefined,
      afterFen: member && fromValue > 0 ? member.balance - fromValue : undefined,
      note: command.note ?? "",
      atMs: Date.now(),
      staff: current?.name ?? "",
    });
  };
  const press = (change: () => void) => {
    setSure(false);
    setEmpty(false);
    deed.forget();
    change();
  };
  const verb = stored ? t("checkOut.charge") : t("checkOut.take");
  const keys = (
    <Keypad
      onKey={(key) => press(() => amount.press(key))}
      onBackspace={() => press(amount.backspace)}
      onClear={() => press(amount.clear)}
      corner={{
        label: ".",
        name: t("keypad.point"),
        press: () => press(() => amount.press(".")),
      }}
      action={{
        name: `${sure ? t("checkOut.sure") : verb} ${yuan(amount.fen)}`,
        disabled: amount.fen <= 0 || amount.fault !== undefined || busy,
        busy,
        press: () => void charge(),
        label: (
          <ActionLabel
            verb={sure ? t("checkOut.sure") : verb}
            parts={amount.fen > 0 ? tendersOf(payment) : []}
            doing={
              deed.state === "fetching-value"
                ? t("checkOut.fetchingValue")
                : busy
                  ? t("checkOut.saving")
                  : undefined
            }
          />
        ),
      }}
    />
  );
  return (
    <DeedPanel refusal={deed.refusal} keys={keys}>
      <AmountField
        label={t("checkOut.amount")}
        amount={{ ...amount, type: (text) => press(() => amount.type(text)) }}
        inputRef={input}
        error={
          empty && (amount.fault ?? "not-positive") === "not-positive"
            ? t("refusals.amount-not-positive")
            : undefined
        }
        onEnter={() => void charge()}
      />
      <Choices
        label={t("checkOut.payWith")}
        value={tender}
        onChoose={choose}
        choices={tenderChoices(t, member, balance)}
      />
      {lacking > 0 && (
        <Choices
          showLabel
          label={t("checkOut.rest", { stored: yuan(balance), rest: yuan(lacking) })}
          value={rest}
          onChoose={(value) => setPreferences({ lastTender: value })}
          choices={outsideTenders
            .filter((each) => each !== "other")
            .map((value) => ({ value, label: t(`tenders.${value}`) }))}
        />
      )}
      {note === undefined ? (
        <button type="button" className={classes.addNote} onClick={() => setNote("")}>
          <Icon name="edit" size={18} />
          {t("checkOut.addNote")}
        </button>
      ) : (
        <TextInput
          aria-label={t("checkOut.note")}
          placeholder={t("checkOut.note")}
          value={note}
          maxLength={200}
          data-autofocus
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
      {sure && <p className={classes.sure}>{t("checkOut.sureNote")}</p>}
      {aside && <div className={classes.aside}>{aside}</div>}
    </DeedPanel>
  );
}

function ActionLabel({
  verb,
  parts,
  doing,
}: {
  verb: string;
  parts: readonly { tender: string; amount: number }[];
  doing: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  if (doing) return <span className={classes.doing}>{doing}</span>;
  const mixed = parts.length > 1;
  return (
    <>
      <span>{verb}</span>
      {parts.map(({ tender, amount }) => (
        <ActionPart key={tender} mixed={mixed}>
          {mixed && `${t(`tenders.${tender as OutsideTender}`)} `}
          {yuan(amount)}
        </ActionPart>
      ))}
    </>
  );
}

function tenderChoices(
  t: TFunction,
  member: MemberView | undefined,
  balance: number,
): Choice<"stored-value" | OutsideTender>[] {
  const outside = outsideTenders
    .filter((tender) => tender !== "other")
    .map((value) => ({ value, label: t(`tenders.${value}`) }));
  if (!member) return outside;
  const stored: Choice<"stored-value"> = {
    value: "stored-value",
    label: t("tenders.stored-value"),
    disabled: balance <= 0,
    ...(balance <= 0 ? { note: t("checkOut.noBalance") } : {}),
  };
  return [stored, ...outside];
}

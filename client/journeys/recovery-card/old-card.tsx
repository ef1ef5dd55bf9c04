import { Button, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { readRecoveryWords, recoveryPublic } from "../../../shared/access/recovery-key.ts";
import type { ProposalFault } from "../../shop/shop.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import classes from "./recovery-card.module.css";

/** The card that still counts agrees to the one that is to take its place. */
export function OldCard({ proposal }: { proposal: string }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const { proposeByCard } = useShop();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<"malformed" | "notTheCard" | ProposalFault["code"]>();
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    const card = readRecoveryWords(typed);
    if (!card) return setWrong("malformed");
    if (recoveryPublic(card).sign !== authority.recovery.sign) return setWrong("notTheCard");
    setBusy(true);
    const entry = { kind: "ActApproved", body: { proposal } } as const;
    const answer = await proposeByCard(entry, card.entropy).catch(() => undefined);
    setBusy(false);
    setWrong(answer?.ok ? undefined : (answer?.refusal.code ?? "refused"));
  };
  return (
    <form className={classes.steps} onSubmit={(event) => void confirm(event)} noValidate>
      <Textarea
        label={tell("replacing.oldWords")}
        description={tell("replacing.oldHint")}
        value={typed}
        autosize
        minRows={2}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => {
          setWrong(undefined);
          setTyped(event.currentTarget.value);
        }}
      />
      {wrong && (
        <Notice tone="bad" live>
          {wrong === "malformed" || wrong === "notTheCard"
            ? tell(`replacing.${wrong}`)
            : t(`settings.faults.${wrong}`)}
        </Notice>
      )}
      <Button type="submit" size="lg" loading={busy} disabled={typed.trim() === ""}>
        {tell("replacing.withOld")}
      </Button>
    </form>
  );
}

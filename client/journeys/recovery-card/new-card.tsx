import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { newRecoveryKey, recoveryPublic } from "../../../shared/access/recovery-key.ts";
import { subjectOfReplacement } from "../../../shared/access/replace-recovery.ts";
import { newId } from "../../../shared/replica/new-id.ts";
import type { ProposalFault } from "../../shop/shop.ts";
import { useShop } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Poster } from "../../ui/poster.tsx";
import { momentOf } from "../../ui/when.ts";
import { RecoveryCard } from "./recovery-card.tsx";

const random = {
  bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
};

/** A card made here and shown once; it is proposed when two of its words were typed back. */
export function NewCard({ shop, onLeave }: { shop: string; onLeave: () => void }): ReactNode {
  const { t, i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { propose } = useShop();
  const [card] = useState(() => newRecoveryKey(random));
  const [fault, setFault] = useState<ProposalFault["code"]>();
  const [busy, setBusy] = useState(false);
  const onProved = async () => {
    if (busy) return;
    setBusy(true);
    const recovery = recoveryPublic(card);
    const act = "replace-recovery-key" as const;
    const text = `${tell("replacing.cardTitle")} · ${momentOf(Date.now(), i18n.language)}`;
    const subject = subjectOfReplacement(recovery);
    const body = { proposal: newId(random), act, subject, text, recovery };
    const sequenced = await propose({ kind: "ActProposed", body }, [card.entropy]).catch(
      () => undefined,
    );
    setBusy(false);
    if (sequenced?.ok) onLeave();
    else setFault(sequenced?.refusal.code ?? "refused");
  };
  if (fault)
    return (
      <Poster title={tell("replacing.cardTitle")}>
        <Notice tone="bad" live>
          {t(`settings.faults.${fault}`)}
        </Notice>
        <Button size="xl" loading={busy} onClick={() => void onProved()}>
          {t("common.retry")}
        </Button>
        <Button variant="subtle" onClick={onLeave}>
          {tell("replacing.cancel")}
        </Button>
      </Poster>
    );
  return (
    <RecoveryCard
      as="new"
      entropy={card.entropy}
      shop={shop}
      onProved={() => void onProved()}
      onLater={onLeave}
    />
  );
}

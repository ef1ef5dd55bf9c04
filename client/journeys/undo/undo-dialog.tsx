import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDeed } from "../../shop/use-deed.ts";
import { Choices } from "../../ui/choices.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { yuan } from "../../ui/money.tsx";
import { RefusalNotice } from "../../ui/refusal-notice.tsx";
import type { Undoable } from "../../ui/undoable.ts";

const reasons = ["mistyped", "wrongMember", "changedMind", "other"] as const;

/** One question, one answer; the reason is already chosen. */
export function UndoDialog({
  target,
  onClose,
  onUndone,
}: {
  target: Undoable | undefined;
  onClose: () => void;
  onUndone: (target: Undoable) => void;
}): ReactNode {
  const { t } = useTranslation();
  const deed = useDeed();
  const [reason, setReason] = useState<(typeof reasons)[number]>("mistyped");
  const undo = async () => {
    if (!target) return;
    const performed = await deed.perform(
      { command: "Reverse", target: target.ref, reason: t(`undo.reasons.${reason}`) },
      target.member,
    );
    if (performed) onUndone(target);
  };
  const close = () => {
    deed.forget();
    onClose();
  };
  return (
    <Dialog opened={target !== undefined} onClose={close} title={t("undo.title")}>
      {target && (
        <div style={{ display: "grid", gap: 16 }}>
          <p style={{ margin: 0, fontSize: "1.125rem", fontWeight: 600, overflowWrap: "anywhere" }}>
            {target.title} <span className="num">{yuan(target.amountFen)}</span>
          </p>
          <p className="soft" style={{ margin: 0, lineHeight: 1.6 }}>
            {t("undo.text")}
          </p>
          <Choices
            label={t("undo.reason")}
            showLabel
            value={reason}
            onChoose={setReason}
            choices={reasons.map((value) => ({ value, label: t(`undo.reasons.${value}`) }))}
          />
          <RefusalNotice refusal={deed.refusal} />
          <Button
            color="red.9"
            size="xl"
            loading={deed.state !== "idle"}
            onClick={() => void undo()}
            data-autofocus
          >
            {t("undo.confirm", { amount: yuan(target.amountFen) })}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

import { notifications } from "@mantine/notifications";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { HistoryEntry } from "../shared/replica/member-history.ts";
import { Receipt } from "./journeys/receipt/receipt.tsx";
import { Today } from "./journeys/today/today.tsx";
import { UndoDialog } from "./journeys/undo/undo-dialog.tsx";
import { useShopState } from "./shop/use-shop.tsx";
import { deedOf } from "./ui/deed-of.ts";
import { Dialog } from "./ui/dialog.tsx";
import type { DoneDeed } from "./ui/done.ts";
import { yuan } from "./ui/money.tsx";
import { memberPath, reviewPath } from "./ui/paths.ts";
import type { Undoable } from "./ui/undoable.ts";

/** Today's list with receipts and the way back beside each. */
export function TodayPage(): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { authority } = useShopState();
  const [undoing, setUndoing] = useState<Undoable>();
  const [shown, setShown] = useState<DoneDeed>();
  const open = (entry: HistoryEntry) => {
    if (entry.kind === "SaleRecorded" || entry.kind === "ToppedUp")
      setShown(deedOf(entry, authority.staff.get(entry.staff)?.name ?? ""));
    else if (entry.member !== undefined) go(memberPath(entry.member));
  };
  return (
    <>
      <Today onOpen={open} onUndo={setUndoing} onReview={() => go(reviewPath)} />
      <Dialog
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={t("receipt.title")}
      >
        {shown && (
          <Receipt
            deed={shown}
            onClose={() => setShown(undefined)}
            onUndo={() => {
              setShown(undefined);
              setUndoing({
                ref: shown.ref,
                title: "",
                amountFen: shown.amountFen,
                member: shown.member,
              });
            }}
          />
        )}
      </Dialog>
      <UndoDialog
        target={undoing}
        onClose={() => setUndoing(undefined)}
        onUndone={({ amountFen }) => {
          setUndoing(undefined);
          notifications.show({ message: t("undo.done", { amount: yuan(amountFen) }) });
        }}
      />
    </>
  );
}

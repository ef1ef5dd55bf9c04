import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tender } from "../../../shared/sales/sale-kinds.ts";
import { useMember } from "../../shop/use-shop.tsx";
import type { DoneDeed } from "../../ui/done.ts";
import { Icon } from "../../ui/icon.tsx";
import { Money, yuan } from "../../ui/money.tsx";
import { SavedTrail } from "../../ui/saved-trail.tsx";
import { Stamp } from "../../ui/stamp.tsx";
import classes from "./receipt.module.css";
import { ReceiptPaper } from "./receipt-paper.tsx";

/** A finger that comes down twice must not press what has just appeared under it. */
const deafMs = 500;

/** Shown only after this device's disk has the operation. */
export function Receipt({
  deed,
  onUndo,
  onClose,
}: {
  deed: DoneDeed;
  onUndo: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const member = useMember(deed.member ?? "");
  const [deaf, setDeaf] = useState(true);
  const [printing, setPrinting] = useState(false);
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => {
      setDeaf(false);
      if (document.activeElement === document.body) done.current?.focus({ preventScroll: true });
    }, deafMs);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!printing) return;
    window.print();
    setPrinting(false);
  }, [printing]);
  const heading = deed.isOld
    ? t(deed.kind === "top-up" ? "kinds.ToppedUp" : "kinds.SaleRecorded")
    : deed.kind === "top-up"
      ? t("receipt.toppedUp")
      : deed.beforeFen === undefined
        ? t("receipt.taken")
        : t("receipt.charged");
  const name = member?.fields["name"];
  return (
    <section className={classes.receipt} aria-label={heading} data-deaf={deaf || undefined}>
      <div className={`sheet ${classes.slip}`}>
        <div className={classes.stamp}>
          <Stamp tone={deed.isUndone ? "undone" : "done"}>
            {deed.isUndone ? t("receipt.stampUndone") : t("receipt.stamp")}
          </Stamp>
        </div>
        <p className={classes.heading} role="status">
          {heading}
        </p>
        <Money fen={deed.amountFen} size="huge" />
        {name && <p className={classes.name}>{name}</p>}
        <p className={`caption ${classes.paid}`}>
          {deed.tenders
            .map(({ tender, amount }) => `${t(`tenders.${tender as Tender}`)} ${yuan(amount)}`)
            .join(" · ")}
          {deed.bonusFen > 0 && ` · ${t("topUp.give", { bonus: yuan(deed.bonusFen) })}`}
        </p>
        {deed.beforeFen !== undefined && deed.afterFen !== undefined && (
          <p className={classes.balances}>
            <span>
              <span className="caption">{t("receipt.before")}</span>
              <Money fen={deed.beforeFen} tone="soft" />
            </span>
            <Icon name="next" size={18} />
            <span>
              <span className="caption">{t("receipt.after")}</span>
              <Money fen={deed.afterFen} size="large" />
            </span>
          </p>
        )}
        <div className={classes.trail}>
          <SavedTrail operation={deed.ref} />
        </div>
      </div>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<Icon name="print" />}
          onClick={() => setPrinting(true)}
        >
          {t("receipt.print")}
        </Button>
        <Button
          variant="default"
          disabled={deed.isUndone ?? false}
          leftSection={<Icon name="undo" />}
          onClick={onUndo}
        >
          {t("receipt.undo")}
        </Button>
        <Button ref={done} className={classes.done} onClick={onClose}>
          {deed.isOld ? t("common.close") : t("receipt.done")}
        </Button>
      </div>
      {printing && (
        <ReceiptPaper
          deed={deed}
          name={name}
          card={member?.fields["card"]}
          undone={deed.isUndone ?? false}
        />
      )}
    </section>
  );
}

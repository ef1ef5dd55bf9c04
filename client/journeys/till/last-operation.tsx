import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import { useAnswer, useShop } from "../../shop/use-shop.tsx";
import { kindText } from "../../ui/entry-text.ts";
import { Icon } from "../../ui/icon.tsx";
import { Money } from "../../ui/money.tsx";
import type { Undoable } from "../../ui/undoable.ts";
import { timeOf } from "../../ui/when.ts";
import classes from "./last-operation.module.css";

const lookBack = 5;
const shownForMs = 12 * 60 * 60 * 1000;

/** What this device did last, with the way back beside it. */
export function LastOperation({ onUndo }: { onUndo: (target: Undoable) => void }): ReactNode {
  const { t, i18n } = useTranslation();
  const shop = useShop();
  const recent = useAnswer("recent", (each) => each.recent(lookBack));
  const last = recent?.find(isMoney);
  if (!last || last.reversedBy || Date.now() - last.atMs > shownForMs) return null;
  const member = last.member === undefined ? undefined : shop.member(last.member);
  const name = member ? (member.fields["name"] ?? "") : t("receipt.paper.walkIn");
  const title = `${name} ${kindText(t, last)}`;
  return (
    <div className={classes.last}>
      <span className={classes.what}>
        <span className={`caption ${classes.when}`}>
          <span className={classes.just}>{t("till.lastDone")} · </span>
          {timeOf(last.atMs, i18n.language)}
        </span>
        <span className={classes.name}>{title}</span>
        <span className={classes.amount}>
          <Money fen={last.amount} size="small" />
        </span>
      </span>
      <Button
        variant="default"
        size="md"
        px="sm"
        className={classes.undo}
        leftSection={<Icon name="undo" size={20} />}
        onClick={() =>
          onUndo({ ref: last.ref, title, amountFen: last.amount, member: last.member })
        }
      >
        {t("till.undo")}
      </Button>
    </div>
  );
}

const isMoney = ({ kind, standing }: HistoryEntry): boolean =>
  standing === "counted" && (kind === "SaleRecorded" || kind === "ToppedUp");

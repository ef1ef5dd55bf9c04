import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "../../../shared/replica/member-history.ts";
import type { Tender } from "../../../shared/sales/sale-kinds.ts";
import { fieldText } from "../../i18n/refusal-text.ts";
import { useAnswer, useShopState } from "../../shop/use-shop.tsx";
import { kindText, placeText } from "../../ui/entry-text.ts";
import { Icon } from "../../ui/icon.tsx";
import { Money, yuan } from "../../ui/money.tsx";
import { dayOf, timeOf } from "../../ui/when.ts";
import classes from "./passbook.module.css";

export function PassbookEntry({
  entry,
  onOpen,
}: {
  entry: HistoryEntry;
  onOpen: () => void;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const { authority } = useShopState();
  const restored = useRestored(entry);
  const change = entry.principal + entry.bonus;
  const undone = entry.reversedBy !== undefined;
  const counts = entry.standing === "counted";
  const openable = entry.kind === "SaleRecorded" || entry.kind === "ToppedUp";
  const inside = (
    <>
      <span className={`num ${classes.date}`}>
        {dayOf(entry.atMs, i18n.language)}
        <span className="caption">{timeOf(entry.atMs, i18n.language)}</span>
      </span>
      <span className={classes.what}>
        <span className={classes.kind} data-struck={undone || !counts}>
          {kindText(t, entry)}
          {undone && <span className={classes.mark}>{t("ledger.reversed")}</span>}
          {!counts && (
            <span className={classes.mark}>
              {entry.standing === "waiting" ? t("ledger.waiting") : t("ledger.notCounted")}
            </span>
          )}
        </span>
        <span className="caption">{[...restored, ...detailsOf(t, entry)].join(" · ")}</span>
        <span className="caption">
          {placeText(t, entry, authority)} <SavedMark operation={entry.ref} />
        </span>
      </span>
      <span className={classes.change}>
        {change !== 0 && (
          <Money
            fen={change}
            signed
            size="small"
            tone={undone ? "struck" : change > 0 ? "gain" : "plain"}
          />
        )}
      </span>
      <span className={classes.after}>
        {entry.balanceAfter !== undefined && change !== 0 && counts && (
          <Money fen={entry.balanceAfter} size="small" />
        )}
      </span>
    </>
  );
  return (
    <li className={classes.entry}>
      {openable ? (
        <button type="button" className={classes.line} data-pressable="true" onClick={onOpen}>
          {inside}
        </button>
      ) : (
        <div className={classes.line}>{inside}</div>
      )}
      {entry.old.length > 0 && <OldPurchases entry={entry} />}
    </li>
  );
}

/** Says only what is out of the ordinary: not on the server yet. */
function SavedMark({ operation }: { operation: string }): ReactNode {
  const { t } = useTranslation();
  const saved = useAnswer(`saved ${operation}`, (shop) => shop.saved(operation));
  if (!saved) return null;
  if (!saved.onServer) return <span className={classes.unsent}>· {t("ledger.notSent")}</span>;
  return (
    <span className={classes.saved}>
      <Icon name="check" size={14} /> {t("receipt.savedServer")}
      {saved.copies > 0 && ` · ${t("receipt.savedCopies", { n: saved.copies })}`}
    </span>
  );
}

function OldPurchases({ entry }: { entry: HistoryEntry }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const newestFirst = [...entry.old].sort((a, b) => (a.at < b.at ? 1 : -1));
  return (
    <>
      <button
        type="button"
        className={classes.more}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? t("ledger.hide") : t("ledger.show")}
      </button>
      {open && (
        <ul className={classes.old}>
          {newestFirst.map(({ at, amount, details }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing else tells old purchases apart
            <li key={index}>
              <span className="num">{at.slice(0, 16)}</span>
              <span className="caption">{Object.values(details).join(" · ")}</span>
              <Money fen={amount} size="small" />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** To which version the member went back, and whether he is listed since. */
function useRestored({ restored }: HistoryEntry): string[] {
  const { i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  if (!restored) return [];
  const { toMs, isUndoing, listing } = restored;
  const when = `${dayOf(toMs, i18n.language)} ${timeOf(toMs, i18n.language)}`;
  const to = isUndoing ? tell("restoring.undone", { when }) : tell("restoring.to", { when });
  return listing ? [to, tell(`restoring.${listing}`)] : [to];
}

function detailsOf(t: TFunction, entry: HistoryEntry): string[] {
  const details: string[] = [];
  if (entry.fields.length > 0)
    details.push(
      t("ledger.changed", { fields: entry.fields.map((field) => fieldText(t, field)).join("、") }),
    );
  if (entry.old.length > 0)
    details.push(
      t("ledger.oldPurchases", {
        n: entry.old.length,
        amount: yuan(entry.old.reduce((sum, { amount }) => sum + amount, 0)),
      }),
    );
  for (const { tender, amount } of entry.tenders)
    details.push(
      t("ledger.paidBy", { tender: t(`tenders.${tender as Tender}`), amount: yuan(amount) }),
    );
  if (entry.bonus !== 0)
    details.push(t("ledger.bonusPart", { bonus: yuan(Math.abs(entry.bonus)) }));
  if (entry.note === "import-undone") details.push(t("kinds.ImportUndone"));
  else if (entry.note && entry.kind !== "OpeningBalanceImported") details.push(entry.note);
  return details;
}

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ImportTotals } from "../../../shared/imports/import-plan.ts";
import { Money } from "../../ui/money.tsx";
import classes from "./import.module.css";

/** Sums that the old system states too, so that both can be compared to the fen. */
export function ControlTotals({ totals }: { totals: ImportTotals }): ReactNode {
  const { t } = useTranslation();
  const compared = totals.purchases > 0 && totals.spentControlFen > 0;
  return (
    <dl className={`sheet ${classes.totals}`}>
      <Total label={t("imports.members")}>
        <span className={`num ${classes.figure}`}>{totals.members.toLocaleString("en")}</span>
      </Total>
      <Total label={t("imports.opening")}>
        <Money fen={totals.openingFen} size="large" />
      </Total>
      {totals.openingBonusFen > 0 && (
        <Total label={t("imports.openingBonus")}>
          <Money fen={totals.openingBonusFen} size="large" />
        </Total>
      )}
      <Total label={t("imports.purchases")}>
        <span className={`num ${classes.figure}`}>{totals.purchases.toLocaleString("en")}</span>
      </Total>
      <Total label={t("imports.purchasesFen")}>
        <Money fen={totals.purchasesFen} size="large" />
      </Total>
      {compared && (
        <Total label={t("imports.control")}>
          <Money fen={totals.spentControlFen} size="large" />
          <span className={classes.verdict} data-equal={totals.spentDifferenceFen === 0}>
            {totals.spentDifferenceFen === 0 ? (
              `✓ ${t("imports.equal")}`
            ) : (
              <>
                {t("imports.difference")} <Money fen={totals.spentDifferenceFen} size="small" />
              </>
            )}
          </span>
        </Total>
      )}
    </dl>
  );
}

const Total = ({ label, children }: { label: string; children: ReactNode }): ReactNode => (
  <div className={classes.total}>
    <dt className="caption">{label}</dt>
    <dd>{children}</dd>
  </div>
);

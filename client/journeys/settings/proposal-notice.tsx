import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/notice.tsx";
import type { Proposing } from "./use-proposal.ts";

/** Why a change of rights cannot be made here, or was not made. */
export function ProposalNotice({ proposing }: { proposing: Proposing }): ReactNode {
  const { t } = useTranslation();
  if (!proposing.allowed) return <Notice>{t("settings.ownerOnly")}</Notice>;
  if (!proposing.fault) return null;
  return (
    <Notice tone="bad" live>
      {t(`settings.faults.${proposing.fault}`)}
    </Notice>
  );
}

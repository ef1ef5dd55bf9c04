import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { readEntry } from "../../../shared/access/authority-entry.ts";
import type { Proposal } from "../../../shared/access/proposal.ts";
import { mayAct, needsCard, openProposals, standingOf } from "../../../shared/access/proposals.ts";
import { isAmongOwners } from "../../../shared/access/replace-recovery.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { momentOf } from "../../ui/when.ts";
import { OldCard } from "./old-card.tsx";
import classes from "./recovery-card.module.css";

/** Which card counts, and how another one takes its place. */
export function ReplaceCardPage({
  onBack,
  onNew,
  onApprovals,
}: {
  onBack: () => void;
  onNew: () => void;
  onApprovals: () => void;
}): ReactNode {
  const { i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const { staff, device } = useShop().identity;
  const waiting = openProposals(authority).filter(({ act }) => act === "replace-recovery-key");
  const newest = authority.recoveries.at(-1);
  const sinceMs = readEntry(authority.texts[newest?.since ?? 0] ?? "")?.at ?? 0;
  const isAllowed = mayAct(authority, { staff, device });
  return (
    <Page title={tell("replacing.title")} onBack={onBack}>
      <Section note={tell("replacing.what")}>
        <div className={classes.steps}>
          <Notice tone={authority.recoveries.length > 1 ? "good" : "info"}>
            {tell("replacing.inForce", {
              n: authority.recoveries.length,
              when: momentOf(sinceMs, i18n.language),
            })}
          </Notice>
          {authority.recoveries.length > 1 && waiting.length === 0 && (
            <Notice>{tell("replacing.done")}</Notice>
          )}
          {waiting.map((proposal) => (
            <Waiting key={proposal.id} proposal={proposal} onApprovals={onApprovals} />
          ))}
          {!isAllowed && <Notice>{tell("replacing.notYours")}</Notice>}
          {isAllowed && waiting.length === 0 && (
            <Button size="xl" onClick={onNew}>
              {tell("replacing.begin")}
            </Button>
          )}
        </div>
      </Section>
    </Page>
  );
}

function Waiting({
  proposal,
  onApprovals,
}: {
  proposal: Proposal;
  onApprovals: () => void;
}): ReactNode {
  const { i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const standing = standingOf(authority, proposal, Date.now());
  const isOwners = isAmongOwners(authority, proposal);
  const isAlone = proposal.by !== "recovery" && needsCard(authority, proposal);
  const takesCard =
    proposal.by !== "recovery" &&
    (isOwners || isAlone) &&
    (proposal.approval === undefined || proposal.approval.by === "server");
  const how = () => {
    if (!isOwners) return tell("replacing.managers");
    if (!isAlone) return tell("replacing.others");
    return standing.is === "waiting-until"
      ? tell("replacing.alone", { until: momentOf(standing.untilMs, i18n.language) })
      : tell("replacing.aloneSoon");
  };
  return (
    <section className={`sheet ${classes.waiting}`}>
      <h2 className={classes.waitingTitle}>{tell("replacing.waiting")}</h2>
      <p>{how()}</p>
      {takesCard && <OldCard proposal={proposal.id} />}
      <Button variant="default" size="lg" onClick={onApprovals}>
        {tell("replacing.toApprovals")}
      </Button>
    </section>
  );
}

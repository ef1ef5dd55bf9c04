import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Approver, Proposal } from "../../../shared/access/proposal.ts";
import {
  mayApproveAct,
  needsCard,
  openProposals,
  standingOf,
} from "../../../shared/access/proposals.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import classes from "./approvals-page.module.css";
import { useActLines } from "./use-act-lines.ts";
import { type Approvals, useApprovals } from "./use-approvals.ts";

/** Of those that are done, withdrawn or lapsed. */
const closedMost = 20;

/** Acts that need a second person: what, who, since when, until when, and one tap for each answer. */
export function ApprovalsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const approvals = useApprovals();
  const open = openProposals(authority);
  const closed = [...authority.proposals.values()].filter((proposal) => !open.includes(proposal));
  return (
    <Page title={tell("approvals.title")} onBack={onBack}>
      <Section note={tell("approvals.note")}>
        <div className={classes.list}>
          {approvals.answered && (
            <Notice tone="good" live>
              {tell(`approvals.${approvals.answered}`)}
            </Notice>
          )}
          {approvals.fault && (
            <Notice tone="bad" live>
              {t(`settings.faults.${approvals.fault}`)}
            </Notice>
          )}
          {open.length === 0 && <Notice>{tell("approvals.none")}</Notice>}
          {open.map((proposal) => (
            <Act key={proposal.id} proposal={proposal} approvals={approvals} />
          ))}
          {open.length > 0 && !approvals.allowed && <Notice>{tell("approvals.notYours")}</Notice>}
        </div>
      </Section>
      {closed.length > 0 && (
        <Section title={tell("approvals.before")}>
          <Rows>
            {closed
              .slice(-closedMost)
              .reverse()
              .map((proposal) => (
                <Closed key={proposal.id} proposal={proposal} />
              ))}
          </Rows>
        </Section>
      )}
    </Page>
  );
}

function Act({ proposal, approvals }: { proposal: Proposal; approvals: Approvals }): ReactNode {
  const { i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const nameOf = useNames();
  const linesOf = useActLines();
  const { id, act, text, by, atMs, approval } = proposal;
  const { place, allowed, busy, answer } = approvals;
  const standing = standingOf(authority, proposal, Date.now());
  const when = momentOf(atMs, i18n.language);
  const isOwn = typeof by === "object" && by.staff === place.staff;
  const isYours = allowed && mayApproveAct(authority, proposal, place);
  const waitsFor =
    standing.is !== "waiting-for-person"
      ? standing.is
      : by !== "server" && needsCard(authority, proposal)
        ? "waiting-card"
        : isOwn
          ? "waiting-own"
          : isYours
            ? "waiting-you"
            : standing.is;
  const until =
    standing.is === "waiting-until" ? momentOf(standing.untilMs, i18n.language) : undefined;
  return (
    <section className={`sheet ${classes.act}`}>
      <h2 className={classes.what}>{tell(`approvals.acts.${act}`)}</h2>
      <div className={classes.text}>
        {linesOf(text).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <p className={`soft ${classes.facts}`}>
        {tell("approvals.by", { who: nameOf(by), when })}
        {approval && approval.by !== "server" && (
          <>
            <br />
            {tell("approvals.approvedBy", {
              who: nameOf(approval.by),
              when: momentOf(approval.atMs, i18n.language),
            })}
          </>
        )}
      </p>
      <Notice tone={standing.is === "waiting-until" ? "warning" : "info"}>
        {act === "replace-recovery-key"
          ? tell(`replacing.standing.${waitsFor}`, { until })
          : tell(`approvals.standing.${waitsFor}`, { until })}
      </Notice>
      {allowed && (
        <div className={classes.buttons}>
          <Button
            variant="default"
            size="lg"
            disabled={busy !== undefined}
            onClick={() => void answer(id, "withdrawn")}
          >
            {tell("approvals.withdraw")}
          </Button>
          {isYours && (
            <Button size="lg" loading={busy === id} onClick={() => void answer(id, "approved")}>
              {tell("approvals.approve")}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Closed({ proposal }: { proposal: Proposal }): ReactNode {
  const { i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const linesOf = useActLines();
  const { act, text, atMs, doneMs, withdrawnMs } = proposal;
  const { is } = standingOf(authority, proposal, Date.now());
  const how = is === "done" || is === "withdrawn" ? is : "lapsed";
  const when = momentOf(doneMs ?? withdrawnMs ?? atMs, i18n.language);
  return (
    <Row
      title={tell(`approvals.acts.${act}`)}
      note={[...linesOf(text), tell(`approvals.standing.${how}`), when].join(" · ")}
    />
  );
}

function useNames(): (by: Approver) => string {
  const { t: tell } = useTranslation("safety");
  const { staff } = useShopState().authority;
  return (by) => {
    if (typeof by === "object") return staff.get(by.staff)?.name ?? by.staff;
    return by === "server" ? tell("approvals.server") : tell("approvals.card");
  };
}

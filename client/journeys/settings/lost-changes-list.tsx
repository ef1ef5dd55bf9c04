import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { roleNow } from "../../../shared/access/authority-state.ts";
import { type LostChange, type LostChanges, lostChangesOf } from "../../shop/lost-changes.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import classes from "./doubtful-devices.module.css";
import { ProposalNotice } from "./proposal-notice.tsx";
import { type Proposing, useProposal } from "./use-proposal.ts";

/** What a recovery left behind, in plain words, and the one tap that takes it over. */
export function LostChangesList(): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const proposing = useProposal();
  const [answer, setAnswer] = useState<"taken" | "left">();
  const lost = lostChangesOf(authority);
  const say = async (kind: "EntriesReinstated" | "EntriesDismissed", through: string) => {
    setAnswer(undefined);
    const isDone = await proposing.propose({ kind, body: { through } });
    if (isDone) setAnswer(kind === "EntriesReinstated" ? "taken" : "left");
  };
  if (lost.length === 0 && !answer) return null;
  return (
    <Section {...(lost.length === 0 ? {} : { title: tell("lost.title") })}>
      <div className={classes.list}>
        {answer && (
          <Notice tone="good" live>
            {tell(`lost.${answer}`)}
          </Notice>
        )}
        {lost.map((each) => (
          <LostSheet
            key={each.through}
            lost={each}
            proposing={proposing}
            onTake={() => void say("EntriesReinstated", each.through)}
            onLeave={() => void say("EntriesDismissed", each.through)}
          />
        ))}
      </div>
    </Section>
  );
}

function LostSheet({
  lost: { changes },
  proposing,
  onTake,
  onLeave,
}: {
  lost: LostChanges;
  proposing: Proposing;
  onTake: () => void;
  onLeave: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const wordsOf = useWords();
  const { authority } = useShopState();
  const owners = [...authority.staff.values()].filter((person) => roleNow(person) === "owner");
  const names = owners.map(({ name }) => name).join("、");
  return (
    <section className={`sheet ${classes.doubtful}`}>
      <p className={`soft ${classes.ask}`}>{tell("lost.text")}</p>
      <ul className={classes.facts}>
        {changes.map((change, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes its order
          <li key={index}>{wordsOf(change)}</li>
        ))}
      </ul>
      {proposing.allowed ? (
        <>
          <ProposalNotice proposing={proposing} />
          <Button size="lg" loading={proposing.busy} onClick={onTake}>
            {tell("lost.take")}
          </Button>
          <Button size="lg" variant="default" disabled={proposing.busy} onClick={onLeave}>
            {tell("lost.leave")}
          </Button>
        </>
      ) : (
        <Notice>{tell("lost.who", { names })}</Notice>
      )}
    </section>
  );
}

function useWords(): (change: LostChange) => string {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  return (change) => {
    const name = "name" in change ? change.name : "";
    const before = "before" in change ? change.before : "";
    const role = "role" in change ? t(`roles.${change.role}`) : "";
    return tell(`lost.change.${change.kind}`, { name, before, role });
  };
}

import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { type AuthorityState, roleNow } from "../../../shared/access/authority-state.ts";
import type { DoubtfulDevice } from "../../shop/doubtful-devices.ts";
import { useAnswer, useShopState } from "../../shop/use-shop.tsx";
import { yuan } from "../../ui/money.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { momentOf } from "../../ui/when.ts";
import classes from "./doubtful-devices.module.css";
import { ProposalNotice } from "./proposal-notice.tsx";
import { type Proposing, useProposal } from "./use-proposal.ts";

/** Devices whose identity was in doubt: why, what that holds up, and the one tap that settles it. */
export function DoubtfulDevices({
  onPairAgain,
}: {
  onPairAgain: (device: string) => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const found = useAnswer("doubtful devices", (shop) => shop.doubtfulDevices());
  const proposing = useProposal();
  const [settled, setSettled] = useState(false);
  const settle = async (device: string) => {
    setSettled(false);
    setSettled(await proposing.propose({ kind: "SuccessionSettled", body: { device } }));
  };
  const isNothing = (found ?? []).length === 0;
  if (isNothing && !settled) return null;
  return (
    <Section {...(isNothing ? {} : { title: tell("identity.doubt.title") })}>
      <div className={classes.list}>
        {settled && (
          <Notice tone="good" live>
            {tell("identity.doubt.settled")}
          </Notice>
        )}
        {found?.map((doubtful) => (
          <Doubtful
            key={doubtful.device}
            doubtful={doubtful}
            proposing={proposing}
            onSettle={() => void settle(doubtful.device)}
            onPairAgain={() => onPairAgain(doubtful.device)}
          />
        ))}
      </div>
    </Section>
  );
}

function Doubtful({
  doubtful,
  proposing,
  onSettle,
  onPairAgain,
}: {
  doubtful: DoubtfulDevice;
  proposing: Proposing;
  onSettle: () => void;
  onPairAgain: () => void;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [, go] = useLocation();
  const { authority } = useShopState();
  const { device, by, why, atMs, apart, apartFen, frozenFen, unattested } = doubtful;
  const name = authority.devices.get(device)?.name ?? t("ledger.unknownDevice");
  const when = momentOf(atMs, i18n.language);
  const facts = [
    by === undefined
      ? tell("identity.doubt.frozenSince", { when })
      : tell("identity.doubt.since", { when }),
    tell("identity.doubt.frozenFen", { amount: yuan(frozenFen) }),
    apart > 0
      ? tell("identity.doubt.apart", { n: apart, amount: yuan(apartFen) })
      : tell("identity.doubt.noneApart"),
    ...(unattested > 0 ? [tell("identity.doubt.unattested", { n: unattested })] : []),
  ];
  return (
    <section className={`sheet ${classes.doubtful}`}>
      <h3 className={classes.why}>{tell(`identity.doubt.why.${why}`, { name })}</h3>
      <ul className={classes.facts}>
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {proposing.allowed ? (
        <>
          {by !== undefined && (
            <p className={`soft ${classes.ask}`}>{tell("identity.doubt.ask")}</p>
          )}
          <ProposalNotice proposing={proposing} />
          <Button
            size="lg"
            loading={proposing.busy}
            onClick={by === undefined ? onPairAgain : onSettle}
          >
            {by === undefined ? tell("identity.pairAgain") : tell("identity.doubt.settle")}
          </Button>
        </>
      ) : (
        <Notice>{tell("identity.doubt.who", { names: ownersOf(authority) })}</Notice>
      )}
      {apart > 0 && (
        <Button variant="subtle" onClick={() => go("/settings/records")}>
          {tell("identity.doubt.seeApart")}
        </Button>
      )}
    </section>
  );
}

const ownersOf = ({ staff }: AuthorityState): string =>
  [...staff.values()]
    .filter((person) => roleNow(person) === "owner")
    .map(({ name }) => name)
    .join("、");

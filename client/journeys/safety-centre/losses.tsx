import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyFacts, SafetyLoss } from "../../../shared/safety/safety-facts.ts";
import type { IconName } from "../../ui/icon.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { useNameOf } from "./place-names.ts";
import classes from "./safety-page.module.css";

const icons: Readonly<Record<SafetyLoss["what"], IconName>> = {
  shop: "store",
  server: "server",
  device: "device",
  target: "copies",
};

/** What would be gone if it burned right now: the shop first, then each place. */
export function Losses({ facts }: { facts: SafetyFacts }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const nameOf = useNameOf(facts);
  return (
    <Rows>
      {facts.losses.map(({ what, id, lost, rest }) => (
        <Row
          key={id ?? what}
          icon={icons[what]}
          title={tell(`centre.burnt.${what}`, { name: id === undefined ? "" : nameOf(id) })}
          note={lost > 0 && rest ? tell("centre.comesBack", { name: nameOf(rest.id) }) : undefined}
          end={
            <span className={`num ${classes.lost}`} data-lost={lost > 0} data-loss={id ?? what}>
              {lost === 0
                ? tell("centre.losesNothing")
                : lost >= facts.operations
                  ? tell("centre.losesAll")
                  : tell("centre.losesSome", { n: lost })}
            </span>
          }
        />
      ))}
    </Rows>
  );
}

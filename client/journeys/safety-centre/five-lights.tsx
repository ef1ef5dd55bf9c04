import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type {
  SafetyFacts,
  SafetyRule,
  SafetyRuleName,
} from "../../../shared/safety/safety-facts.ts";
import { Icon } from "../../ui/icon.tsx";
import { Lantern } from "./lantern.tsx";
import { useNameOf } from "./place-names.ts";
import classes from "./safety-page.module.css";

const figures: Readonly<Record<SafetyRuleName, string>> = {
  copies: "3",
  media: "2",
  "off-site": "1",
  offline: "1",
  errors: "0",
};

/** 3-2-1-1-0 as five lanterns. */
export function FiveLights({ rules }: { rules: readonly SafetyRule[] }): ReactNode {
  const { t: tell } = useTranslation("safety");
  return (
    <ol className={classes.lights} aria-label={tell("centre.lights")}>
      {rules.map(({ rule, ok, have }) => (
        <li key={rule} className={classes.light} data-lit={ok} data-rule={rule}>
          <Lantern figure={figures[rule]} lit={ok} />
          <strong>{tell(`centre.rules.${rule}`)}</strong>
          <span className={classes.state}>
            <span className={classes.isLit}>
              <Icon name={ok ? "check" : "warning"} size={15} />
              {ok ? tell("centre.on") : tell("centre.off")}
            </span>
            <span>
              {rule === "errors" && !ok && have === 0
                ? tell("centre.unproven")
                : tell(`centre.have.${rule}`, { n: have })}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Why a light is off, what puts it on, and the way there. */
export function HowToLight({
  facts,
  onTargets,
}: {
  facts: SafetyFacts;
  onTargets: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const nameOf = useNameOf(facts);
  const dark = facts.rules.filter(({ ok }) => !ok);
  if (dark.length === 0) return null;
  return (
    <section className={`sheet ${classes.todo}`}>
      <ul className={classes.wants} aria-label={tell("centre.todo")}>
        {dark.map(({ rule, why, by }) => (
          <li key={rule}>
            <Icon name="warning" size={20} />
            <span>
              <strong>{tell(`centre.rules.${rule}`)}</strong>
              {" · "}
              {why &&
                tell(
                  `centre.why.${why === "nothing-there" && isSameDisk(facts, by) ? "same-disk" : why}`,
                  {
                    names: by.map(nameOf).join("、"),
                  },
                )}{" "}
              {rule !== "errors" && tell(`centre.fix.${rule}`)}
            </span>
          </li>
        ))}
      </ul>
      <Button variant="default" size="lg" leftSection={<Icon name="copies" />} onClick={onTargets}>
        {tell("centre.toTargets")}
      </Button>
    </section>
  );
}

/** What lies there is no copy of its own, however new it is. */
const isSameDisk = ({ places }: SafetyFacts, ids: readonly string[]): boolean =>
  ids.length > 0 &&
  ids.every((id) => places.some((place) => place.id === id && place.onServersDisk));

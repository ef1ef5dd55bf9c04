import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyFacts } from "../../../shared/safety/safety-facts.ts";
import { type HeardSafety, type SafetyAnswer, useHeardSafety } from "../../shop/safety-facts.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { type RunbookName, runbookNames } from "../../ui/runbook-names.ts";
import { agoOf, momentOf } from "../../ui/when.ts";
import { BackupsList } from "./backups-list.tsx";
import { FiveLights, HowToLight } from "./five-lights.tsx";
import { LastProof } from "./last-proof.tsx";
import { Losses } from "./losses.tsx";
import { PlacesPicture } from "./places-picture.tsx";
import classes from "./safety-page.module.css";
import { StandbyRow } from "./standby-row.tsx";
import { useLooking } from "./use-looking.ts";

/** Where every copy of the records is, what would be lost, and what to do when something happened. */
export function SafetyPage({
  onRunbook,
  onTargets,
}: {
  onRunbook: (name: RunbookName) => void;
  onTargets: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { identity } = useShop();
  const answer = useLooking();
  const heard = useHeardSafety();
  const known = heard?.facts.org === identity.org ? heard : undefined;
  return (
    <Page title={tell("centre.title")}>
      <Standing answer={answer} heard={known} />
      {known && <Facts heard={known} onRunbook={onRunbook} onTargets={onTargets} />}
      <Section title={tell("runbooks.title")} note={tell("runbooks.note")}>
        <Rows>
          {runbookNames.map((name) => (
            <Row
              key={name}
              icon="info"
              title={tell(`runbooks.${name}`)}
              onPress={() => onRunbook(name)}
            />
          ))}
        </Rows>
      </Section>
    </Page>
  );
}

/** Since when this is so, when it is not now; and what only this device holds. */
function Standing({
  answer,
  heard,
}: {
  answer: SafetyAnswer | undefined;
  heard: HeardSafety | undefined;
}): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const { link, unsent } = useShopState();
  const isAway = answer === "offline" || link.state !== "online";
  const notes = [
    answer === "not-entitled" && tell("centre.notEntitled"),
    answer === "other-tab" && tell("centre.otherTab"),
    answer === "offline" && !heard && tell("centre.never"),
    answer !== undefined &&
      isAway &&
      heard &&
      tell("centre.stale", { when: momentOf(heard.heardMs, i18n.language) }),
    isAway && unsent > 0 && tell("centre.unsent", { n: unsent }),
  ].filter((note) => typeof note === "string");
  return (
    notes.length > 0 && (
      <div className={classes.standing}>
        {notes.map((note) => (
          <Notice key={note} tone="warning" live>
            {note}
          </Notice>
        ))}
      </div>
    )
  );
}

function Facts({
  heard: { facts, heardMs },
  onRunbook,
  onTargets,
}: {
  heard: HeardSafety;
  onRunbook: (name: RunbookName) => void;
  onTargets: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { thin, standby } = facts;
  return (
    <>
      <section className={`sheet ${classes.hero}`}>
        <Verdict facts={facts} heardMs={heardMs} />
        <FiveLights rules={facts.rules} />
      </section>
      <HowToLight facts={facts} onTargets={onTargets} />
      <Section title={tell("centre.where")}>
        <PlacesPicture facts={facts} />
        <p className={`caption ${classes.under}`} data-thin={thin?.operations ?? 0}>
          {thin
            ? tell("centre.thin", { n: thin.operations, places: thin.newest.places })
            : tell("centre.thick")}
        </p>
      </Section>
      {standby && (
        <Section title={tell("centre.standby.title")}>
          <StandbyRow standby={standby} onTakeOver={() => onRunbook("server-dead")} />
        </Section>
      )}
      <Section title={tell("centre.proven")}>
        <LastProof targets={facts.targets} />
      </Section>
      <Section title={tell("centre.burning")}>
        <Losses facts={facts} />
      </Section>
      <Section title={tell("centre.backups")}>
        <BackupsList
          facts={facts}
          onTargets={onTargets}
          onGoBack={() => onRunbook("wrong-restore")}
        />
      </Section>
    </>
  );
}

/** The answer in ten seconds: how many lights, and what a fire would cost. */
function Verdict({ facts, heardMs }: { facts: SafetyFacts; heardMs: number }): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const dark = facts.rules.filter(({ ok }) => !ok).length;
  const lost = facts.losses.find(({ what }) => what === "shop")?.lost ?? 0;
  const tone = lost > 0 && lost >= facts.operations ? "bad" : dark > 0 ? "warning" : "good";
  const isNew = Date.now() - heardMs < 60_000;
  return (
    <div className={classes.verdict} data-tone={tone}>
      <span className={classes.shield}>
        <Icon name={tone === "good" ? "shield" : "warning"} size={34} />
      </span>
      <span className={classes.words}>
        <strong className={classes.answer}>
          {dark === 0 ? tell("centre.allGood") : tell("centre.someMissing", { n: dark })}
        </strong>
        <span>
          {lost === 0
            ? tell("centre.fire.nothing")
            : lost >= facts.operations
              ? tell("centre.fire.all", { n: lost })
              : tell("centre.fire.some", { n: lost })}
        </span>
      </span>
      <span className={`caption ${classes.checked}`}>
        {isNew
          ? tell("centre.now")
          : tell("centre.since", { ago: agoOf(heardMs, Date.now(), i18n.language) })}
      </span>
    </div>
  );
}

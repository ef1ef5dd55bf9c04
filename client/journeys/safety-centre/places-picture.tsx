import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyFacts, SafetyPlace } from "../../../shared/safety/safety-facts.ts";
import { useShop } from "../../shop/use-shop.tsx";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { momentOf } from "../../ui/when.ts";
import { useNameOf } from "./place-names.ts";
import classes from "./safety-page.module.css";

const icons: Readonly<Record<SafetyPlace["medium"], IconName>> = {
  server: "server",
  device: "device",
  disk: "download",
  network: "upload",
};

/** The shop and what is outside it, with how much of the records each holds. */
export function PlacesPicture({ facts }: { facts: SafetyFacts }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const inside = facts.places.filter(({ inShop }) => inShop);
  const away = facts.places.filter(({ inShop }) => !inShop);
  return (
    <>
      <div className={classes.map}>
        <section className={classes.house} aria-label={tell("centre.inShop")}>
          <svg
            className={classes.roof}
            viewBox="0 0 400 46"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path d="M4 44C60 40 150 26 200 4c50 22 140 36 196 40Z" />
          </svg>
          <h3>{tell("centre.inShop")}</h3>
          <Places places={inside} facts={facts} />
        </section>
        <section
          className={classes.away}
          data-empty={away.length === 0}
          aria-label={tell("centre.away")}
        >
          <h3>{tell("centre.away")}</h3>
          {away.length === 0 ? (
            <p className={classes.none}>
              <Icon name="warning" size={20} />
              {tell("centre.nothingAway")}
            </p>
          ) : (
            <Places places={away} facts={facts} />
          )}
        </section>
      </div>
      <p className={`caption ${classes.under}`}>{tell("centre.devicesNote")}</p>
    </>
  );
}

function Places({
  places,
  facts,
}: {
  places: readonly SafetyPlace[];
  facts: SafetyFacts;
}): ReactNode {
  return (
    <ul className={classes.places}>
      {places.map((place) => (
        <Place key={place.id} place={place} facts={facts} />
      ))}
    </ul>
  );
}

function Place({ place, facts }: { place: SafetyPlace; facts: SafetyFacts }): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const { identity } = useShop();
  const nameOf = useNameOf(facts);
  const { id, operations, medium, online, seenMs, onServersDisk } = place;
  const total = facts.operations;
  const lacks = total - operations;
  const held = total === 0 ? 1 : operations / total;
  const isFull = lacks <= 0 && seenMs !== undefined;
  const seen = online && medium !== "disk" && medium !== "network";
  return (
    <li className={classes.place} data-full={isFull} data-place={id}>
      <span className={classes.vessel} aria-hidden="true">
        <span className={classes.level} style={{ height: `${Math.round(held * 100)}%` }} />
        <Icon name={icons[medium]} size={26} />
      </span>
      <span className={classes.words}>
        <strong>
          {nameOf(id)}
          {id === identity.device && <small> {tell("centre.thisDevice")}</small>}
        </strong>
        <span className={`num ${classes.holds}`}>
          {seenMs === undefined
            ? tell("centre.holdsNothing")
            : isFull
              ? tell("centre.holdsAll", { n: total })
              : tell("centre.lacks", { n: lacks })}
        </span>
        <span className="caption">
          {onServersDisk
            ? tell("centre.sameDisk")
            : seen
              ? tell("centre.online")
              : seenMs !== undefined && momentOf(seenMs, i18n.language)}
        </span>
      </span>
    </li>
  );
}

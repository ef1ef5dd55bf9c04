import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyTarget } from "../../../shared/safety/safety-facts.ts";
import { Notice } from "../../ui/notice.tsx";
import { Stamp } from "../../ui/stamp.tsx";
import { momentOf } from "../../ui/when.ts";
import { durationText } from "./duration-text.ts";
import classes from "./safety-page.module.css";

/** When a restore was proven last, from where, and how long it took. */
export function LastProof({ targets }: { targets: readonly SafetyTarget[] }): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  const [newest] = targets
    .filter(({ provenMs }) => provenMs !== undefined)
    .sort((a, b) => (b.provenMs ?? 0) - (a.provenMs ?? 0));
  if (newest?.provenMs === undefined)
    return (
      <Notice tone="warning" title={tell("centre.neverProven")}>
        {tell("centre.neverProvenNote")}
      </Notice>
    );
  const { name, drill, provenMs } = newest;
  const proof = drill?.ok && drill.atMs === provenMs ? drill : undefined;
  return (
    <div className={`sheet ${classes.proof}`}>
      <span className={classes.proofWords}>
        <span className={`num ${classes.proofTime}`}>{momentOf(provenMs, i18n.language)}</span>
        {proof && (
          <span className="num">
            {tell("centre.provenTook", { time: durationText(tell, proof.tookMs) })}
          </span>
        )}
        <span className="caption">
          {proof
            ? tell("centre.provenFrom", { name, members: proof.members })
            : tell("centre.provenOnly", { name })}
        </span>
      </span>
      <Stamp>{tell("centre.stamp")}</Stamp>
    </div>
  );
}

import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SafetyStandby } from "../../../shared/safety/safety-facts.ts";
import { Row, Rows } from "../../ui/row.tsx";
import { momentOf } from "../../ui/when.ts";
import { durationText } from "./duration-text.ts";

/** Whether the machine that stands by could be the server now, and what to look at when not. */
export function StandbyRow({
  standby,
  onTakeOver,
}: {
  standby: SafetyStandby;
  onTakeOver: () => void;
}): ReactNode {
  const { t: tell, i18n } = useTranslation("safety");
  return (
    <div data-standby={standby.standing}>
      <Rows>
        <Row
          icon={standby.standing === "following" ? "server" : "warning"}
          title={standingText(tell, standby, i18n.language)}
          note={standby.origin}
        />
        <Row icon="info" title={tell("centre.standby.how")} onPress={onTakeOver} />
      </Rows>
    </div>
  );
}

function standingText(
  tell: TFunction<"safety">,
  { name, standing, behind, behindMs = 0, seenMs }: SafetyStandby,
  language: string,
): string {
  if (standing === "behind") {
    const time = durationText(tell, behindMs);
    return tell("centre.standby.behind", { name, n: behind, time });
  }
  if (standing === "silent")
    return seenMs === undefined
      ? tell("centre.standby.neverSeen", { name })
      : tell("centre.standby.silent", { name, when: momentOf(seenMs, language) });
  return behind === 0
    ? tell("centre.standby.following", { name })
    : tell("centre.standby.catching", { name, n: behind });
}

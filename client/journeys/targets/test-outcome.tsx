import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ToldTest } from "../../../shared/safety/target-answers.ts";
import { targets as sayings } from "../../i18n/sayings/targets.ts";
import { Notice } from "../../ui/notice.tsx";

type Advice = keyof typeof sayings.advice;
type Step = keyof typeof sayings.steps;

/** What the test of a place came to, and what to do about it. */
export function TestOutcome({
  test,
  onTrust,
}: {
  test: ToldTest;
  onTrust: (hostKey: string) => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  if (test.ok)
    return (
      <Notice tone="good" live>
        {tell("targets.works")}
      </Notice>
    );
  const { hostKey } = test;
  const step = (Object.hasOwn(sayings.steps, test.step) ? test.step : "reach") as Step;
  const advice = (Object.hasOwn(sayings.advice, test.advice) ? test.advice : "try-again") as Advice;
  return (
    <Notice tone="bad" live>
      {tell("targets.failedAt", {
        step: tell(`targets.steps.${step}`),
        advice: tell(`targets.advice.${advice}`),
      })}
      {hostKey !== undefined && (
        <>
          <p>{tell("targets.hostKey", { key: hostKey })}</p>
          <Button variant="default" onClick={() => onTrust(hostKey)}>
            {tell("targets.acceptKey")}
          </Button>
        </>
      )}
    </Notice>
  );
}

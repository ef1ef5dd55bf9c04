import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Icon } from "../../ui/icon.tsx";
import { Page } from "../../ui/page.tsx";
import classes from "./checklist.module.css";
import { type ChecklistStep, useChecklist } from "./use-checklist.ts";

const places: Record<ChecklistStep, string> = {
  founded: "/",
  card: "/start/card",
  members: "/import",
  first: "/members/new",
  sale: "/",
  second: "/settings/devices",
};

/** The way from an empty server to a running shop; it can be left and taken up at any step. */
export function ChecklistPage(): ReactNode {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const checklist = useChecklist();
  const { steps, done, next } = checklist;
  return (
    <Page title={t("checklist.title")} onBack={() => go("/")}>
      <p className="soft">{t("checklist.progress", { done, all: steps.length })}</p>
      <ol className={`sheet ${classes.steps}`}>
        {steps.map(({ step, done: isDone }, index) => (
          <li key={step} className={classes.step} data-done={isDone} data-next={step === next}>
            <span className={`num ${classes.number}`} aria-hidden="true">
              {isDone ? <Icon name="check" size={18} /> : index + 1}
            </span>
            <span className={classes.stepText}>
              {t(`checklist.steps.${step}`)}
              {isDone && <span className={classes.unseen}> ✓</span>}
            </span>
            {!isDone && (
              <span className={classes.actions}>
                {step === "members" && (
                  <Button variant="subtle" size="md" onClick={checklist.startEmpty}>
                    {t("checklist.startEmpty")}
                  </Button>
                )}
                <Button
                  size="md"
                  variant={step === next ? "filled" : "default"}
                  onClick={() => go(places[step])}
                >
                  {t("checklist.go")}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ol>
      <Button
        variant="subtle"
        mt="lg"
        onClick={() => {
          checklist.hide();
          go("/");
        }}
      >
        {t("checklist.hide")}
      </Button>
    </Page>
  );
}

import { Button, CopyButton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/icon.tsx";
import { Poster } from "../../ui/poster.tsx";
import type { Impossible } from "./environment.ts";
import classes from "./not-possible.module.css";

/** The app cannot run here: why, and what to do instead. */
export function NotPossible({ impossible }: { impossible: Impossible }): ReactNode {
  const { t } = useTranslation();
  const { why } = impossible;
  const facts = {
    app: why === "inApp" ? impossible.app : "",
    missing: why === "old" ? impossible.missing : "",
    detail: why === "broken" ? impossible.detail : "",
  };
  const steps = t(`notPossible.${why}.steps`).split("\n");
  const secure = `https://${location.host}${location.pathname}`;
  return (
    <Poster title={t(`notPossible.${why}.title`)} lead={t(`notPossible.${why}.why`, facts)}>
      <ol className={`sheet ${classes.steps}`}>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {why === "inApp" && (
        <CopyButton value={location.href}>
          {({ copied, copy }) => (
            <>
              <code className={classes.address}>{location.href}</code>
              <Button
                fullWidth
                onClick={copy}
                leftSection={<Icon name={copied ? "check" : "copies"} />}
              >
                {copied ? t("common.copied") : t("notPossible.copyAddress")}
              </Button>
            </>
          )}
        </CopyButton>
      )}
      {why === "insecure" && (
        <Button fullWidth component="a" href={secure}>
          {t("notPossible.insecure.open")}
        </Button>
      )}
      {why !== "inApp" && (
        <Button
          fullWidth
          variant={why === "insecure" ? "default" : "filled"}
          onClick={() => location.reload()}
        >
          {t("notPossible.reload")}
        </Button>
      )}
    </Poster>
  );
}

import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { mayAct } from "../../../shared/access/proposals.ts";
import { useShop, useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Row, Rows } from "../../ui/row.tsx";
import { AddTarget } from "./add-target.tsx";
import classes from "./targets.module.css";
import { useTargets } from "./use-targets.ts";

/** Where backups go: what is there, one more, one less. */
export function TargetsPage({ onBack }: { onBack: () => void }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const { staff, device } = useShop().identity;
  const targets = useTargets();
  const [adding, setAdding] = useState(false);
  const { known, fault, said, busy } = targets;
  if (!mayAct(authority, { staff, device }))
    return (
      <Page title={tell("targets.title")} onBack={onBack}>
        <Notice>{tell("targets.notYours")}</Notice>
      </Page>
    );
  return (
    <Page title={tell("targets.title")} onBack={onBack}>
      <Section note={tell("targets.note")}>
        <div className={classes.list}>
          {said && (
            <Notice tone="good" live>
              {tell(`targets.${said}`)}
            </Notice>
          )}
          {fault && (
            <Notice tone="bad" live>
              {tell(`targets.faults.${fault}`)}
            </Notice>
          )}
          {known?.targets.length === 0 && <Notice>{tell("targets.none")}</Notice>}
          {known && known.targets.length > 0 && (
            <Rows>
              {known.targets.map(({ id, name, where, offSite, offline }) => (
                <Row
                  key={id}
                  icon="copies"
                  title={name}
                  note={[
                    where,
                    ...(offSite ? [tell("targets.offSite")] : []),
                    ...(offline ? [tell("targets.offline")] : []),
                  ].join(" · ")}
                  end={
                    <Button
                      variant="subtle"
                      aria-label={`${tell("targets.remove")} ${name}`}
                      disabled={busy !== undefined}
                      onClick={() => void targets.remove(id)}
                    >
                      {tell("targets.remove")}
                    </Button>
                  }
                />
              ))}
            </Rows>
          )}
          {known && !adding && (
            <Button
              size="xl"
              onClick={() => {
                targets.forget();
                setAdding(true);
              }}
            >
              {tell("targets.add")}
            </Button>
          )}
        </div>
      </Section>
      {known && adding && (
        <AddTarget presets={known.presets} targets={targets} onDone={() => setAdding(false)} />
      )}
    </Page>
  );
}

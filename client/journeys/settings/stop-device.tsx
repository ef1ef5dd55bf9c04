import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Cut, Device } from "../../../shared/access/authority-state.ts";
import { useShop } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import classes from "./doubtful-devices.module.css";
import { ProposalNotice } from "./proposal-notice.tsx";
import { useProposal } from "./use-proposal.ts";

/** The owner revokes a device that is in use, or one that was replaced and may still be in somebody's hands. */
export function StopDevice({ device, onDone }: { device: Device; onDone: () => void }): ReactNode {
  const { t: tell } = useTranslation("safety");
  const shop = useShop();
  const proposing = useProposal();
  const replacedAt = device.closed?.cut;
  const stop = async (cut: Cut) => {
    const body = { device: device.id, cut };
    if (await proposing.propose({ kind: "DeviceFrozen", body })) onDone();
  };
  const said = replacedAt ? tell("stopping.whatReplaced") : tell("stopping.what");
  return (
    <Page title={tell("stopping.title", { name: device.name })} onBack={onDone}>
      <Section>
        <div className={classes.list}>
          <div className={`sheet ${classes.doubtful}`}>
            <p className={classes.why}>{said}</p>
            {!replacedAt && <p className={classes.why}>{tell("stopping.purse")}</p>}
          </div>
          <Notice tone="warning">{tell("stopping.cannotUndo")}</Notice>
          <ProposalNotice proposing={proposing} />
        </div>
      </Section>
      {proposing.allowed && (
        <>
          <Button
            size="xl"
            fullWidth
            color="red"
            loading={proposing.busy}
            onClick={() => void shop.cutOf(device.id).then(stop)}
          >
            {tell("stopping.stop")}
          </Button>
          {replacedAt && (
            <Button
              size="lg"
              fullWidth
              variant="default"
              disabled={proposing.busy}
              onClick={() => void stop(replacedAt)}
            >
              {tell("stopping.stopBack")}
            </Button>
          )}
        </>
      )}
    </Page>
  );
}

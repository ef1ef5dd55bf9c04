import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { isNearlyFull, useStorageState } from "../shop/storage-state.ts";
import { useSomethingUnfinished } from "../shop/unfinished.ts";
import { useUpdate } from "../shop/update-state.ts";
import { useShopState } from "../shop/use-shop.tsx";
import { Notice } from "../ui/notice.tsx";
import classes from "./shell.module.css";

/** What concerns everybody at this device; never in the middle of a sale. */
export function Notices(): ReactNode {
  const { t } = useTranslation();
  const { link, seat } = useShopState();
  const storage = useStorageState();
  const update = useUpdate();
  const unfinished = useSomethingUnfinished();
  const [seatSeen, setSeatSeen] = useState(false);
  const notices = [
    link.state === "refused" && (
      <Notice key="refused" tone="bad" live>
        {t("header.refusedNote", { reason: t(reasonKey(link.reason)) })}
      </Notice>
    ),
    isNearlyFull(storage) && (
      <Notice key="full" tone="warning" live>
        {t("header.storageFull")}
      </Notice>
    ),
    update && !unfinished && (
      <Notice
        key="update"
        live
        action={
          <Button size="sm" onClick={update}>
            {t("header.updateNow")}
          </Button>
        }
      >
        {t("header.updateReady")}
      </Notice>
    ),
    seat === "follower" && !seatSeen && (
      <Notice
        key="seat"
        action={
          <Button size="sm" variant="default" onClick={() => setSeatSeen(true)}>
            {t("common.confirm")}
          </Button>
        }
      >
        {t("header.follower")}
      </Notice>
    ),
  ].filter(Boolean);
  return notices.length > 0 ? <div className={classes.stack}>{notices}</div> : null;
}

const knownReasons = [
  "forged",
  "fork",
  "other-organisation",
  "server-empty",
  "not-admitted",
] as const;

function reasonKey(reason: string | undefined) {
  const known = knownReasons.find((each) => each === reason);
  return `status.reasons.${known ?? "other"}` as const;
}

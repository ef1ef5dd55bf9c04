import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { actsToLookAt } from "../shop/acts-to-look-at.ts";
import { findingKey } from "../shop/findings.ts";
import { useMoved } from "../shop/moving.ts";
import { standpointOf, usePermanentAddress } from "../shop/permanent-address.ts";
import { isNearlyFull, useStorageState } from "../shop/storage-state.ts";
import { useSomethingUnfinished } from "../shop/unfinished.ts";
import { useUpdate } from "../shop/update-state.ts";
import { useShop, useShopState } from "../shop/use-shop.tsx";
import { Notice } from "../ui/notice.tsx";
import { refillPath } from "../ui/paths.ts";
import { setPreferences, usePreferences } from "../ui/preferences.ts";
import { FindingNotice } from "./finding-notice.tsx";
import classes from "./shell.module.css";
import { useFindings } from "./use-findings.ts";

const approvalsPath = "/settings/approvals";

/** What concerns everybody at this device; never in the middle of a sale. */
export function Notices(): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority, link, seat, renewed } = useShopState();
  const toApprove = actsToLookAt(authority, useShop().identity, Date.now()).length;
  const { mendedSeen } = usePreferences();
  const findings = useFindings();
  const [seen, setSeen] = useState<readonly string[]>([]);
  const isUnseen = (key: string) => key !== mendedSeen && !seen.includes(key);
  const finding = findings.find((each) => isUnseen(findingKey(each)));
  const onSeen = (key: string) => {
    setSeen([...seen, key]);
    // The server's is remembered here for ever, damage only until the next start.
    if (finding?.kind === "server-mended") setPreferences({ mendedSeen: key });
  };
  const storage = useStorageState();
  const update = useUpdate();
  const unfinished = useSomethingUnfinished();
  const [seatSeen, setSeatSeen] = useState(false);
  const mayReload = renewed && seat === "writer" && !unfinished;
  useEffect(() => {
    if (mayReload) location.reload();
  }, [mayReload]);
  const isExplained = findings.some(({ kind }) => explainsRefusal.has(kind));
  const address = usePermanentAddress();
  const moved = useMoved();
  const [path] = useLocation();
  const isToMove =
    standpointOf(address, location) === "elsewhere" &&
    !moved &&
    !path.startsWith("/settings/address");
  const notices = [
    moved && (
      <Notice
        key="moved"
        tone="warning"
        action={
          <Button size="sm" component="a" href={`${moved.origin}/`}>
            {t("address.done.go", { host: new URL(moved.origin).host })}
          </Button>
        }
      >
        {t("address.done.title")}
      </Notice>
    ),
    isToMove && address && (
      <Notice
        key="address"
        tone="warning"
        live
        action={
          <Button size="sm" component={Link} href="/settings/address/move">
            {t("address.moveShort")}
          </Button>
        }
      >
        {t("address.elsewhere", { here: location.host, origin: address.origin })}
      </Notice>
    ),
    finding && !(moved && finding.kind === "succeeded") && (
      <FindingNotice key="finding" finding={finding} onSeen={() => onSeen(findingKey(finding))} />
    ),
    link.state === "refused" && !isExplained && !moved && (
      <Notice
        key="refused"
        tone="bad"
        live
        action={
          link.reason === "server-empty" && !path.startsWith(refillPath) ? (
            <Button size="sm" component={Link} href={refillPath}>
              {tell("refill.title")}
            </Button>
          ) : undefined
        }
      >
        {t("header.refusedNote", { reason: t(reasonKey(link.reason)) })}
      </Notice>
    ),
    toApprove > 0 && path !== approvalsPath && (
      <Notice
        key="approvals"
        tone="warning"
        live
        action={
          <Button size="sm" variant="default" component={Link} href={approvalsPath}>
            {tell("approvals.look")}
          </Button>
        }
      >
        {tell("approvals.wait", { n: toApprove })}
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

/** These say already why the server does not let this device in. */
const explainsRefusal = new Set([
  "renewed",
  "in-doubt",
  "succeeded",
  "not-admitted",
  "awaiting-owner",
]);

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

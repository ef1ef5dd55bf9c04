import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Finding } from "../shop/findings.ts";
import { useShopState } from "../shop/use-shop.tsx";
import { missingText, type Telling } from "../ui/missing-text.ts";
import { Notice, type NoticeTone } from "../ui/notice.tsx";
import { momentOf } from "../ui/when.ts";

const devicesPath = "/settings/devices";

/** One finding in one sentence, with what to do about it; `onSeen` where it is only to be read. */
export function FindingNotice({
  finding,
  onSeen,
}: {
  finding: Finding;
  onSeen?: () => void;
}): ReactNode {
  const { t, i18n } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const { authority } = useShopState();
  const [path, go] = useLocation();
  const button = (label: string, onClick: () => void) => (
    <Button size="sm" variant="default" onClick={onClick}>
      {label}
    </Button>
  );
  const actions: Partial<Record<Finding["kind"], ReactNode>> = {
    renewed: button(tell("identity.reopen"), () => location.reload()),
    succeeded: button(tell("identity.pairAgain"), () => go("/settings/device")),
    "not-admitted": button(tell("identity.pairAgain"), () => go("/settings/device")),
    // There the tap itself stands below.
    frozen: path !== devicesPath && button(tell("identity.confirm"), () => go(devicesPath)),
    "lost-changes": path !== devicesPath && button(tell("lost.look"), () => go(devicesPath)),
    missing: button(tell("identity.look"), () => go("/settings/rescue")),
    whole: onSeen && button(tell("identity.seen"), onSeen),
    "server-mended": onSeen && button(tell("identity.seen"), onSeen),
  };
  return (
    <Notice tone={toneOf(finding)} live action={actions[finding.kind]}>
      {sentenceOf(finding, { t, tell, authority, language: i18n.language })}
    </Notice>
  );
}

function toneOf(finding: Finding): NoticeTone {
  switch (finding.kind) {
    case "in-doubt":
    case "succeeded":
    case "not-admitted":
      return "bad";
    case "server":
      return finding.finding.kind === "went-back" ? "warning" : "bad";
    case "whole":
    case "server-mended":
      return "good";
    default:
      return "warning";
  }
}

function sentenceOf(
  finding: Finding,
  { language, ...telling }: Telling & { language: string },
): string {
  const { tell } = telling;
  switch (finding.kind) {
    case "renewed":
      return tell("identity.renewed");
    case "in-doubt":
      return tell(`identity.inDoubt.${finding.why}`);
    case "succeeded": {
      const n = finding.unsent;
      return finding.isCopy
        ? tell("identity.succeededByCopy", { n })
        : tell("identity.succeeded", { n });
    }
    case "not-admitted":
      return tell("identity.notAdmitted", { n: finding.unsent });
    case "awaiting-owner":
      return tell("lost.awaitingOwner", { n: finding.unsent });
    case "lost-changes":
      return tell("lost.waiting", { n: finding.count });
    case "server": {
      const { kind, regress, sinceMs } = finding.finding;
      const lost = regress?.lost ?? [];
      const n = lost.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      return tell(`identity.server.${kind}`, { n, when: momentOf(sinceMs, language) });
    }
    case "server-mended": {
      const { kind, sinceMs } = finding.finding;
      return tell(`identity.mended.${kind}`, { when: momentOf(sinceMs, language) });
    }
    case "frozen": {
      const { why = "unknown", atMs } = finding.renewal ?? {};
      const when = atMs === undefined ? "" : momentOf(atMs, language);
      return tell("identity.frozen", { why: tell(`identity.whyNot.${why}`), when });
    }
    case "missing":
      return tell("identity.missing", { list: missingText(finding.missing, telling) });
    case "damaged":
      return tell("identity.damaged");
    case "whole":
      return tell("identity.whole");
  }
}

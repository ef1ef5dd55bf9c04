import { Button, CopyButton } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";
import { isThisComputer, usePermanentAddress } from "../../shop/permanent-address.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import classes from "./pairing-code.module.css";

/** A code to scan or to type; says by itself when the new device has joined. */
export function PairingCode({
  code,
  invitation,
  expiresMs,
  onAgain,
}: {
  code: string;
  invitation: string;
  expiresMs: number;
  onAgain: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { authority } = useShopState();
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  const permanent = usePermanentAddress();
  const address = `${permanent?.origin ?? location.origin}/pair`;
  const link = `${address}#${code}`;
  const picture = useMemo(() => renderSVG(link, { border: 2 }), [link]);
  const [known] = useState(() => new Set(authority.devices.keys()));
  const used = authority.invitations.get(invitation)?.used ?? false;
  const joined = used
    ? [...authority.devices.values()].find(({ id }) => !known.has(id))
    : undefined;
  const minutes = Math.max(0, Math.ceil((expiresMs - nowMs) / 60_000));
  const local = !permanent && isThisComputer(location.hostname);
  if (used)
    return (
      <div className={classes.joined}>
        <Notice
          tone="good"
          live
          title={t("settings.devices.paired", { name: joined?.name ?? "" })}
        />
        <Button variant="default" onClick={onAgain}>
          {t("settings.devices.again")}
        </Button>
      </div>
    );
  if (minutes === 0)
    return (
      <div className={classes.joined}>
        <Notice tone="warning" live title={t("settings.devices.expired")} />
        <Button onClick={onAgain}>{t("settings.devices.create")}</Button>
      </div>
    );
  return (
    <div className={classes.pairing}>
      <div
        className={classes.picture}
        role="img"
        aria-label={link}
        // biome-ignore lint/security/noDangerouslySetInnerHtml: drawn here from our own link
        dangerouslySetInnerHTML={{ __html: picture }}
      />
      <p className={classes.text}>{t("settings.devices.scan", { address })}</p>
      <p className={`num ${classes.code}`}>{code}</p>
      <CopyButton value={link}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            onClick={copy}
            leftSection={<Icon name={copied ? "check" : "copies"} size={20} />}
          >
            {copied ? t("common.copied") : t("notPossible.copyAddress")}
          </Button>
        )}
      </CopyButton>
      <p className="caption">{t("settings.devices.expires", { minutes })}</p>
      {permanent?.join && <Notice>{t("address.firstTrust", { join: permanent.join })}</Notice>}
      {local && (
        <Notice tone="warning">{t("settings.devices.localhost", { host: location.host })}</Notice>
      )}
    </div>
  );
}

import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";
import { fingerprintLines } from "./fingerprint.ts";
import classes from "./join-card.module.css";

/** Where the next device begins: a picture to scan, the same in letters, and what to compare. */
export function JoinCard({
  origin,
  join,
  fingerprint,
}: {
  origin: string;
  /** page on which a device learns to trust the server; undefined where it does already */
  join: string | undefined;
  fingerprint: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const link = join ?? origin;
  const picture = useMemo(() => renderSVG(link, { border: 2 }), [link]);
  return (
    <div className={`sheet ${classes.card}`}>
      {join && <p className={classes.origin}>{origin}</p>}
      <div
        className={classes.picture}
        role="img"
        aria-label={link}
        // biome-ignore lint/security/noDangerouslySetInnerHtml: drawn here from the server's own link
        dangerouslySetInnerHTML={{ __html: picture }}
      />
      <p className={classes.text}>{join ? t("address.join") : t("address.openThere")}</p>
      <p className={classes.link}>{link}</p>
      {join && fingerprint && (
        <>
          <p className={classes.label}>{t("address.print")}</p>
          <p className={classes.print}>{fingerprintLines(fingerprint).join("\n")}</p>
          <p className="caption">{t("address.printNote")}</p>
        </>
      )}
    </div>
  );
}

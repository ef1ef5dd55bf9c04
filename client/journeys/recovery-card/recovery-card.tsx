import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { recoveryWords } from "../../../shared/access/recovery-key.ts";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Poster } from "../../ui/poster.tsx";
import { CardFace } from "./card-face.tsx";
import { ProveCard } from "./prove-card.tsx";

/** The twelve words, until two of them were typed back: from then on only the card has them. */
export function RecoveryCard({
  entropy,
  shop,
  onProved,
  onLater,
  as = "first",
}: {
  entropy: Uint8Array;
  shop: string;
  onProved: () => void;
  onLater: () => void;
  /** the one that the shop was founded with, or one that takes its place */
  as?: "first" | "new";
}): ReactNode {
  const { t } = useTranslation();
  const { t: tell } = useTranslation("safety");
  const [proving, setProving] = useState(false);
  const [printing, setPrinting] = useState(false);
  const zh = useMemo(() => recoveryWords({ entropy }, "zh"), [entropy]);
  const en = useMemo(() => recoveryWords({ entropy }, "en"), [entropy]);
  useEffect(() => {
    if (!printing) return;
    window.print();
    setPrinting(false);
  }, [printing]);
  if (proving)
    return (
      <Poster title={t("card.proveTitle")} lead={t("card.proveText")}>
        <ProveCard zh={zh} en={en} onProved={onProved} onBack={() => setProving(false)} />
      </Poster>
    );
  return (
    <Poster
      title={as === "new" ? tell("replacing.cardTitle") : t("card.title")}
      lead={as === "new" ? tell("replacing.cardLead") : t("card.lead")}
      wide
    >
      <CardFace shop={shop} zh={zh} en={en} />
      <Notice tone="warning">{t("card.warning")}</Notice>
      <div style={{ display: "grid", gap: 10 }}>
        <Button
          size="xl"
          variant="default"
          leftSection={<Icon name="print" />}
          onClick={() => setPrinting(true)}
        >
          {t("card.print")}
        </Button>
        <Button size="xl" onClick={() => setProving(true)}>
          {t("card.kept")}
        </Button>
        <Button variant="subtle" onClick={onLater}>
          {as === "new" ? tell("replacing.cancel") : t("card.later")}
        </Button>
      </div>
      {printing &&
        createPortal(
          <div className="paper-roll">
            <style>{"@page { size: A5 landscape; margin: 10mm; }"}</style>
            <CardFace shop={shop} zh={zh} en={en} />
          </div>,
          document.body,
        )}
    </Poster>
  );
}

import { Button } from "@mantine/core";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ServerMode } from "../../../shared/replica/server-contact.ts";
import type { Entrance } from "../../shop/entrance.ts";
import { lookAtAddress, usePermanentAddress } from "../../shop/permanent-address.ts";
import { Abacus } from "../../ui/abacus.tsx";
import { Poster } from "../../ui/poster.tsx";
import { WrongAddress } from "./wrong-address.tsx";

/** A device that is nobody's yet: what it can become depends on the server. */
export function Arrival({
  entrance,
  setUp,
  enrol,
}: {
  entrance: Entrance;
  setUp: ReactNode;
  enrol: (shop: string) => ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const [mode, setMode] = useState<ServerMode | "unreachable">();
  const [staying, setStaying] = useState(false);
  const address = usePermanentAddress();
  const look = useCallback(() => {
    setMode(undefined);
    const arrive = async () => {
      const [found] = await Promise.all([entrance.mode(), lookAtAddress()]);
      // Enrolled after all: the page is about to be loaded again.
      const resumed =
        found !== "unreachable" && found.mode === "ready" && (await entrance.resume());
      if (!resumed) setMode(found);
    };
    arrive().catch(() => setMode("unreachable"));
  }, [entrance]);
  useEffect(look, [look]);
  if (mode === undefined)
    return (
      <div style={{ display: "grid", placeItems: "center", height: "100dvh" }} role="status">
        <Abacus />
      </div>
    );
  if (mode !== "unreachable" && mode.mode === "new") return setUp;
  if (mode !== "unreachable" && mode.mode === "ready") {
    if (address && address.origin !== location.origin && !staying)
      return <WrongAddress address={address} onStay={() => setStaying(true)} />;
    return enrol(mode.name);
  }
  const recovering = mode !== "unreachable";
  return (
    <Poster
      title={recovering ? t("setUp.recovering") : t("setUp.unreachable")}
      lead={recovering ? t("setUp.recoveringText") : t("setUp.unreachableText")}
    >
      <Button size="xl" onClick={look}>
        {t("common.retry")}
      </Button>
    </Poster>
  );
}

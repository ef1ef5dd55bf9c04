import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { renderSVG } from "uqr";
import type { PairingCode } from "../../../shared/access/pairing-code.ts";
import type { Entrance, Refilled } from "../../shop/entrance.ts";
import { usePermanentAddress } from "../../shop/permanent-address.ts";
import { Notice } from "../../ui/notice.tsx";
import { refillPath } from "../../ui/paths.ts";
import { Poster } from "../../ui/poster.tsx";
import { TwoSides } from "../../ui/two-sides.tsx";
import { AddressAtSetUp } from "./address-at-set-up.tsx";
import classes from "./recover-shop.module.css";

const lookEveryMs = 1000;

/** A new server that waits for a device of a shop: where it is, its code, and what has arrived. */
export function RecoverShop({
  entrance,
  code,
  onNewShop,
}: {
  entrance: Entrance;
  code: PairingCode;
  onNewShop: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const refilled = useRefilled(entrance, code);
  if (refilled)
    return (
      <Poster
        title={
          refilled.state
            ? tell("refill.arrived", { shop: refilled.shop })
            : tell("refill.arriving", { shop: refilled.shop, n: refilled.operations })
        }
        lead={refilled.state && tell("refill.arrivedNote")}
      >
        {refilled.state && <TwoSides server={refilled.state} />}
      </Poster>
    );
  return (
    <Poster title={tell("refill.recoverTitle")}>
      <p className={classes.steps}>{tell("refill.recoverSteps")}</p>
      <Place code={code} />
      <Notice>{tell("refill.awaiting")}</Notice>
      <AddressAtSetUp entrance={entrance} setupCode={code} />
      <Button variant="subtle" onClick={onNewShop}>
        {tell("refill.newShop")}
      </Button>
    </Poster>
  );
}

function Place({ code }: { code: PairingCode }): ReactNode {
  const address = usePermanentAddress()?.origin ?? location.origin;
  const link = `${address}${refillPath}#${code}`;
  const picture = useMemo(() => renderSVG(link, { border: 2 }), [link]);
  return (
    <div className={`sheet ${classes.place}`}>
      <div
        className={classes.picture}
        role="img"
        aria-label={link}
        // biome-ignore lint/security/noDangerouslySetInnerHtml: drawn here from our own link
        dangerouslySetInnerHTML={{ __html: picture }}
      />
      <p className={classes.address}>{address}</p>
      <p className={`num ${classes.code}`}>{code}</p>
    </div>
  );
}

/** Asks every second, until the figures stand still. */
function useRefilled(entrance: Entrance, code: PairingCode): Refilled | undefined {
  const [refilled, setRefilled] = useState<Refilled>();
  useEffect(() => {
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let before = -1;
    const look = async () => {
      const told = await entrance.refilled(code, before);
      if (!isHere) return;
      before = told?.operations ?? before;
      if (told) setRefilled(told);
      timer = setTimeout(() => void look(), lookEveryMs);
    };
    void look();
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, [entrance, code]);
  return refilled;
}

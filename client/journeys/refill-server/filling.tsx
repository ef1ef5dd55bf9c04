import { Button, Progress } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RefillStanding } from "../../../shared/replica/refill-server.ts";
import { keepRefill, type NewServerPlace, type RefillDesk } from "../../shop/refill.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { TwoSides } from "../../ui/two-sides.tsx";

const lookEveryMs = 1000;

/** How far it is, and then both sides' figures, until they are the same. */
export function Filling({
  desk,
  place,
  onDone,
  onMove,
}: {
  desk: RefillDesk;
  place: NewServerPlace;
  onDone: () => void;
  onMove: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const standing = useStanding(desk, place);
  const own = desk.operations();
  const there = standing?.operations ?? 0;
  const figures = standing?.state && desk.figures();
  const agree = standing?.state !== undefined && standing.state.hash === figures?.hash;
  useEffect(() => {
    if (agree) keepRefill(undefined);
  }, [agree]);
  return (
    <Section>
      {!agree && (
        <div role="status">
          <p className="num">
            {tell("refill.filling", { done: Math.min(there, own), total: own })}
          </p>
          <Progress value={own > 0 ? (100 * Math.min(there, own)) / own : 0} />
        </div>
      )}
      {standing === undefined && <Notice>{tell("refill.waiting")}</Notice>}
      {standing?.state && figures && <TwoSides device={figures} server={standing.state} />}
      {agree && (
        <>
          <Notice tone="good" live title={tell("refill.agreed")}>
            {tell("refill.agreedNote")}
          </Notice>
          <Button size="xl" onClick={onDone}>
            {tell("refill.sell")}
          </Button>
          {place.address !== location.origin && (
            <Button variant="default" onClick={onMove}>
              {tell("refill.move")}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

/** Asks every second; for figures once the server has as much as this device. */
function useStanding(desk: RefillDesk, place: NewServerPlace): RefillStanding | undefined {
  const { link, unsent } = useShopState();
  const [standing, setStanding] = useState<RefillStanding>();
  const isSent = link.state === "online" && unsent === 0 && !link.fetching;
  useEffect(() => {
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const told = await desk.standing(place, isSent);
      if (!isHere) return;
      setStanding((before) => told ?? before);
      timer = setTimeout(() => void look(), lookEveryMs);
    };
    void look();
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, [desk, place, isSent]);
  return standing;
}

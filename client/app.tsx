import { Button } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Switch, useLocation } from "wouter";
import { ChecklistPage } from "./journeys/checklist/checklist-page.tsx";
import type { Impossible } from "./journeys/not-possible/environment.ts";
import { NotPossible } from "./journeys/not-possible/not-possible.tsx";
import { Shell } from "./shell/shell.tsx";
import type { Entrance } from "./shop/entrance.ts";
import { useMoved } from "./shop/moving.ts";
import type { Shop } from "./shop/shop.ts";
import { type UnprovedCard, UnprovedCardContext, useUnprovedCard } from "./shop/unproved-card.ts";
import { ShopProvider, useShopState } from "./shop/use-shop.tsx";
import { TillPage } from "./till-page.tsx";
import { TodayPage } from "./today-page.tsx";
import { Abacus } from "./ui/abacus.tsx";
import { newCardPath, recoveryCardPath } from "./ui/paths.ts";
import { Poster } from "./ui/poster.tsx";

// What is seldom needed comes in pieces of its own; they are stored with the rest for offline use.
const EntrancePage = lazy(() =>
  import("./entrance-page.tsx").then(({ EntrancePage: page }) => ({ default: page })),
);
const RecoveryCard = lazy(() =>
  import("./journeys/recovery-card/recovery-card.tsx").then(({ RecoveryCard: page }) => ({
    default: page,
  })),
);
const NewCard = lazy(() =>
  import("./journeys/recovery-card/new-card.tsx").then(({ NewCard: page }) => ({ default: page })),
);
const MovedPage = lazy(() =>
  import("./journeys/address/moved-page.tsx").then(({ MovedPage: page }) => ({ default: page })),
);
const OfficePages = lazy(() =>
  import("./office-pages.tsx").then(({ OfficePages: pages }) => ({ default: pages })),
);

/** What this tab is at the moment. */
export type Phase =
  | { phase: "starting" }
  | { phase: "impossible"; impossible: Impossible }
  /** another tab of the profile is being set up */
  | { phase: "elsewhere" }
  | { phase: "nobody"; entrance: Entrance }
  | { phase: "open"; shop: Shop; card: UnprovedCard; pairAgain: () => void }
  /** a newer version in another tab took the store over */
  | { phase: "given-up" };

export function App({ phase }: { phase: Phase }): ReactNode {
  const { t } = useTranslation();
  switch (phase.phase) {
    case "starting":
      return <Loading />;
    case "impossible":
      return <NotPossible impossible={phase.impossible} />;
    case "elsewhere":
      return <Poster title={t("enrol.elsewhere")} />;
    case "given-up":
      return (
        <Poster title={t("header.givenUp")}>
          <Button size="xl" onClick={() => location.reload()}>
            {t("header.reload")}
          </Button>
        </Poster>
      );
    case "nobody":
      return (
        <Suspense fallback={<Loading />}>
          <EntrancePage entrance={phase.entrance} />
        </Suspense>
      );
    case "open":
      return (
        <ShopProvider shop={phase.shop}>
          <UnprovedCardContext value={phase.card}>
            <Suspense fallback={<Loading />}>
              <OpenShop pairAgain={phase.pairAgain} />
            </Suspense>
          </UnprovedCardContext>
        </ShopProvider>
      );
  }
}

function Loading(): ReactNode {
  const { t } = useTranslation();
  return (
    <div style={{ display: "grid", placeItems: "center", height: "100dvh" }}>
      <div role="status" aria-label={t("common.loading")}>
        <Abacus />
      </div>
    </div>
  );
}

function OpenShop({ pairAgain }: { pairAgain: () => void }): ReactNode {
  const [path, go] = useLocation();
  const { authority } = useShopState();
  const card = useUnprovedCard();
  const moved = useMoved();
  const [looking, setLooking] = useState(false);
  if (moved && !looking) return <MovedPage moved={moved} onLook={() => setLooking(true)} />;
  if (path === "/start/card" && card.entropy)
    return (
      <RecoveryCard
        entropy={card.entropy}
        shop={authority.name}
        onLater={() => go("/start")}
        onProved={() => {
          card.proved();
          go("/start");
        }}
      />
    );
  if (path === newCardPath)
    return (
      <NewCard shop={authority.name} onLeave={() => go(recoveryCardPath, { replace: true })} />
    );
  return (
    <Shell>
      <Suspense>
        <Switch>
          <Route path="/today">
            <TodayPage />
          </Route>
          <Route path="/start/*?">
            <ChecklistPage />
          </Route>
          <Route path={/^\/(?:settings|import|safety|today\/review)(?:\/|$)/}>
            <OfficePages pairAgain={pairAgain} />
          </Route>
          <Route>
            <TillPage />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

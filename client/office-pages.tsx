import type { ReactNode } from "react";
import { Route, Switch, useLocation } from "wouter";
import { AddressPage } from "./journeys/address/address-page.tsx";
import { MovePage } from "./journeys/address/move-page.tsx";
import { ImportWizard } from "./journeys/import/import-wizard.tsx";
import { ReplaceCardPage } from "./journeys/recovery-card/replace-card-page.tsx";
import { RefillPage } from "./journeys/refill-server/refill-page.tsx";
import { ReviewPage } from "./journeys/review/review-page.tsx";
import { RunbookPage } from "./journeys/runbooks/runbook-page.tsx";
import { SafetyPage } from "./journeys/safety-centre/safety-page.tsx";
import { ApprovalsPage } from "./journeys/settings/approvals-page.tsx";
import { DevicePage } from "./journeys/settings/device-page.tsx";
import { DevicesPage } from "./journeys/settings/devices-page.tsx";
import { ImportsPage } from "./journeys/settings/imports-page.tsx";
import { PairingCode } from "./journeys/settings/pairing-code.tsx";
import { PresetsPage } from "./journeys/settings/presets-page.tsx";
import { RecordsPage } from "./journeys/settings/records-page.tsx";
import { RescuePage } from "./journeys/settings/rescue-page.tsx";
import { SettingsPage } from "./journeys/settings/settings-page.tsx";
import { StaffPage } from "./journeys/settings/staff-page.tsx";
import { StoresPage } from "./journeys/settings/stores-page.tsx";
import { TargetsPage } from "./journeys/targets/targets-page.tsx";
import {
  memberPath,
  newCardPath,
  recoveryCardPath,
  refillPath,
  reviewPath,
  runbookPath,
  safetyPath,
} from "./ui/paths.ts";

/** What is done at a desk rather than at the counter. */
export function OfficePages({ pairAgain }: { pairAgain: () => void }): ReactNode {
  const [, go] = useLocation();
  const onBack = () => go("/settings");
  return (
    <Switch>
      <Route path="/import">
        <ImportWizard onLeave={() => go("/")} />
      </Route>
      <Route path={reviewPath}>
        <ReviewPage onBack={() => go("/today")} onOpen={(id) => go(memberPath(id, "details"))} />
      </Route>
      <Route path={safetyPath}>
        <SafetyPage
          onRunbook={(name) => go(runbookPath(name))}
          onTargets={() => go("/settings/targets")}
        />
      </Route>
      <Route path="/safety/:name">
        {({ name }) => <RunbookPage name={name} onBack={() => go(safetyPath)} />}
      </Route>
      <Route path="/settings/devices">
        <DevicesPage onBack={onBack} />
      </Route>
      <Route path="/settings/staff">
        <StaffPage onBack={onBack} />
      </Route>
      <Route path="/settings/stores">
        <StoresPage onBack={onBack} />
      </Route>
      <Route path="/settings/presets">
        <PresetsPage onBack={onBack} />
      </Route>
      <Route path="/settings/imports">
        <ImportsPage onBack={onBack} />
      </Route>
      <Route path="/settings/records">
        <RecordsPage onBack={onBack} />
      </Route>
      <Route path="/settings/address">
        <AddressPage
          onBack={onBack}
          onMove={() => go("/settings/address/move")}
          renderCode={(made, onAgain) => <PairingCode {...made} onAgain={onAgain} />}
        />
      </Route>
      <Route path="/settings/address/move">
        <MovePage onBack={() => go("/settings/address")} onCard={() => go("/start/card")} />
      </Route>
      <Route path="/settings/approvals">
        <ApprovalsPage onBack={onBack} />
      </Route>
      <Route path={recoveryCardPath}>
        <ReplaceCardPage
          onBack={onBack}
          onNew={() => go(newCardPath)}
          onApprovals={() => go("/settings/approvals")}
        />
      </Route>
      <Route path={refillPath}>
        <RefillPage
          onBack={onBack}
          onDone={() => go("/")}
          onMove={() => go("/settings/address/move")}
        />
      </Route>
      <Route path="/settings/targets">
        <TargetsPage onBack={onBack} />
      </Route>
      <Route path="/settings/rescue">
        <RescuePage onBack={onBack} />
      </Route>
      <Route path="/settings/device">
        <DevicePage onBack={onBack} onPairAgain={pairAgain} />
      </Route>
      <Route>
        <SettingsPage />
      </Route>
    </Switch>
  );
}

import type { ReactNode } from "react";
import { EnrolDevice } from "./journeys/enrol-device/enrol-device.tsx";
import { Arrival } from "./journeys/set-up/arrival.tsx";
import { SetUp } from "./journeys/set-up/set-up.tsx";
import type { Entrance } from "./shop/entrance.ts";

/** A device that is nobody's yet: it founds a shop on a new server, or joins one. */
export const EntrancePage = ({ entrance }: { entrance: Entrance }): ReactNode => (
  <Arrival
    entrance={entrance}
    setUp={<SetUp entrance={entrance} />}
    enrol={(shop) => <EnrolDevice entrance={entrance} shop={shop} />}
  />
);

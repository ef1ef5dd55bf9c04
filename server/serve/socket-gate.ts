import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../../shared/journal/ports.ts";
import type { TicketOffice } from "../api/ticket-office.ts";
import type { RaiseAlarm } from "../relay/alarms.ts";
import type { DeviceDesk } from "../relay/device-desk.ts";
import type { Relay } from "../relay/relay.ts";

export interface SocketGateDeps {
  relay: Relay;
  desk: DeviceDesk;
  tickets: TicketOffice;
  clock: Clock;
  alarm: RaiseAlarm;
  /** origins besides our own from which a browser may connect */
  origins: readonly string[];
  /** one more: the address under which devices open the app, once it was chosen */
  permanentOrigin?: () => string | undefined;
  /** further addresses of the shop, from which pages may come */
  isOurOrigin?: (origin: string) => boolean;
  /** A browser's device was admitted from this origin. */
  seen?: (device: string, origin: string) => void;
}

/** Where sockets come in. */
export interface SocketGate {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Asks everybody to come again to whoever runs next. */
  close(): void;
  /** Closes the sockets of who is let in no longer: of everybody where another server serves the shop. */
  dismiss(): void;
  terminate(): void;
}

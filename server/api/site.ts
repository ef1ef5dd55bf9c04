import type { Clock, RandomSource, Signatures } from "../../shared/journal/ports.ts";
import type { SafetyFacts } from "../../shared/safety/safety-facts.ts";
import type { TargetDesk } from "../backups/target-desk.ts";
import type { AddressDesk } from "../https/address-desk.ts";
import type { HttpsKeeper } from "../https/https-keeper.ts";
import type { RecoveryDesk } from "../recovery/recovery-desk.ts";
import type { Relay } from "../relay/relay.ts";
import { isSuperseded } from "../standby/fence.ts";
import type { TicketOffice } from "./ticket-office.ts";

/** What the HTTP interface speaks for. */
export interface Site {
  relay: Relay;
  tickets: TicketOffice;
  clock: Clock;
  random: RandomSource;
  signatures: Signatures;
  /** this server's identity, told to whoever founds the organisation */
  server: { device: string; key: string };
  /** shown on the terminal while there is no organisation; one use */
  setupCode: string;
  /** present while this server waits for a device to bring the authority log */
  recovery: RecoveryDesk | undefined;
  version: string;
  /** whether every connection is encrypted by ourselves, so that there is no way back to http */
  isHttps: boolean;
  https: Pick<HttpsKeeper, "standing">;
  address: AddressDesk;
  /** where else devices may look for this shop's server */
  addresses(): string[];
  /** pages of this shop come from there, and find this server here; resolves when that is durable */
  movedFrom(origin: string | undefined, here: string): Promise<void>;
  /** whether a page of this shop may come from there */
  isOurOrigin(origin: string): boolean;
  /** closes the sockets of who is let in no longer */
  dismiss(): void;
  /** places of backups, as the app works on them */
  targets: Pick<TargetDesk, "list" | "test" | "add" | "remove">;
  /** how safe the records are now; there is an organisation */
  safety(): Promise<SafetyFacts>;
}

/** `superseded`: another server serves this shop now, and this one takes nothing more */
export type Mode = "new" | "ready" | "recovering" | "superseded";

export function modeOf(site: Pick<Site, "relay" | "recovery">): Mode {
  if (site.relay.authority) return isSuperseded(site.relay) ? "superseded" : "ready";
  return site.recovery ? "recovering" : "new";
}

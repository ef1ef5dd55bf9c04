import { newPairingCode } from "../../shared/access/pairing-code.ts";
import { createApp } from "../api/app.ts";
import type { Site } from "../api/site.ts";
import { TicketOffice } from "../api/ticket-office.ts";
import type { OpenData } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import type { RecoveryDesk } from "../recovery/recovery-desk.ts";
import { DeviceDesk } from "../relay/device-desk.ts";

export interface ServeOptions {
  host: string;
  port: number;
  tls?: { cert: string; key: string } | undefined;
  /** origins besides our own from which a browser may connect */
  origins: readonly string[];
  recovery?: RecoveryDesk | undefined;
}

export interface RunningServer {
  url: string;
  port: number;
  /** one use, while there is no organisation */
  setupCode: string;
  desk: DeviceDesk;
  /** Takes nothing more, lets sockets reconnect elsewhere, finishes what was begun. */
  close(): Promise<void>;
  /** As if the process were killed: sockets drop, nothing is finished. */
  drop(): Promise<void>;
}

/** Puts a server on the network in front of open data. */
export async function startServer(
  data: OpenData,
  options: ServeOptions,
  platform: ServerPlatform,
): Promise<RunningServer> {
  const { clock, timers, random, signatures, log } = platform;
  const { relay, catalogue, identity, alarm } = data;
  const desk = new DeviceDesk({
    relay,
    clock,
    timers,
    alarm,
    keptReports: catalogue.data().reports,
    keepReports: (reports) =>
      catalogue
        .update((kept) => {
          kept.reports = { ...reports };
        })
        .catch((error: unknown) => log.warn({ error: String(error) }, "catalogue not written")),
  });
  const tickets = new TicketOffice(clock, random);
  const site: Site = {
    relay,
    tickets,
    clock,
    random,
    signatures,
    server: { device: identity.device, key: identity.signer.publicKey },
    setupCode: newPairingCode(random),
    recovery: options.recovery,
    version: platform.version,
    isHttps: options.tls !== undefined,
  };
  const app = createApp(site, platform.assets(), (error) =>
    log.error({ error: error instanceof Error ? error.stack : String(error) }, "request failed"),
  );
  const sockets = platform.sockets({
    relay,
    desk,
    tickets,
    clock,
    alarm,
    origins: options.origins,
  });
  const listening = await platform.listen({
    ...options,
    fetch: (request, env) => app.fetch(request, env),
    upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
  });
  return {
    url: listening.url,
    port: listening.port,
    setupCode: site.setupCode,
    desk,
    async close() {
      const closed = listening.close();
      sockets.close();
      await desk.close();
      await relay.idle();
      await closed;
    },
    async drop() {
      sockets.close();
      sockets.terminate();
      await listening.close();
    },
  };
}

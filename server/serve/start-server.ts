import { newPairingCode } from "../../shared/access/pairing-code.ts";
import { createApp } from "../api/app.ts";
import { createJoinApp } from "../api/join-app.ts";
import type { Site } from "../api/site.ts";
import { TicketOffice } from "../api/ticket-office.ts";
import { TargetDesk } from "../backups/target-desk.ts";
import type { Catalogue } from "../data/catalogue.ts";
import type { Log } from "../data/log.ts";
import type { OpenData } from "../data/open-data.ts";
import { type AddressDesk, createAddressDesk } from "../https/address-desk.ts";
import type { OwnPaths } from "../https/https-folder.ts";
import { HttpsKeeper } from "../https/https-keeper.ts";
import { hostOf, permanentOrigin } from "../https/origins.ts";
import { gatherSafety } from "../monitor/gather-safety.ts";
import type { ServerPlatform } from "../platform.ts";
import type { RecoveryDesk } from "../recovery/recovery-desk.ts";
import { DeviceDesk } from "../relay/device-desk.ts";
import { ImportGate } from "../relay/import-gate.ts";
import { createStandbyDesk } from "../standby/standby-desk.ts";
import { type HttpsPlace, Listeners } from "./listeners.ts";

export interface ServeOptions {
  host: string;
  port: number;
  /** https instead of http, and nothing beside it */
  tls?: { cert: string; key: string } | undefined;
  /** where `tls` was read, to be read again */
  tlsPaths?: OwnPaths | undefined;
  /** where https is served beside http once it is on; without one, on the same host and any port */
  https?: HttpsPlace | undefined;
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
  https: HttpsKeeper;
  address: AddressDesk;
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
  const { clock, timers, random, signatures, log, machine, diskOf } = platform;
  const { relay, catalogue, identity, alarm } = data;
  const imports = new ImportGate({
    clock,
    nextOf: (chain) => relay.heads().get(chain)?.next ?? 0,
    versionBefore: () => versionBeforeImport(data, log),
  });
  const desk = new DeviceDesk({
    holdBack: (run) => imports.pass(run),
    addresses: () => standby.addresses(),
    relay,
    clock,
    timers,
    signatures,
    alarm,
    keptReports: catalogue.data().reports,
    keepReports: (reports) =>
      catalogue
        .update((kept) => {
          kept.reports = { ...reports };
        })
        .catch((error: unknown) => log.warn({ error: String(error) }, "catalogue not written")),
  });
  const https = keeperOf(data, platform, options.tlsPaths);
  const { host, port, tls } = options;
  const { listen } = platform;
  const beside = options.https ?? { host, port: 0 };
  const place = { host, port, tls, https: beside };
  const listeners = new Listeners({ ...place, keeper: https, machine, log, listen });
  const address = createAddressDesk({
    keeper: https,
    catalogue,
    machine,
    known: options.origins,
    listeners,
  });
  const holders = () => desk.holders();
  const { httpApi } = platform;
  const standby = createStandbyDesk({ data, clock, timers, log, httpApi, holders });
  const tickets = new TicketOffice(clock, random);
  const ownKey = { by: `device:${identity.device}`, signer: identity.signer };
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
    https,
    address,
    addresses: () => standby.addresses(),
    dismiss: () => sockets.dismiss(),
    movedFrom: (origin, here) => moved(catalogue, origin, here),
    isOurOrigin: (origin) => origin === address.origin() || standby.isOurOrigin(origin),
    targets: new TargetDesk({ ...platform, ...data, dir: data.dir, key: ownKey }),
    safety: () => gatherSafety({ data, clock, diskOf, holders }),
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
    permanentOrigin: () => address.origin(),
    isOurOrigin: (origin) => standby.isOurOrigin(origin),
    seen: (device, origin) => noteOrigin(catalogue, log, device, origin),
  });
  const join = createJoinApp(site);
  await listeners.open(
    {
      fetch: (request, env) => app.fetch(request, env),
      upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    },
    { fetch: (request, env) => join.fetch(request, env) },
  );
  return {
    url: listeners.url,
    port: listeners.port,
    setupCode: site.setupCode,
    desk,
    https,
    address,
    async close() {
      standby.close();
      const closed = listeners.close();
      sockets.close();
      await desk.close();
      await relay.idle();
      await closed;
    },
    async drop() {
      standby.close();
      sockets.close();
      sockets.terminate();
      await listeners.close();
    },
  };
}

/** Looks after the certificate that belongs to a folder. */
export function keeperOf(
  { dir, catalogue }: Pick<OpenData, "dir" | "catalogue">,
  { files, certificates, machine, clock, timers, log }: ServerPlatform,
  fixed: OwnPaths | undefined,
): HttpsKeeper {
  const chosenHost = () => {
    const origin = permanentOrigin(catalogue);
    return origin === undefined ? undefined : hostOf(origin);
  };
  const deps = { dir, files, certificates, machine, clock, timers, log, chosenHost, fixed };
  return new HttpsKeeper(deps);
}

async function versionBeforeImport({ snapshots }: OpenData, log: Log): Promise<void> {
  const why = await snapshots.snapshotBefore("import").then(
    (taken) => (taken.ok ? undefined : taken.refusal),
    (fault: unknown) => String(fault),
  );
  if (why !== undefined) log.error({ error: why }, "no snapshot was taken before an import");
}

/** Where the server was before this one: its pages go on there, and it is told when it comes back. */
async function moved(catalogue: Catalogue, from: string | undefined, here: string): Promise<void> {
  if (from === undefined || from === here) return;
  const known = [from, here].filter((each) => each.length <= 300 && URL.canParse(each));
  await catalogue.update((data) => {
    data.addresses = [...new Set([...(data.addresses ?? []), ...known])];
    data.predecessor ??= from;
  });
}

/** Written when it is another one than before: devices come back often. */
function noteOrigin(catalogue: Catalogue, log: Log, device: string, origin: string): void {
  if (catalogue.data().origins[device] === origin || origin.length > 300) return;
  catalogue
    .update((kept) => {
      kept.origins = { ...kept.origins, [device]: origin };
    })
    .catch((error: unknown) => log.warn({ error: String(error) }, "catalogue not written"));
}

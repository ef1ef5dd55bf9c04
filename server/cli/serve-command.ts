import { fromUtf8 } from "../../shared/journal/bytes.ts";
import { BackupSchedule } from "../backups/backup-schedule.ts";
import { type OpenData, openData } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import type { RecoveryDesk } from "../recovery/recovery-desk.ts";
import { ApprovalWatch } from "../relay/approval-watch.ts";
import type { HttpsPlace } from "../serve/listeners.ts";
import { startServer } from "../serve/start-server.ts";
import type { StopSignals } from "../serve/stop-signals.ts";
import { SnapshotSchedule } from "../snapshots/snapshot-schedule.ts";
import { isStandbysFolder } from "../standby/standby-folder.ts";
import { readFile } from "../storage/whole-files.ts";
import { serverKey } from "./approve-command.ts";
import type { ControlSocket } from "./control-socket.ts";
import type { CommandArgs, DataContext } from "./data-command.ts";
import { dataCommands } from "./data-commands.ts";
import { failed, type Outcome } from "./outcome.ts";
import { applyTargets } from "./target-commands.ts";
import { thinBySchedule } from "./thin-versions.ts";

export interface ServeSettings {
  dir: string;
  /** where snapshots lie, when not in the data folder */
  snapshots: string | undefined;
  host: string;
  port: number;
  /** where https is served once it is on */
  https: HttpsPlace;
  certPath?: string | undefined;
  keyPath?: string | undefined;
  origins: readonly string[];
}

export interface ServeDeps {
  platform: ServerPlatform;
  control: ControlSocket;
  signals: StopSignals;
  /** told once the server listens */
  onReady(facts: ReadyFacts): void;
}

/** What whoever starts a server must know. */
export interface ReadyFacts {
  url: string;
  setupCode: string | undefined;
  /** where tablets and phones open the app, once that was chosen */
  origin?: string | undefined;
  /** where they learn to trust it, and what they must see there */
  join?: string | undefined;
  fingerprint?: string | undefined;
  /** what this server was just made of */
  recovered?: Pick<Outcome, "json" | "text"> | undefined;
}

/** An orderly stop takes a second or two; beyond this something hangs. */
const stopMsMax = 9000;

/** Serves a data folder until asked to stop. */
export async function serve(
  settings: ServeSettings,
  { platform, control, signals, onReady }: ServeDeps,
  recoveryOf?: (data: OpenData) => RecoveryDesk | undefined,
): Promise<Outcome> {
  const { host, port, https, origins, dir, certPath, keyPath } = settings;
  const tls = await readTls(settings, platform);
  if (tls === "unreadable")
    return failed(
      "certificate-unreadable",
      "YOUBEI_TLS_CERT and YOUBEI_TLS_KEY must both be readable PEM files.",
    );
  if (await isStandbysFolder(dir, platform.files))
    return failed(
      "standby",
      `${dir} stands by for another server: run \`standby\`, or \`promote\` it first.`,
    );
  const stop = signals.first();
  const data = await openData(settings, platform);
  const { relay } = data;
  const schedule = new SnapshotSchedule({
    take: (options) => data.snapshots.take(options),
    listen: (listener) => relay.listen(listener),
    timers: platform.timers,
    clock: platform.clock,
    thin: () => thinBySchedule({ data, platform }),
    onFault: (fault) => platform.log.error({ error: String(fault) }, "no snapshot was taken"),
  });
  const backupSchedule = new BackupSchedule({
    ...platform,
    backups: data.backups,
    listen: (listener) => relay.listen(listener),
    newestSnapshot: () => data.catalogue.data().snapshots.at(-1)?.id,
    isFounded: () => relay.authority !== undefined,
    alarm: data.alarm,
  });
  const approvals = new ApprovalWatch({
    ...platform,
    relay,
    key: serverKey({ data }),
    alarm: data.alarm,
    carryOut: () => applyTargets({ data, platform, backupSchedule }),
  });
  try {
    const recovery = recoveryOf?.(data);
    const tlsPaths = tls && { cert: certPath ?? "", key: keyPath ?? "" };
    const options = { host, port, https, tls, tlsPaths, origins, recovery };
    const running = await startServer(data, options, platform);
    const context = { data, platform, running, backupSchedule };
    const controlled = await control.serve(dir, (command, args) =>
      answerCommand(context, command, args),
    );
    const isNew = !relay.authority && !recovery;
    const versions = isNew ? await data.snapshotFolder.ids() : [];
    if (versions.length > 0)
      platform.log.warn(
        { newest: versions.at(-1) },
        "this folder has no organisation, but snapshots of one: do you mean `recover`?",
      );
    const { origin, join, authority } = running.address.facts();
    const setupCode = isNew ? running.setupCode : undefined;
    onReady({ url: running.url, setupCode, origin, join, fingerprint: authority?.fingerprint });
    platform.log.info({ url: running.url, dir }, "serving");
    await backupSchedule.look();
    const signal = await stop;
    platform.log.info({ signal }, "stopping");
    signals.forceAfter(stopMsMax);
    await controlled.close();
    await approvals.close();
    await backupSchedule.close();
    await running.close();
    await schedule.close();
  } finally {
    await data.close();
  }
  platform.log.info({}, "stopped");
  return { exit: 0, json: undefined, text: "" };
}

async function answerCommand(
  context: DataContext,
  command: string,
  args: CommandArgs,
): Promise<Outcome> {
  try {
    return (
      (await dataCommands[command]?.(context, args)) ??
      failed("unknown-command", `This server does not know ${command}.`)
    );
  } catch (error) {
    context.platform.log.error({ command, error: String(error) }, "command failed");
    return failed("failed", error instanceof Error ? error.message : String(error));
  }
}

/** Certificate and key that were named from outside. */
export async function readTls(
  { certPath, keyPath }: ServeSettings,
  { files }: ServerPlatform,
): Promise<{ cert: string; key: string } | undefined | "unreadable"> {
  if (certPath === undefined && keyPath === undefined) return undefined;
  const cert = await readFile(files, certPath ?? "");
  const key = await readFile(files, keyPath ?? "");
  return cert && key ? { cert: fromUtf8(cert), key: fromUtf8(key) } : "unreadable";
}

import { join } from "node:path";
import { ageIdentity } from "../../shared/access/recovery-age.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import type { Target } from "../backups/target.ts";
import { liveFolder, snapshotsFolder } from "../data/open-data.ts";
import { fetchBackup } from "../recovery/backup-source.ts";
import { inScratch } from "../recovery/in-scratch.ts";
import { missingOf } from "../recovery/missing-of.ts";
import { type TakenSystem, takeSystemOf } from "../recovery/recover-from-backup.ts";
import {
  type HeardFromDevices,
  type RecoveredFromSources,
  recoverFromSources,
} from "../recovery/recover-from-sources.ts";
import type { RecoverySource } from "../recovery/recovery-source.ts";
import { rescueSource } from "../recovery/rescue-source.ts";
import { snapshotSource } from "../recovery/snapshot-source.ts";
import { WaitingDesk } from "../recovery/waiting-desk.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { removeTree } from "../storage/whole-files.ts";
import { failed, finished, type Outcome } from "./outcome.ts";
import { linesOfSystem, refusalOf } from "./recovery-sayings.ts";
import { type ServeDeps, type ServeSettings, serve } from "./serve-command.ts";
import { noTargetText, targetAt } from "./target-at.ts";

export interface TogetherSettings extends ServeSettings {
  /** which version; several sources are united, so that only the newest can be meant */
  snapshot: string;
  point?: string | undefined;
  /** folders with backups, or files with a target's settings */
  backup: readonly string[];
  rescue: readonly string[];
  /** whether the folder of snapshots is one of the sources */
  withSnapshots: boolean;
  /** waits so many seconds at most for devices to call, and unites what they know too */
  devicesMost?: number | undefined;
  /** a live store that is there is moved aside, never deleted */
  moveAside: boolean;
}

const progressMs = 2000;
/** After everybody has called, somebody who has just woken up may still call. */
const lastCallMs = 3000;

/** Unites everything that is named, and what devices know where they are waited for. */
export async function recoverTogether(
  settings: TogetherSettings,
  recovery: RecoveryKey,
  deps: ServeDeps,
): Promise<Outcome> {
  const { platform } = deps;
  const fault = await faultIn(settings, deps);
  if (fault) return fault;
  const stopped = new Stopped(deps.signals.first());
  const made = await inScratch(settings.dir, platform, async (scratch): Promise<Made | Outcome> => {
    const targets = await openTargets(settings.backup, platform);
    try {
      const identity = ageIdentity(recovery);
      const sources = await openSources(settings, targets, { scratch, recovery, platform });
      const heard =
        settings.devicesMost === undefined || stopped.isAsked
          ? undefined
          : await hearDevices({ ...settings, recovery }, { ...deps, stopped });
      const recovered = await recoverFromSources(
        {
          ...settings,
          sources,
          recovery,
          ...(heard ? { devices: heard } : {}),
          onProgress: progressTo(deps),
          isCancelled: () => stopped.isAsked,
        },
        platform,
      );
      if (!recovered.ok) return refusalOf(recovered.refusal);
      const systems: TakenSystem[] = [];
      for (const { target } of targets)
        systems.push(
          await takeSystemOf(target, identity, { ...settings, platform }).catch(() => noSystem),
        );
      return { recovered: recovered.value, systems, heard };
    } finally {
      for (const { target } of targets) await target.close().catch(() => undefined);
    }
  });
  if ("exit" in made) return made;
  const outcome = outcomeOf(made);
  if (!made.heard) return outcome;
  return serveAndWatch(settings, made, { ...deps, outcome, stopped });
}

interface Made {
  recovered: RecoveredFromSources;
  systems: TakenSystem[];
  heard: (HeardFromDevices & { devices: number }) | undefined;
}

const noSystem: TakenSystem = {
  origin: undefined,
  https: false,
  targets: { again: [], toAdd: [] },
};

/** Somebody's wish that all of this ends. */
class Stopped {
  readonly signal: Promise<string>;
  isAsked = false;

  constructor(signal: Promise<string>) {
    this.signal = signal;
    void signal.then(() => {
      this.isAsked = true;
    });
  }
}

async function faultIn(
  { snapshot, point = "newest", rescue, backup }: TogetherSettings,
  { platform }: ServeDeps,
): Promise<Outcome | undefined> {
  if (snapshot !== "newest" || point !== "newest")
    return failed(
      "one-version-of-many-sources",
      "--snapshot and --point name one version of one source; several sources are united, the newest of each.",
    );
  for (const path of rescue)
    if (!(await platform.files.stat(path)))
      return failed("no-rescue-file", `There is no file ${path}; nothing was changed.`);
  for (const place of backup)
    if (!(await platform.files.stat(place))) return failed("no-target", noTargetText(place));
  return undefined;
}

interface OpenTarget {
  name: string;
  target: Target;
}

async function openTargets(
  places: readonly string[],
  platform: ServeDeps["platform"],
): Promise<OpenTarget[]> {
  const opened: OpenTarget[] = [];
  for (const name of places) {
    const target = await targetAt(name, platform);
    if (target) opened.push({ name, target });
    else platform.log.warn({ place: name }, noTargetText(name));
  }
  return opened;
}

async function openSources(
  { dir, snapshots, withSnapshots, rescue }: TogetherSettings,
  targets: readonly OpenTarget[],
  {
    scratch,
    recovery,
    platform,
  }: { scratch: string; recovery: RecoveryKey; platform: ServeDeps["platform"] },
): Promise<RecoverySource[]> {
  const { files, log } = platform;
  const sources: RecoverySource[] = [];
  if (withSnapshots) {
    const folder = snapshots ?? snapshotsFolder(dir);
    const name = { name: folder, kind: "snapshots" } as const;
    sources.push(snapshotSource(new SnapshotFolder(folder, files), name));
  }
  const identity = ageIdentity(recovery);
  for (const [index, { name, target }] of targets.entries()) {
    log.info({ from: name }, "fetching a backup");
    const to = join(scratch, `backup-${index}`);
    sources.push(await fetchBackup({ target, name, identity, to }, files));
  }
  for (const path of rescue) sources.push(rescueSource(path, { files, recovery }));
  return sources;
}

/** Serves as a server that waits, until every device that is known has called or the time is over. */
async function hearDevices(
  settings: TogetherSettings & { recovery: RecoveryKey },
  deps: ServeDeps & { stopped: Stopped },
): Promise<HeardFromDevices & { devices: number }> {
  const { platform, stopped } = deps;
  const { files, timers, log } = platform;
  const live = liveFolder(settings.dir);
  const wasEmpty = (await files.list(live)).length === 0;
  let over = (_why: string): void => {};
  const isOver = new Promise<string>((resolve) => {
    over = resolve;
  });
  const desk = new WaitingDesk({
    recovery: settings.recovery,
    signatures: platform.signatures,
    onHeard() {
      const awaited = desk.awaited();
      log.info({ devices: desk.heard().devices, awaited }, "a device has called");
      if (awaited.length === 0) timers.after(lastCallMs, () => over("everybody"));
    },
  });
  const cancel = timers.after((settings.devicesMost ?? 0) * 1000, () => over("time"));
  const first = () => Promise.race([isOver, stopped.signal]);
  await serve(settings, { ...deps, signals: { first, forceAfter: () => {} } }, ({ relay }) =>
    relay.authority ? undefined : desk,
  );
  cancel();
  if (wasEmpty) await removeTree(files, live);
  return desk.heard();
}

function progressTo({ platform: { log, clock } }: ServeDeps): (from: string, n: number) => void {
  let saidMs = clock.nowMs();
  return (from, operations) => {
    if (clock.nowMs() - saidMs < progressMs) return;
    saidMs = clock.nowMs();
    log.info({ from, operations }, "reading");
  };
}

/** Goes on as the server; says once more what is missing when the devices had time to bring it. */
function serveAndWatch(
  settings: TogetherSettings,
  { recovered }: Made,
  deps: ServeDeps & { outcome: Outcome; stopped: Stopped },
): Promise<Outcome> {
  const { outcome, stopped, platform, onReady } = deps;
  const promised = new Map(recovered.missing.map(({ chain, to }) => [chain, to + 1]));
  const signals = { ...deps.signals, first: () => stopped.signal };
  return serve(
    settings,
    { ...deps, signals, onReady: (facts) => onReady({ ...facts, recovered: outcome }) },
    ({ relay }) => {
      const look = (leftMs: number): void => {
        const missing = missingOf(promised, relay.heads());
        if (missing.length === 0)
          platform.log.info({}, "devices have brought all that was missing");
        else if (leftMs <= 0) platform.log.warn({ missing }, "nobody has brought this yet");
        else
          platform.timers.after(1000, () => {
            if (!stopped.isAsked) look(leftMs - 1000);
          });
      };
      if (promised.size > 0) look((settings.devicesMost ?? 0) * 1000);
      return undefined;
    },
  );
}

function outcomeOf({ recovered, systems, heard }: Made): Outcome {
  const { term, state, sources, missing, aside, missingKeys, lostEntries, movedTo } = recovered;
  const owed = state.liabilities.principal + state.liabilities.bonus;
  const system = systems.flatMap(linesOfSystem);
  return finished(
    { ...recovered, devices: heard?.devices, systems },
    [
      `Recovered from ${sources.length} source(s): term ${term}.`,
      `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
      ...sources.flatMap(linesOfSource),
      ...(heard ? [`${heard.devices} device(s) called; they bring their records now.`] : []),
      ...missing.map(({ chain, from, to }) => `missing: ${chain}, operations ${from} to ${to}`),
      ...(aside
        ? [
            `${aside.operations} operations after what is missing are kept: rescue import ${aside.file}`,
          ]
        : []),
      ...(missingKeys > 0 ? [`${missingKeys} members' keys are missing; devices bring them`] : []),
      ...(lostEntries > 0
        ? [`${lostEntries} changes of rights of another copy wait for the owner to look at them`]
        : []),
      ...(movedTo === undefined ? [] : [`The old store was moved to ${movedTo}.`]),
      ...new Set(system),
      ...(heard
        ? []
        : ["Now run `npm start`: devices bring what is missing or newer by themselves."]),
    ].join("\n"),
  );
}

const damageLinesMost = 20;

function linesOfSource(source: RecoveredFromSources["sources"][number]): string[] {
  const { name, operations, fresh, entries, refused, foreign, damage } = source;
  const more = damage.length - damageLinesMost;
  return [
    foreign
      ? `${name}: of another shop or card; nothing of it was used`
      : `${name}: ${operations} operations, ${fresh} of them new; ${entries} entries of rights`,
    ...(refused > 0 ? [`${name}: ${refused} runs that no device of this shop sealed`] : []),
    ...damage
      .slice(0, damageLinesMost)
      .map(({ where, what }) =>
        where === name ? `DAMAGED ${name}: ${what}` : `DAMAGED ${name}: ${where}: ${what}`,
      ),
    ...(more > 0 ? [`DAMAGED ${name}: and ${more} more`] : []),
  ];
}

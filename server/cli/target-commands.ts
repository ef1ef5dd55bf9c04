import { resolve } from "node:path";
import type { Command } from "commander";
import { fromUtf8 } from "../../shared/journal/bytes.ts";
import { type BackupPlan, defaultPlan, nextRunMs } from "../backups/backup-plan.ts";
import { faultOf } from "../backups/server-backups.ts";
import { withoutSecrets } from "../backups/system-archive.ts";
import { TargetFault } from "../backups/target.ts";
import { targetSettings } from "../backups/target-settings.ts";
import type { TargetRecord } from "../backups/target-store.ts";
import type { TargetAdvice } from "../backups/test-target.ts";
import { readFile } from "../storage/whole-files.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Adds a place for backups; its settings come as JSON, because they hold passwords. */
const targetAdd: DataCommand = async (context, args) => {
  const { data, platform, backupSchedule } = context;
  if (!data.relay.authority) return failed("not-founded", "There is no organisation yet.");
  const name = textArg(args, "name")?.trim() ?? "";
  if (name === "" || name.length > 80)
    return failed("name-invalid", "A target's name needs 1 to 80 characters.");
  const plan = planIn(args);
  if (!plan) return failed("plan-invalid", "An interval is a number from a minute to a year.");
  const path = textArg(args, "directory");
  const given = path === undefined ? await settingsIn(context, args) : { kind: "directory", path };
  const settings = targetSettings.safeParse(given).data;
  if (!settings)
    return failed(
      "settings-invalid",
      "Name a folder with --directory, or a file with a target's settings as JSON with --settings.",
    );
  try {
    const added = await data.backups.add(name, settings, plan, {
      offSite: args["offSite"] === true,
      offline: args["offline"] === true,
    });
    if (!added.ok) return failed(added.refusal, `There is a target ${name} already.`);
    platform.log.info({ target: name, kind: settings.kind }, "target added");
    await backupSchedule?.look();
    return finished(shown(context, added.value), `${name} is a target of backups from now on.`);
  } catch (error) {
    return ofFault(error);
  }
};

const targetList: DataCommand = async (context) => {
  const targets = (await context.data.backups.targets()).map((record) => shown(context, record));
  const lines = targets.map(
    ({ name, kind, lastBackup, nextRun }) =>
      `${name} (${kind}) · last backup ${lastBackup ?? "never"} · next ${nextRun}`,
  );
  return finished({ targets }, lines.join("\n") || "No target yet: `target add`.");
};

const advice: Readonly<Record<TargetAdvice, string>> = {
  "check-network": "Is it switched on, and is the network there?",
  "plug-in-disk": "Plug in the disk that was added.",
  "check-password": "Check the user's name and the password.",
  "check-fingerprint": "Compare the key with the server's own, and add it as hostKey.",
  "check-certificate": "Add the authority that vouches for it, or use an address that it covers.",
  "check-permissions": "May this user write there?",
  "check-clock": "This machine's clock is wrong.",
  "free-space": "Make room there.",
  wait: "It wants fewer requests: try again later.",
  "choose-another": "It does not keep what is put there: choose another place.",
  "try-again": "Try again.",
};

/** Tries targets from end to end. */
const targetTest: DataCommand = async (context, args) => {
  const record = await targetNamed(context, textArg(args, "name"));
  if (!record) return noSuchTarget(args);
  try {
    const test = await context.data.backups.test(record);
    if (!test.ok)
      return failed(test.code, `${test.step}: ${test.message}. ${advice[test.advice]}`, { test });
    const speed = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB/s`;
    const { upBytesPerSecond: up, downBytesPerSecond: down } = test;
    return finished(test, `${record.name} works: ${speed(up)} up, ${speed(down)} down.`);
  } catch (error) {
    return ofFault(error);
  }
};

const targetRemove: DataCommand = async ({ data, platform }, args) => {
  const record = await targetNamed({ data }, textArg(args, "name"));
  if (!record) return noSuchTarget(args);
  await data.backups.remove(record);
  platform.log.info({ target: record.name }, "target removed");
  return finished(
    { removed: record.name },
    `${record.name} is no target any more; what lies there stays there.`,
  );
};

export const targetCommands: Readonly<Record<string, DataCommand>> = {
  "target add": targetAdd,
  "target list": targetList,
  "target test": targetTest,
  "target remove": targetRemove,
};

export async function targetNamed(
  { data }: Pick<DataContext, "data">,
  name: string | undefined,
): Promise<TargetRecord | undefined> {
  const targets = await data.backups.targets();
  return targets.find((record) => record.name === name || record.id === name);
}

export const noSuchTarget = (args: CommandArgs): Outcome =>
  failed(
    "no-such-target",
    `There is no target ${textArg(args, "target") ?? textArg(args, "name") ?? ""}: see \`target list\`.`,
  );

/** What the world refused, in the words of the target. */
export function ofFault(error: unknown): Outcome {
  const { code, message } = faultOf(error);
  const hostKey = error instanceof TargetFault ? error.hostKey : undefined;
  return failed(code, message, hostKey === undefined ? {} : { hostKey });
}

/** A target as it may be shown. */
function shown({ data, platform }: DataContext, record: TargetRecord) {
  const { id, name, settings, plan, place } = record;
  const history = data.backups.historyOf(record);
  const iso = (ms: number | undefined) =>
    ms === undefined ? undefined : new Date(ms).toISOString();
  return {
    id,
    name,
    kind: settings.kind,
    settings: withoutSecrets(settings),
    plan,
    place,
    lastBackup: iso(history.last?.atMs),
    lastBytes: history.lastBytes,
    lastKinds: history.lastKinds,
    lastFull: iso(history.full?.atMs),
    failure: history.failure && { ...history.failure, since: iso(history.failure.sinceMs) },
    verified: history.verification && {
      at: iso(history.verification.atMs),
      ok: history.verification.ok,
      wholeAt: iso(history.verification.wholeMs),
    },
    proven: iso(history.provenMs),
    drill: history.drill,
    nextRun: iso(nextRunMs(plan, history, platform.clock.nowMs())),
  };
}

/** For the server's status: how each target stands. */
export async function targetsStanding(
  context: DataContext,
): Promise<{ json: unknown; lines: string[] }> {
  try {
    const targets = (await context.data.backups.targets()).map((record) => shown(context, record));
    return { json: targets, lines: targets.flatMap(linesOf) };
  } catch (error) {
    const { code, message } = faultOf(error);
    return { json: { error: { code, message } }, lines: [`BACKUPS: ${message}`] };
  }
}

function linesOf({
  name,
  lastBackup,
  lastBytes,
  failure,
  verified,
  proven,
  drill,
  nextRun,
}: Shown) {
  const size = lastBytes === undefined ? "" : `, ${Math.ceil(lastBytes / 1024)} KiB`;
  const last = lastBackup === undefined ? "no backup yet" : `last backup ${lastBackup}${size}`;
  const seen = verified
    ? `${verified.ok ? "verified" : "DAMAGED"} ${verified.at}`
    : "never verified";
  const took = drill ? ` (${Math.ceil((drill.restoreMs + drill.verifyMs) / 1000)} s)` : "";
  const shownDrill = drill && !drill.ok ? `LAST DRILL FAILED, ` : "";
  return [
    `backups on ${name}: ${last}; ${seen}; ${shownDrill}last proven restore ${proven ?? "never"}${took}; next run ${nextRun}`,
    ...(failure ? [`  NOT REACHED since ${failure.since}: ${failure.message}`] : []),
  ];
}

type Shown = ReturnType<typeof shown>;

async function settingsIn({ platform }: DataContext, args: CommandArgs): Promise<unknown> {
  const text = textArg(args, "settingsText");
  const path = textArg(args, "settings") ?? "";
  try {
    if (text !== undefined) return JSON.parse(text);
    const bytes = await readFile(platform.files, path);
    return bytes && JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}

function planIn(args: CommandArgs): BackupPlan | undefined {
  const units = [
    ["fullMs", "fullDays", dayMs],
    ["differentialMs", "differentialHours", hourMs],
    ["incrementalMs", "incrementalMinutes", minuteMs],
    ["drillMs", "drillDays", dayMs],
  ] as const;
  const plan: BackupPlan = { ...defaultPlan };
  for (const [field, option, unitMs] of units) {
    const text = textArg(args, option);
    if (text === undefined) continue;
    const ms = Math.round(Number(text) * unitMs);
    if (!(ms >= minuteMs && ms <= 366 * dayMs)) return undefined;
    plan[field] = ms;
  }
  return plan;
}

export function describeTargets(
  program: Command,
  { folder, typed }: { folder: string; typed(): Promise<string> },
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const target = program.command("target").description("places where backups are put");
  target
    .command("add <name>")
    .description("add one; its passwords are kept sealed in the data folder")
    .option("--directory <folder>", "a folder, as on a USB disk")
    .option("--settings <file>", "settings as JSON, for every other kind; - for standard input")
    .option("--off-site", "it does not burn with the shop: a cloud, another building")
    .option("--offline", "unplugged between backups, or nothing there can be changed")
    .option("--full-days <number>", "a full backup every so many days (7)")
    .option("--differential-hours <number>", "a differential every so many hours (24)")
    .option("--incremental-minutes <number>", "an incremental every so many minutes (15)")
    .option("--drill-days <number>", "a drill every so many days (7)")
    .action(async (name: string, { directory, settings, ...options }: AddOptions) =>
      onData("target add")({
        ...options,
        name,
        ...(directory === undefined ? {} : { directory: resolve(folder, directory) }),
        ...(settings === "-" ? { settingsText: await typed() } : {}),
        ...(settings === undefined || settings === "-"
          ? {}
          : { settings: resolve(folder, settings) }),
      }),
    );
  target
    .command("list")
    .description("all targets, and how they stand")
    .action(onData("target list"));
  target
    .command("test <name>")
    .description("write, read back and remove a small file there")
    .action((name: string) => onData("target test")({ name }));
  target
    .command("remove <name>")
    .description("forget one; what lies there stays there")
    .action((name: string) => onData("target remove")({ name }));
}

interface AddOptions {
  directory?: string;
  settings?: string;
  [option: string]: string | boolean | undefined;
}

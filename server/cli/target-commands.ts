import { resolve } from "node:path";
import type { Command } from "commander";
import { fromUtf8 } from "../../shared/journal/bytes.ts";
import { type BackupPlan, defaultPlan, nextRunMs } from "../backups/backup-plan.ts";
import {
  type CarriedOut,
  carryOutChanges,
  draftChange,
  proposeChange,
} from "../backups/change-targets.ts";
import { faultOf } from "../backups/server-backups.ts";
import { withoutSecrets } from "../backups/system-archive.ts";
import { TargetFault } from "../backups/target.ts";
import { type TargetSettings, targetSettings } from "../backups/target-settings.ts";
import type { TargetChange, TargetPlace, TargetRecord } from "../backups/target-store.ts";
import type { TargetAdvice } from "../backups/test-target.ts";
import { readFile } from "../storage/whole-files.ts";
import { serverKey } from "./approve-command.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * Adds a place for backups; its settings come as JSON, because they hold passwords. The first one is
 * added by whoever has the machine, and everything after it by approval.
 */
const targetAdd: DataCommand = async (context, args) => {
  const { data, platform, backupSchedule } = context;
  if (!data.relay.authority) return noShop;
  const wanted = await wantedIn(context, args);
  if ("exit" in wanted) return wanted;
  const { name, settings, plan, place } = wanted;
  try {
    const ready = await data.backups.prepare(name, settings, plan, place);
    if (!ready.ok) return nameTaken(name);
    const change = { do: "add", record: ready.value } as const;
    if ((await data.backups.targets()).length > 0) return await propose(context, name, change);
    const added = await data.backups.apply(change);
    if (!added.ok) return nameTaken(name);
    platform.log.info({ target: name, kind: settings.kind }, "target added");
    await backupSchedule?.look();
    return finished(shown(context, ready.value), `${name} is a target of backups from now on.`);
  } catch (error) {
    return ofFault(error);
  }
};

/** Where a target points, what opens it, or when it is used. */
const targetChange: DataCommand = async (context, args) => {
  const { data } = context;
  const before = await targetNamed(context, textArg(args, "name"));
  if (!before) return noSuchTarget(args);
  const wanted = await wantedIn(context, { ...args, name: before.name }, before);
  if ("exit" in wanted) return wanted;
  const { name, settings, plan, place } = wanted;
  try {
    const ready = await data.backups.prepare(name, settings, plan, place, before);
    if (!ready.ok) return nameTaken(name);
    return await propose(context, name, { do: "change", id: before.id, record: ready.value });
  } catch (error) {
    return ofFault(error);
  }
};

async function propose(context: DataContext, name: string, change: TargetChange): Promise<Outcome> {
  const drafted = draftChange(change, { random: context.platform.random, name });
  const refusal = await proposeChange(changingDeps(context), drafted);
  if (refusal !== undefined) return failed(refusal, `Nothing was proposed: ${refusal}.`);
  const { proposal, text } = drafted;
  return finished(
    { proposal, text },
    `${text}\nProposed as ${proposal}: somebody entitled approves it in the app (设置 → 审批), or \`approve give ${proposal}\` does with the recovery key. A running server then does it within a minute; \`target apply\` does it at once.`,
  );
}

const changingDeps = (context: DataContext) => ({
  relay: context.data.relay,
  backups: context.data.backups,
  key: serverKey(context),
  random: context.platform.random,
  nowMs: context.platform.clock.nowMs(),
});

/** Does what was approved, and says what became of it. */
export async function applyTargets(context: DataContext): Promise<CarriedOut[]> {
  const carried = await carryOutChanges(changingDeps(context));
  for (const { change, refusal } of carried)
    context.platform.log.info({ change: change.do, refusal }, "targets changed");
  if (carried.length > 0) await context.backupSchedule?.look();
  return carried;
}

const targetApply: DataCommand = async (context) => {
  if (!context.data.relay.authority) return noShop;
  const changes = (await applyTargets(context)).map(({ proposal, change, refusal }) => ({
    proposal,
    change: change.do,
    refusal,
  }));
  const failure = changes.find(({ refusal }) => refusal !== undefined);
  if (failure) return failed(failure.refusal ?? "", "It does not fit any more: propose it again.");
  return finished({ changes }, `${changes.length} approved changes were made.`);
};

interface WantedTarget {
  name: string;
  settings: TargetSettings;
  plan: BackupPlan;
  place: TargetPlace;
}

/** @param before what stays where nothing else is said */
async function wantedIn(
  context: DataContext,
  args: CommandArgs,
  before?: TargetRecord,
): Promise<WantedTarget | Outcome> {
  const name = textArg(args, "name")?.trim() ?? "";
  if (name === "" || name.length > 80)
    return failed("name-invalid", "A target's name needs 1 to 80 characters.");
  const plan = planIn(args, before?.plan);
  if (!plan) return failed("plan-invalid", "An interval is a number from a minute to a year.");
  const path = textArg(args, "directory");
  const isSaid = ["directory", "settings", "settingsText"].some((key) => args[key] !== undefined);
  const said = path === undefined ? await settingsIn(context, args) : { kind: "directory", path };
  const settings = isSaid || !before ? targetSettings.safeParse(said).data : before.settings;
  if (!settings)
    return failed(
      "settings-invalid",
      "Name a folder with --directory, or a file with a target's settings as JSON with --settings.",
    );
  const place = {
    offSite: args["offSite"] === true || (before?.place?.offSite ?? false),
    offline: args["offline"] === true || (before?.place?.offline ?? false),
  };
  return { name, settings, plan, place };
}

const noShop = failed("not-founded", "There is no organisation yet.");
const nameTaken = (name: string): Outcome =>
  failed("name-taken", `There is a target ${name} already.`);

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

const targetRemove: DataCommand = async (context, args) => {
  const record = await targetNamed(context, textArg(args, "name"));
  if (!record) return noSuchTarget(args);
  return propose(context, record.name, { do: "remove", id: record.id });
};

export const targetCommands: Readonly<Record<string, DataCommand>> = {
  "target add": targetAdd,
  "target list": targetList,
  "target test": targetTest,
  "target change": targetChange,
  "target remove": targetRemove,
  "target apply": targetApply,
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

function planIn(args: CommandArgs, before: BackupPlan = defaultPlan): BackupPlan | undefined {
  const units = [
    ["fullMs", "fullDays", dayMs],
    ["differentialMs", "differentialHours", hourMs],
    ["incrementalMs", "incrementalMinutes", minuteMs],
    ["drillMs", "drillDays", dayMs],
  ] as const;
  const plan: BackupPlan = { ...before };
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
  const described = (command: Command) =>
    command
      .option("--directory <folder>", "a folder, as on a USB disk")
      .option("--settings <file>", "settings as JSON, for every other kind; - for standard input")
      .option("--off-site", "it does not burn with the shop: a cloud, another building")
      .option("--offline", "unplugged between backups, or nothing there can be changed")
      .option("--full-days <number>", "a full backup every so many days (7)")
      .option("--differential-hours <number>", "a differential every so many hours (24)")
      .option("--incremental-minutes <number>", "an incremental every so many minutes (15)")
      .option("--drill-days <number>", "a drill every so many days (7)");
  const run =
    (command: string) =>
    async (name: string, { directory, settings, ...options }: AddOptions) =>
      onData(command)({
        ...options,
        name,
        ...(directory === undefined ? {} : { directory: resolve(folder, directory) }),
        ...(settings === "-" ? { settingsText: await typed() } : {}),
        ...(settings === undefined || settings === "-"
          ? {}
          : { settings: resolve(folder, settings) }),
      });
  described(target.command("add <name>"))
    .description("add one; its passwords are kept sealed; after the first one it needs an approval")
    .action(run("target add"));
  described(target.command("change <name>"))
    .description("where one points, what opens it, when it is used; needs an approval")
    .action(run("target change"));
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
    .description("forget one, once it was approved; what lies there stays there")
    .action((name: string) => onData("target remove")({ name }));
  target
    .command("apply")
    .description("make the changes that were approved, now")
    .action(onData("target apply"));
}

interface AddOptions {
  directory?: string;
  settings?: string;
  [option: string]: string | boolean | undefined;
}

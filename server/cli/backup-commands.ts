import { resolve } from "node:path";
import type { Command } from "commander";
import { ageIdentity } from "../../shared/access/recovery-age.ts";
import { archiveName, type BackupKind, backupKinds } from "../backups/backup-note.ts";
import { dueKind } from "../backups/backup-plan.ts";
import { reachableChains } from "../backups/chains.ts";
import type { NotedBackups } from "../backups/read-notes.ts";
import type { RestoreRefusal } from "../backups/restore-point.ts";
import { faultOf } from "../backups/server-backups.ts";
import type { TargetRecord } from "../backups/target-store.ts";
import type { ServerPlatform } from "../platform.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { verifySnapshot } from "../snapshots/verify-snapshot.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { damaged, type ExitCode, failed, finished, misused, type Outcome } from "./outcome.ts";
import { noRecoveryKey, readRecoveryKey } from "./recovery-key-file.ts";
import { textOf } from "./snapshot-commands.ts";
import { noSuchTarget, ofFault, targetNamed } from "./target-commands.ts";

const mebibyte = 1024 * 1024;

/** How one target of a command that goes over several came out. */
interface Part {
  exit: ExitCode;
  json: object;
  text: string;
}

/** Puts what is new on one target or on all. */
const backupRun: DataCommand = async (context, args) => {
  const kind = textArg(args, "kind");
  if (kind !== undefined && !backupKinds.some((known) => known === kind))
    return misused(`--kind is one of ${backupKinds.join(", ")}`);
  return overTargets(context, args, async (target) => {
    const { data, platform } = context;
    const now = { nowMs: platform.clock.nowMs(), isChanged: true };
    const due = dueKind(target.plan, data.backups.historyOf(target), now) ?? "incremental";
    const put = await data.backups.put(target, (kind as BackupKind | undefined) ?? due);
    if (!put.ok)
      return {
        exit: put.refusal === "damaged" ? 2 : 1,
        json: { error: { code: put.refusal } },
        text: "the live store is damaged, so no backup is made of it: see `verify`",
      };
    const { id, kinds, bytes } = put.value;
    const text =
      id === undefined
        ? "nothing has changed since the last backup"
        : `${id}: ${kinds.join(" and ")}, ${Math.ceil(bytes / 1024)} KiB`;
    return { exit: 0, json: put.value, text };
  });
};

const backupList: DataCommand = (context, args) =>
  overTargets(context, args, async (target) => {
    const noted = await context.data.backups.list(target);
    const points = pointsOf(noted);
    const lines = [
      ...points.map(
        ({ id, kinds, bytes, restorable }) =>
          `${id} · ${kinds.join(" and ")}, ${Math.ceil(bytes / 1024)} KiB${restorable ? "" : " · CANNOT BE RESTORED: a link of every chain is missing"}`,
      ),
      ...noted.damage.map(textOf),
    ];
    const isWhole = noted.damage.length === 0 && points.every(({ restorable }) => restorable);
    const text = lines.length > 0 ? `\n${lines.join("\n")}` : "no backup yet";
    return { exit: isWhole ? 0 : 2, json: { points, damage: noted.damage }, text };
  });

function pointsOf({ notes }: NotedBackups) {
  const chains = reachableChains(notes);
  return [...new Set(notes.map(({ id }) => id))].map((id) => {
    const own = notes.filter((note) => note.id === id);
    const { snapshot, time, term } = own[0] as (typeof own)[number];
    return {
      id,
      time,
      term,
      snapshot,
      kinds: own.map(({ kind }) => kind),
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      restorable: chains.has(snapshot),
      chain: chains.get(snapshot)?.map(archiveName) ?? [],
    };
  });
}

/** Reads targets back and checks every byte, or as much as a budget allows, going on next time. */
const backupVerify: DataCommand = async (context, args) => {
  const budget = textArg(args, "budget");
  const budgetBytes = budget === undefined ? undefined : Number(budget) * mebibyte;
  if (budgetBytes !== undefined && !(budgetBytes > 0))
    return misused("--budget is a number of MiB");
  return overTargets(context, args, async (target) => {
    const report = await context.data.backups.verify(target, { budgetBytes });
    const { checked, there, damage, unopened, cursor, ok } = report;
    const lines = [
      `${ok ? "whole" : "DAMAGED"}: ${checked.files} of ${there.files} files read, ${Math.ceil(checked.bytes / 1024)} KiB; ${there.points} points`,
      ...(cursor === undefined ? [] : ["the rest the next time"]),
      ...(unopened > 0
        ? [`${unopened} archives of an earlier server: only their hash checked`]
        : []),
      ...damage.map(textOf),
    ];
    return { exit: ok ? 0 : 2, json: report, text: lines.join("\n") };
  });
};

/** Makes a folder of snapshots of a point, and reads it back. */
const backupRestore: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const target = await targetNamed(context, textArg(args, "target"));
  if (!target) return noSuchTarget(args);
  const path = textArg(args, "recoveryKeyFile");
  const typed = async () => textArg(args, "recoveryWords") ?? "";
  const { files } = platform;
  const card = path === undefined ? undefined : await readRecoveryKey(path, { files, typed });
  if (path !== undefined && !card) return noRecoveryKey();
  const identity = card && ageIdentity(card);
  const to = textArg(args, "to") ?? "";
  const which = textArg(args, "point") ?? "newest";
  try {
    const restored = await data.backups.restore(target, { which, to, identity });
    if (!restored.ok) return refusalOf(restored.refusal);
    const { point, snapshot, chain } = restored.value;
    const folder = new SnapshotFolder(to, platform.files);
    const { signatures, clock } = platform;
    const checks = { signatures, nowMs: clock.nowMs() };
    const { ok, damage, state, missingKeys } = await verifySnapshot(folder, snapshot, checks);
    const json = { ...restored.value, folder: to, verified: { ok, damage, state, missingKeys } };
    const lines = [
      `Point ${point} is in ${to}: snapshot ${snapshot}, from ${chain.length} archive(s).`,
      ...restored.value.damage.map(textOf),
      ...(missingKeys > 0 ? [`${missingKeys} members' keys are not in it`] : []),
    ];
    if (!ok) return damaged(json, [...lines, "DAMAGED:", ...damage.map(textOf)].join("\n"));
    const next = `\`recover --snapshots ${to}\` makes a server of it.`;
    return finished(json, [...lines, `It is whole. ${next}`].join("\n"));
  } catch (error) {
    return ofFault(error);
  }
};

/** Proves that targets can be restored from. */
const drillCommand: DataCommand = (context, args) =>
  overTargets(context, args, async (target) => {
    const facts = await context.data.backups.drill(target);
    const { ok, point, members, restoreMs, verifyMs, isAsLive, damage } = facts;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const same = isAsLive === true ? ", the same as the live shop at that point" : "";
    const text = ok
      ? `restored ${point}: ${members} members${same}; ${seconds(restoreMs)} to restore, ${seconds(verifyMs)} to verify`
      : "FAILED";
    return {
      exit: ok ? 0 : 2,
      json: facts,
      text: [text, ...damage.map(textOf)].join("\n"),
    };
  });

export const backupCommands: Readonly<Record<string, DataCommand>> = {
  "backup run": backupRun,
  "backup list": backupList,
  "backup verify": backupVerify,
  "backup restore": backupRestore,
  drill: drillCommand,
};

/** One target after the other; what is wrong with one stops none. */
async function overTargets(
  context: DataContext,
  args: CommandArgs,
  work: (target: TargetRecord) => Promise<Part>,
): Promise<Outcome> {
  if (!context.data.relay.authority) return failed("not-founded", "There is no organisation yet.");
  const wanted = textArg(args, "target");
  const named = wanted === undefined ? undefined : await targetNamed(context, wanted);
  if (wanted !== undefined && !named) return noSuchTarget(args);
  const targets = named ? [named] : await context.data.backups.targets();
  if (targets.length === 0) return failed("no-target", "There is no target yet: `target add`.");
  const parts: (Part & { target: string })[] = [];
  for (const target of targets) {
    const part = await work(target).catch((error: unknown): Part => {
      const { code, message } = faultOf(error);
      return { exit: 1, json: { error: { code, message } }, text: message };
    });
    parts.push({ ...part, target: target.name });
  }
  const exits = parts.map(({ exit }) => exit);
  const exit = exits.includes(2) ? 2 : exits.includes(1) ? 1 : 0;
  const json = { targets: parts.map(({ target, json }) => ({ target, ...json })) };
  return { exit, json, text: parts.map(({ target, text }) => `${target}: ${text}`).join("\n") };
}

/** Told from the refusals of a recovery by its code. */
export const isOfRestore = (refusal: { code: string }): refusal is RestoreRefusal =>
  ["no-backup", "no-such-point", "folder-in-use", "wrong-key", "unreachable"].includes(
    refusal.code,
  );

export function refusalOf(refusal: RestoreRefusal): Outcome {
  switch (refusal.code) {
    case "no-backup":
      return failed(refusal.code, "There is no backup on this target.");
    case "no-such-point":
      return failed(refusal.code, "There is no such point on this target: see `backup list`.");
    case "folder-in-use":
      return failed(refusal.code, `${refusal.folder} is not empty: name a new folder.`);
    case "wrong-key":
      return failed(
        refusal.code,
        "These backups are sealed for another key: use --recovery-key-file with the words on the card.",
      );
    case "unreachable": {
      const { point, damage, missing, newestReachable } = refusal;
      const advice =
        newestReachable === undefined
          ? "No point on this target can be restored."
          : `The newest point that can be restored is ${newestReachable}.`;
      const links = missing.map(
        ({ archive, backup }) => `  ${archive} builds on backup ${backup}, which is not here`,
      );
      return damaged(
        { error: refusal },
        [`No chain leads to ${point}.`, ...damage.map(textOf), ...links, advice].join("\n"),
      );
    }
  }
}

/** The key on the card as the standard tool wants it; whoever has it opens every backup. */
async function cardKey(path: string, { folder, typed, platform }: BackupDeps): Promise<Outcome> {
  const place = path === "-" ? path : resolve(folder, path);
  const card = await readRecoveryKey(place, { files: platform.files, typed });
  if (!card) return noRecoveryKey();
  const identity = ageIdentity(card);
  return finished({ identity }, identity);
}

interface BackupDeps {
  /** to which paths are relative */
  folder: string;
  typed(): Promise<string>;
  platform: Pick<ServerPlatform, "files">;
}

export function describeBackups(
  program: Command,
  deps: BackupDeps,
  settle: (outcome: Outcome) => void,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const backup = program.command("backup").description("snapshots somewhere else");
  backup
    .command("run")
    .description("put what is new on the targets, now")
    .option("--kind <kind>", backupKinds.join(", "))
    .option("--target <name>", "only there")
    .action(onData("backup run"));
  backup
    .command("list")
    .description("which points can be restored")
    .option("--target <name>", "only there")
    .action(onData("backup list"));
  backup
    .command("verify")
    .description("read the targets back and check every byte")
    .option("--target <name>", "only there")
    .option("--budget <MiB>", "read about so much, and go on there the next time")
    .action(onData("backup verify"));
  backup
    .command("restore")
    .description("make a folder of snapshots of a point; nothing live is touched")
    .requiredOption("--target <name>", "from where")
    .option("--point <id>", "which one", "newest")
    .requiredOption("--to <folder>", "new folder")
    .option("--recovery-key-file <file>", "open with the twelve words instead of the drill key")
    .action(async ({ to, recoveryKeyFile, ...options }: RestoreArgs) =>
      onData("backup restore")({
        ...options,
        to: resolve(deps.folder, to),
        ...(recoveryKeyFile === undefined
          ? {}
          : recoveryKeyFile === "-"
            ? { recoveryKeyFile, recoveryWords: await deps.typed() }
            : { recoveryKeyFile: resolve(deps.folder, recoveryKeyFile) }),
      }),
    );
  backup
    .command("key")
    .description("print the key on the card as age wants it, to open backups without this program")
    .requiredOption("--recovery-key-file <file>", "file with the twelve words; - for typing them")
    .action(async ({ recoveryKeyFile }: { recoveryKeyFile: string }) =>
      settle(await cardKey(recoveryKeyFile, deps)),
    );
  program
    .command("drill")
    .description("prove that the newest backup can be restored, in a scratch place")
    .option("--target <name>", "only there")
    .action(onData("drill"));
}

interface RestoreArgs {
  target: string;
  point: string;
  to: string;
  recoveryKeyFile?: string;
}

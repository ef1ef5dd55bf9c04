import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { readFolder } from "../backups/folder-reader.ts";
import type { Target } from "../backups/target.ts";
import { targetSettings } from "../backups/target-settings.ts";
import { readJson } from "../data/data-lock.ts";
import { createRecoveryDesk } from "../recovery/create-recovery-desk.ts";
import { type RecoveredFromBackup, recoverFromBackup } from "../recovery/recover-from-backup.ts";
import { recoverFromRescue } from "../recovery/recover-from-rescue.ts";
import { recoverFromSnapshot } from "../recovery/recover-from-snapshot.ts";
import type { RecoveryRefusal } from "../recovery/recovery-refusal.ts";
import { isOfRestore, refusalOf as ofRestore } from "./backup-commands.ts";
import { damaged, failed, finished, type Outcome } from "./outcome.ts";
import { noRecoveryKey, readRecoveryKey } from "./recovery-key-file.ts";
import { type ServeDeps, type ServeSettings, serve } from "./serve-command.ts";
import { textOf } from "./snapshot-commands.ts";
import { ofFault } from "./target-commands.ts";

export interface RecoverSettings extends ServeSettings {
  /** path of a file with the words, or `-` for the text in `typed` */
  keyFile: string;
  /** what came on standard input */
  typed: () => Promise<string>;
  snapshot: string;
  /** rescue files, instead of a snapshot */
  rescue?: readonly string[] | undefined;
  /** a folder with backups, or a file with a target's settings, instead of a snapshot */
  backup?: string | undefined;
  /** which point of it */
  point?: string | undefined;
  /** nothing but the recovery key: the first device that calls brings the rest */
  empty: boolean;
  /** a live store that is there is moved aside, never deleted */
  moveAside: boolean;
}

/** Makes a new server of a snapshot, or of the first device that calls, under the next term. */
export async function recover(settings: RecoverSettings, deps: ServeDeps): Promise<Outcome> {
  const { files } = deps.platform;
  const key = await readRecoveryKey(settings.keyFile, { files, typed: settings.typed });
  if (!key) return noRecoveryKey();
  if (settings.empty) return recoverFromNothing(settings, key, deps);
  const { rescue = [], backup } = settings;
  if (backup !== undefined) return recoverFromTarget(settings, backup, key, deps);
  if (rescue.length > 0) return recoverFromFiles({ ...settings, rescue }, key, deps);
  const { dir, snapshots, moveAside } = settings;
  const which = settings.snapshot;
  const options = { dir, snapshots, which, recovery: key, moveAside };
  const recovered = await recoverFromSnapshot(options, deps.platform);
  if (!recovered.ok) return refusalOf(recovered.refusal);
  const { snapshot, term, state, missingKeys, movedTo } = recovered.value;
  const owed = state.liabilities.principal + state.liabilities.bonus;
  return finished(
    recovered.value,
    [
      `Recovered from snapshot ${snapshot}: term ${term}.`,
      `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
      ...(missingKeys > 0 ? [`${missingKeys} members' keys are missing; devices bring them`] : []),
      ...(movedTo === undefined ? [] : [`The old store was moved to ${movedTo}.`]),
      "Now run `serve`: devices bring what is newer by themselves.",
    ].join("\n"),
  );
}

/** The newest point, or a chosen one, of what lies on a target. */
async function recoverFromTarget(
  { dir, moveAside, point = "newest" }: RecoverSettings,
  place: string,
  recovery: RecoveryKey,
  { platform }: ServeDeps,
): Promise<Outcome> {
  const target = await targetAt(place, platform);
  if (!target)
    return failed(
      "no-target",
      `${place} is no folder, and no file with a target's settings as JSON.`,
    );
  try {
    const options = { dir, moveAside, recovery, target, point };
    const recovered = await recoverFromBackup(options, platform);
    if (recovered.ok) return finished(recovered.value, textOfRecovered(recovered.value));
    const { refusal } = recovered;
    return isOfRestore(refusal) ? ofRestore(refusal) : refusalOf(refusal);
  } catch (error) {
    return ofFault(error);
  } finally {
    await target.close().catch(() => undefined);
  }
}

function textOfRecovered(recovered: RecoveredFromBackup): string {
  const { backup, term, state, missingKeys, movedTo, restoredTo } = recovered;
  const { origin, https, targets } = recovered;
  const owed = state.liabilities.principal + state.liabilities.bonus;
  return [
    `Recovered from backup ${backup.point} of ${backup.time}: term ${term}.`,
    `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
    ...backup.damage.map(({ where, what }) => `damaged, and not needed: ${where}: ${what}`),
    ...(missingKeys > 0 ? [`${missingKeys} members' keys are missing; devices bring them`] : []),
    ...(movedTo === undefined ? [] : [`The old store was moved to ${movedTo}.`]),
    ...(origin === undefined ? [] : [`Devices open the app at ${origin}.`]),
    ...(https ? ["The authority that devices trust is here again."] : []),
    ...targets.again.map((name) => `${name} is a target of backups again.`),
    ...targets.toAdd.map(({ name }) => `Add the target ${name} again, with its password.`),
    `What was restored lies in ${restoredTo} and can be taken away.`,
    "Now run `serve`: devices bring what is newer by themselves.",
  ].join("\n");
}

async function targetAt(
  place: string,
  { files, targets }: ServeDeps["platform"],
): Promise<Target | undefined> {
  const stat = await files.stat(place);
  if (stat?.folder) return readFolder(place, files);
  const settings = targetSettings.safeParse(await readJson(files, place)).data;
  return settings && targets.open(settings);
}

/** The union of what some rescue files hold. */
async function recoverFromFiles(
  { dir, moveAside, rescue }: RecoverSettings & { rescue: readonly string[] },
  recovery: RecoveryKey,
  { platform }: ServeDeps,
): Promise<Outcome> {
  const recovered = await recoverFromRescue({ dir, moveAside, rescue, recovery }, platform);
  if (!recovered.ok) return refusalOf(recovered.refusal);
  const { term, state, missing, damage, movedTo } = recovered.value;
  const owed = state.liabilities.principal + state.liabilities.bonus;
  return finished(
    recovered.value,
    [
      `Recovered from ${rescue.length} rescue file(s): term ${term}.`,
      `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
      ...damage.map(({ file, line }) => `${file}: line ${line} is damaged and was left out`),
      ...missing.map(({ chain, from, to }) => `missing: ${chain}, operations ${from} to ${to}`),
      ...(movedTo === undefined ? [] : [`The old store was moved to ${movedTo}.`]),
      "Now run `serve`: devices bring what is missing or newer by themselves.",
    ].join("\n"),
  );
}

/** Waits for a device, takes over what it knows, and goes on serving. */
async function recoverFromNothing(
  settings: RecoverSettings,
  recovery: RecoveryKey,
  deps: ServeDeps,
): Promise<Outcome> {
  const { clock, timers, signatures } = deps.platform;
  return serve(settings, deps, ({ relay, identity }) =>
    relay.authority
      ? undefined
      : createRecoveryDesk({
          recovery,
          server: { device: identity.device, key: identity.signer.publicKey },
          found: (entries) => relay.found(entries),
          clock,
          timers,
          signatures,
        }),
  );
}

function refusalOf(refusal: RecoveryRefusal): Outcome {
  switch (refusal.code) {
    case "no-rescue-file":
      return failed(
        refusal.code,
        "A file is not there, or none of them is a rescue file that checks; nothing was changed.",
      );
    case "no-snapshot":
      return failed(refusal.code, "There is no such snapshot; nothing was changed.");
    case "wrong-recovery-key":
      return failed(
        refusal.code,
        "These words are not on this organisation's card; nothing was changed.",
      );
    case "live-data":
      return failed(
        refusal.code,
        `${refusal.folder} holds an organisation; use --move-aside to keep it beside, or another folder.`,
      );
    case "snapshot-damaged": {
      const { snapshot, damage, newestUndamaged } = refusal;
      const advice =
        newestUndamaged === undefined
          ? "No snapshot here is undamaged: recover from a device with --empty."
          : `The newest undamaged one is ${newestUndamaged}: --snapshot ${newestUndamaged}`;
      return damaged(
        { error: refusal },
        [`${snapshot} is damaged; nothing was changed.`, ...damage.map(textOf), advice].join("\n"),
      );
    }
  }
}

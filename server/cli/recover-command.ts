import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { createRecoveryDesk } from "../recovery/create-recovery-desk.ts";
import { type RecoveredFromBackup, recoverFromBackup } from "../recovery/recover-from-backup.ts";
import { recoverFromSnapshot } from "../recovery/recover-from-snapshot.ts";
import { isOfRestore, refusalOf as ofRestore } from "./backup-commands.ts";
import { failed, finished, type Outcome } from "./outcome.ts";
import { recoverTogether } from "./recover-together.ts";
import { noRecoveryKey, readRecoveryKey } from "./recovery-key-file.ts";
import { linesOfSystem, refusalOf } from "./recovery-sayings.ts";
import { type ServeDeps, type ServeSettings, serve } from "./serve-command.ts";
import { noTargetText, targetAt } from "./target-at.ts";
import { ofFault } from "./target-commands.ts";

export interface RecoverSettings extends ServeSettings {
  /** path of a file with the words, or `-` for the text in `typed` */
  keyFile: string;
  /** what came on standard input */
  typed: () => Promise<string>;
  snapshot: string;
  /** whether the folder of snapshots was named, so that it is one source among others */
  withSnapshots?: boolean;
  rescue?: readonly string[] | undefined;
  /** folders with backups, or files with a target's settings */
  backup?: readonly string[] | undefined;
  /** which point of a single one */
  point?: string | undefined;
  /** waits so many seconds at most for devices to call, and unites what they know too */
  devicesMost?: number | undefined;
  /** nothing but the recovery key: the first device that calls brings the rest */
  empty: boolean;
  /** a live store that is there is moved aside, never deleted */
  moveAside: boolean;
}

/** Makes a new server of whatever there is, under the next term. */
export async function recover(settings: RecoverSettings, deps: ServeDeps): Promise<Outcome> {
  const { files } = deps.platform;
  const key = await readRecoveryKey(settings.keyFile, { files, typed: settings.typed });
  if (!key) return noRecoveryKey();
  if (settings.empty) return recoverFromNothing(settings, key, deps);
  const { rescue = [], backup = [], withSnapshots = false, devicesMost } = settings;
  const folders = backup.length + (withSnapshots ? 1 : 0);
  if (rescue.length > 0 || devicesMost !== undefined || folders > 1)
    return recoverTogether({ ...settings, rescue, backup, withSnapshots }, key, deps);
  const [place] = backup;
  if (place !== undefined) return recoverFromTarget(settings, place, key, deps);
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
      "Now run `npm start`: devices bring what is newer by themselves.",
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
  if (!target) return failed("no-target", noTargetText(place));
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
  const { backup, term, state, missingKeys, movedTo } = recovered;
  const owed = state.liabilities.principal + state.liabilities.bonus;
  return [
    `Recovered from backup ${backup.point} of ${backup.time}: term ${term}.`,
    `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
    ...backup.damage.map(({ where, what }) => `damaged, and not needed: ${where}: ${what}`),
    ...(missingKeys > 0 ? [`${missingKeys} members' keys are missing; devices bring them`] : []),
    ...(movedTo === undefined ? [] : [`The old store was moved to ${movedTo}.`]),
    ...linesOfSystem(recovered),
    "Now run `npm start`: devices bring what is newer by themselves.",
  ].join("\n");
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

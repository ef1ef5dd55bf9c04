import type { TakenSystem } from "../recovery/recover-from-backup.ts";
import type { RecoveryRefusal } from "../recovery/recovery-refusal.ts";
import { damaged, failed, type Outcome } from "./outcome.ts";
import { textOf } from "./snapshot-commands.ts";

/** What of the old server's surroundings is here again. */
export const linesOfSystem = ({ origin, https, targets }: TakenSystem): string[] => [
  ...(origin === undefined ? [] : [`Devices open the app at ${origin}.`]),
  ...(https ? ["The authority that devices trust is here again."] : []),
  ...targets.again.map((name) => `${name} is a target of backups again.`),
  ...targets.toAdd.map(({ name }) => `Add the target ${name} again, with its password.`),
];

export function refusalOf(refusal: RecoveryRefusal): Outcome {
  switch (refusal.code) {
    case "nothing-readable":
      return failed(
        refusal.code,
        "None of these sources holds an authority log that can be read; nothing was changed. Add another one, or recover from a device with --empty.",
      );
    case "cancelled":
      return failed(refusal.code, "Broken off; nothing was changed.");
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

import { approveCommands } from "./approve-command.ts";
import { backupCommands } from "./backup-commands.ts";
import type { DataCommand } from "./data-command.ts";
import { httpsCommands } from "./https-command.ts";
import { importCommand, importUndoCommand } from "./import-command.ts";
import { initCommand } from "./init-command.ts";
import { pruneCommands } from "./prune-command.ts";
import { recoveryKeyCommands } from "./recovery-key-command.ts";
import { rescueCommands } from "./rescue-commands.ts";
import {
  snapshotCreateCommand,
  snapshotListCommand,
  snapshotShowCommand,
  snapshotVerifyCommand,
} from "./snapshot-commands.ts";
import { snapshotDiffCommand } from "./snapshot-diff-command.ts";
import { restoreCommands } from "./snapshot-restore-command.ts";
import { standbyCommands } from "./standby-data-commands.ts";
import { stateHashCommand, statusCommand } from "./status-command.ts";
import { targetCommands } from "./target-commands.ts";
import { snapshotThinCommand } from "./thin-versions.ts";
import { verifyCommand } from "./verify-command.ts";

/** Commands on a server's data, by the name under which the control socket knows them. */
export const dataCommands: Readonly<Record<string, DataCommand>> = {
  init: initCommand,
  status: statusCommand,
  "state-hash": stateHashCommand,
  verify: verifyCommand,
  import: importCommand,
  "import undo": importUndoCommand,
  "snapshot create": snapshotCreateCommand,
  "snapshot list": snapshotListCommand,
  "snapshot show": snapshotShowCommand,
  "snapshot verify": snapshotVerifyCommand,
  "snapshot diff": snapshotDiffCommand,
  "snapshot thin": snapshotThinCommand,
  ...restoreCommands,
  ...httpsCommands,
  ...rescueCommands,
  ...targetCommands,
  ...backupCommands,
  ...pruneCommands,
  ...approveCommands,
  ...recoveryKeyCommands,
  ...standbyCommands,
};

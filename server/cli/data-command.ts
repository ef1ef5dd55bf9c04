import type { BackupSchedule } from "../backups/backup-schedule.ts";
import type { OpenData } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import type { RunningServer } from "../serve/start-server.ts";
import type { Outcome } from "./outcome.ts";

/** What a command on a server's data works with, in the serving process or alone. */
export interface DataContext {
  data: OpenData;
  platform: ServerPlatform;
  /** present when the command came to a running server */
  running?: RunningServer | undefined;
  /** of a running server */
  backupSchedule?: BackupSchedule | undefined;
}

/** Arguments are JSON, because they may travel over the control socket. */
export type CommandArgs = Readonly<Record<string, unknown>>;

export type DataCommand = (context: DataContext, args: CommandArgs) => Promise<Outcome>;

export const textArg = (args: CommandArgs, name: string): string | undefined => {
  const value = args[name];
  return typeof value === "string" ? value : undefined;
};

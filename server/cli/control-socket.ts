import type { CommandArgs } from "./data-command.ts";
import type { Outcome } from "./outcome.ts";

/** How commands reach the process that serves a data folder. */
export interface ControlSocket {
  /**
   * Takes commands until closed. Only the folder's owner can reach it.
   * @param answer runs one command; it must not throw
   */
  serve(
    dir: string,
    answer: (command: string, args: CommandArgs) => Promise<Outcome>,
  ): Promise<{ close(): Promise<void> }>;
  /** @returns undefined when nobody serves the folder */
  ask(dir: string, command: string, args: CommandArgs): Promise<Outcome | undefined>;
}

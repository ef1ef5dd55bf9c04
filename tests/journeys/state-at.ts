import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { program, type RunningServer } from "./running-server.ts";

/** The program's command line on the server's data folder; its one JSON document. */
export async function youbei(server: RunningServer, ...args: string[]): Promise<unknown> {
  const data = ["--data", join(server.dir, "data"), "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, ...data]);
  return JSON.parse(stdout);
}

export const stateAt = async (server: RunningServer): Promise<StateSummary> =>
  (await youbei(server, "state-hash")) as StateSummary;

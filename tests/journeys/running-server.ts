import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../services/free-port.ts";

export const program = fileURLToPath(new URL("../../build/server/main.js", import.meta.url));
const startMsMax = 20_000;

/** The real server, as `npm start` runs it, on a folder and a port of its own. */
export interface RunningServer {
  url: string;
  /** printed while there is no organisation */
  setupCode: string;
  dir: string;
  /** SIGKILL: as when the power goes */
  kill(): Promise<void>;
  /** starts again on the same folder and port; `args` instead of `serve`, as `recover --empty` */
  restart(args?: readonly string[]): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * @param entry of the server: a copy of the built project may be changed while it is served
 * @param settings further variables of its environment
 */
export async function startServer(
  entry = program,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const dir = await mkdtemp(join(tmpdir(), "youbei-journey-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let child: ChildProcess | undefined;
  let setupCode = "";
  const start = async (args: readonly string[] = ["serve"]) => {
    const started = spawn(process.execPath, [entry, ...args], {
      env: {
        ...process.env,
        YOUBEI_DATA: join(dir, "data"),
        YOUBEI_PORT: String(port),
        YOUBEI_LOG: "warn",
        ...settings,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = started;
    const printed = await firstWords(started);
    setupCode = /([0-9A-Z]{4}-){3}[0-9A-Z]{4}/.exec(printed)?.[0] ?? "";
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null) return;
    const gone = once(ending, "exit");
    ending.kill(signal);
    await gone;
  };
  await start();
  return {
    url,
    dir,
    get setupCode() {
      return setupCode;
    },
    kill: () => end("SIGKILL"),
    restart: start,
    async dispose() {
      await end("SIGTERM");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What it prints until it serves. */
async function firstWords(child: ChildProcess): Promise<string> {
  let printed = "";
  return await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the server does not start: ${printed}`)),
      startMsMax,
    );
    const settle = () => {
      clearTimeout(timer);
      resolve(printed);
    };
    child.stdout?.on("data", (bytes: Buffer) => {
      printed += bytes.toString("utf8");
      // The address comes first, a set-up code in the same breath.
      if (printed.includes("http://")) setTimeout(settle, 200);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");

export interface ChildServer {
  url: string;
  /** from the start of the process until it answered, milliseconds */
  startMs: number;
  /** as a power switch would, without the power */
  kill(): Promise<void>;
  /** SIGTERM; @returns exit code and milliseconds it took */
  stop(): Promise<{ exit: number | null; stopMs: number }>;
}

/**
 * The server as it was built, in a process of its own.
 * @param command what it does instead of serving, as `standby` with its options
 */
export async function spawnServer(
  dir: string,
  port = 0,
  command: readonly string[] = ["serve"],
): Promise<ChildServer> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["build/server/main.js", ...command, "--json", "--data", dir, "--port", String(port)],
    {
      cwd: project,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, YOUBEI_LOG: "warn" },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await firstUrl(child, ended);
  return {
    url,
    startMs: performance.now() - began,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      const asked = performance.now();
      child.kill("SIGTERM");
      return { exit: await ended, stopMs: performance.now() - asked };
    },
  };
}

function firstUrl(child: ChildProcess, ended: Promise<number | null>): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = "";
    let err = "";
    child.stdout?.on("data", (data: Buffer) => {
      out += data.toString();
      if (out.includes("\n")) resolve((JSON.parse(out) as { url: string }).url);
    });
    child.stderr?.on("data", (data: Buffer) => {
      err += data.toString();
    });
    void ended.then((exit) => reject(new Error(`the server ended with ${exit}: ${err}`)));
  });
}

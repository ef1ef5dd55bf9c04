import { type ChildProcess, spawn } from "node:child_process";
import { projectFolder } from "../project-folder.ts";
import { type ProcessReading, readProcess } from "./read-process.ts";

/** A server under test, in a process of its own, that prints `{"url": …}` once it listens. */
export interface MeasuredProcess {
  url: string;
  pid: number;
  /** from the start of the process until it said its address, milliseconds */
  startMs: number;
  read(): ProcessReading;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface Program {
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export async function startMeasured({ args, env }: Program): Promise<MeasuredProcess> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      running.delete(child);
      resolve();
    });
  });
  const url = await Promise.race([
    firstUrl(child),
    ended.then(() => Promise.reject(new Error(`${args.join(" ")} ended`))),
  ]);
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    startMs: performance.now() - began,
    read: () => readProcess(pid),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Runs a program to its end. */
export async function runProgram({ args, env }: Program): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  running.add(child);
  let out = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  running.delete(child);
  if (exit !== 0) throw new Error(`${args.join(" ")} ended with ${exit}`);
  return out;
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let out = "";
    child.stdout?.on("data", (data: Buffer) => {
      out += data.toString();
      if (out.includes("\n")) resolve((JSON.parse(out) as { url: string }).url);
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { answers } from "./wire.ts";

/** A real server of somebody else's, running for a test. */
export interface Service {
  port: number;
  /** Ends it as a power switch would. */
  kill(): Promise<void>;
}

export interface ServiceProgram {
  program: string;
  args: readonly string[];
  port: number;
  /** all of its environment but PATH */
  env?: NodeJS.ProcessEnv;
  /** the account that it runs as, for one that refuses to be root */
  account?: Account | undefined;
}

interface Account {
  uid: number;
  gid: number;
}

/** Starts a program in the foreground and waits until its port answers. */
export async function startService(service: ServiceProgram): Promise<Service> {
  const { program, args, port, env, account } = service;
  const child = spawn(program, args, {
    ...account,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => said.push(bytes));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 300) {
      endGroup(child);
      throw new Error(`${program} does not answer on ${port}: ${Buffer.concat(said)}`);
    }
    await wait(50);
  }
  return {
    port,
    async kill() {
      endGroup(child);
      await ended;
    },
  };
}

/** With the processes that it has started itself. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

export const isInstalled = (...programs: readonly string[]): boolean => programs.every(existsSync);

/** An empty folder outside the project; whoever asks removes it. */
export async function serviceFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "youbei-service-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

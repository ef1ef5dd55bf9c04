import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import type { Strike } from "./write-points.ts";

const project = join(import.meta.dirname, "../..");

/** The killed server in one file, so that it starts in a quarter of a second. */
export interface Bundle {
  path: string;
  remove(): Promise<void>;
}

export async function bundleKilledServer(): Promise<Bundle> {
  // Below the project, where the server finds its own version.
  const outDir = join(project, "node_modules/.tmp", `killed-server-${process.pid}`);
  await build({
    configFile: false,
    root: project,
    logLevel: "error",
    build: { ssr: "tests/faults/killed-server.ts", outDir, emptyOutDir: true, target: "node20" },
    // One asks where its own file lies, the other looks for a compiled part beside it.
    ssr: { noExternal: true, external: ["write-file-atomic", "ssh2"] },
  });
  return {
    path: join(outDir, "killed-server.js"),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}

export interface End {
  signal: NodeJS.Signals | null;
  /** the point at which it was struck; undefined when it was killed from outside, or ended otherwise */
  hit: string | undefined;
  stderr: string;
}

export interface LethalServer {
  /** undefined when it ended before it served */
  ready: Promise<{ url: string; startMs: number } | undefined>;
  ended: Promise<End>;
  hasEnded(): boolean;
  /** Resolves when it will die at the point. */
  arm(strike: Strike): Promise<void>;
  kill(): Promise<void>;
}

export interface LethalStart {
  bundle: Bundle;
  /** scratch of its own, apart from the data */
  hitsFolder: string;
  dir: string;
  port?: number;
  strike?: Strike | undefined;
}

/** Starts the server in a process of its own, already armed where something is to happen at the start. */
export async function startLethalServer(options: LethalStart): Promise<LethalServer> {
  const { bundle, dir, port = 0, strike, hitsFolder } = options;
  await mkdir(hitsFolder, { recursive: true });
  const hitsFile = join(hitsFolder, "hit");
  await rm(hitsFile, { force: true });
  const began = performance.now();
  const args = ["serve", "--json", "--data", dir, "--port", String(port)];
  const child = spawn(process.execPath, [bundle.path, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      YOUBEI_HITS: hitsFile,
      ...(strike ? { YOUBEI_STRIKE: JSON.stringify(strike) } : {}),
    },
  });
  let stderr = "";
  child.stderr?.on("data", (data: Buffer) => {
    stderr += data.toString();
  });
  const ended = new Promise<End>((resolve) => {
    child.once("exit", (_code, signal) => {
      void readFile(hitsFile, "utf8")
        .catch(() => undefined)
        .then((hit) => resolve({ signal, hit, stderr }));
    });
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    ready: firstUrl(child, ended, began),
    ended,
    hasEnded: isOver,
    arm: (armed) =>
      new Promise((resolve, reject) => {
        child.once("message", () => resolve());
        child.once("exit", () => reject(new Error(`it ended before it was armed: ${stderr}`)));
        child.send(armed);
      }),
    async kill() {
      if (!isOver()) child.kill("SIGKILL");
      await ended;
    },
  };
}

function firstUrl(child: ChildProcess, ended: Promise<End>, began: number) {
  return new Promise<{ url: string; startMs: number } | undefined>((resolve) => {
    let out = "";
    child.stdout?.on("data", (data: Buffer) => {
      out += data.toString();
      if (!out.includes("\n")) return;
      // A server that cannot serve says why in the same place.
      const { url } = JSON.parse(out) as { url?: string };
      if (url !== undefined) resolve({ url, startMs: performance.now() - began });
    });
    void ended.then(() => resolve(undefined));
  });
}

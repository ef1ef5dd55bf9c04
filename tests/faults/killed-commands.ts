import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import type { CommandArgs } from "../../server/cli/data-command.ts";
import { dataCommands } from "../../server/cli/data-commands.ts";
import { runProgram } from "../../server/cli/program.ts";
import { openData } from "../../server/data/open-data.ts";
import { memoryLog } from "../server/server-harness.ts";
import type { Bundle } from "./lethal-server.ts";
import type { Death } from "./step-killer.ts";

/** A machine's folder with a server's `data` in it, a disk, a card; and how far its clock is ahead. */
export interface Machine {
  root: string;
  aheadMs: number;
  /** name of the folder of data on which commands work */
  data: string;
}

export interface Answer {
  exit: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  json: any;
}

const optionsOf = ({ root, data }: Machine): string[] => ["--json", "--data", join(root, data)];

/** The program in this process. */
export async function youbei(machine: Machine, args: readonly string[]): Promise<Answer> {
  let out = "";
  const exit = await runProgram([...args, ...optionsOf(machine)], {
    platform: {
      ...createNodePlatform(memoryLog()),
      clock: { nowMs: () => Date.now() + machine.aheadMs },
    },
    control: unixControlSocket,
    signals: { first: () => new Promise(() => {}), forceAfter: () => {} },
    env: {},
    folder: machine.root,
    typed: async () => "",
    out(text) {
      out += text;
    },
    err: () => {},
  });
  return { exit, json: out === "" ? undefined : JSON.parse(out) };
}

/** @throws Error with what was said, when it did not end well */
export type Ask = (name: string, args?: CommandArgs) => Promise<Answer["json"]>;

/** Several commands on the machine's data, which is opened for them once: as a start does. */
export async function opened<Made>(
  { root, data, aheadMs }: Machine,
  work: (ask: Ask) => Promise<Made>,
): Promise<Made> {
  const clock = { nowMs: () => Date.now() + aheadMs };
  const platform = { ...createNodePlatform(memoryLog()), clock };
  const open = await openData({ dir: join(root, data) }, platform);
  try {
    return await work(async (name, args = {}) => {
      const outcome = await dataCommands[name]?.({ data: open, platform }, args);
      if (outcome?.exit !== 0) throw new Error(`${name}: ${JSON.stringify(outcome?.json)}`);
      return JSON.parse(JSON.stringify(outcome.json));
    });
  } finally {
    await open.close();
  }
}

/** @throws Error with what was said, when it did not end well */
export async function must(machine: Machine, args: readonly string[]): Promise<Answer["json"]> {
  const { exit, json } = await youbei(machine, args);
  if (exit !== 0) throw new Error(`${args.join(" ")}: ${exit} ${JSON.stringify(json)}`);
  return json;
}

export interface Ended {
  exit: number | null;
  signal: NodeJS.Signals | null;
  /** the step at which it was killed */
  hit: string | undefined;
  out: string;
  err: string;
}

/** The program in a process of its own, in which every step may be the last. */
export async function runToDeath(
  bundle: Bundle,
  machine: Machine,
  args: readonly string[],
  death: Omit<Death, "root">,
): Promise<Ended> {
  const hits = `${machine.root}-hits`;
  await mkdir(hits, { recursive: true });
  await rm(join(hits, "hit"), { force: true });
  const { root, aheadMs } = machine;
  const child = spawn(process.execPath, [bundle.path, ...args, ...optionsOf(machine)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      YOUBEI_HITS: join(hits, "hit"),
      YOUBEI_DEATH: JSON.stringify({ ...death, root } satisfies Death),
      YOUBEI_AHEAD: String(aheadMs),
    },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    err += data.toString();
  });
  const [exit, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once("close", (...ends) => resolve(ends));
  });
  const hit = await readFile(join(hits, "hit"), "utf8").catch(() => undefined);
  return { exit, signal, hit, out, err };
}

/** @returns the names of all steps that a command takes, in their order */
export async function stepsOf(
  bundle: Bundle,
  machine: Machine,
  args: readonly string[],
): Promise<string[]> {
  const traceFile = `${machine.root}-trace.json`;
  const ended = await runToDeath(bundle, machine, args, { traceFile });
  if (ended.exit !== 0)
    throw new Error(`${args.join(" ")}: ${ended.exit} ${ended.out}${ended.err}`);
  return JSON.parse(await readFile(traceFile, "utf8")) as string[];
}

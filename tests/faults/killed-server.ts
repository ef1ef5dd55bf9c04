import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { nodeStopSignals } from "../../server/adapters/node-stop-signals.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { Executioner, lethalFiles, lethalLockFiles, makeFsLethal } from "./lethal-files.ts";
import { type Death, StepKiller } from "./step-killer.ts";
import type { Strike } from "./write-points.ts";

// The server's own program on a disk that kills it: armed from the environment for what happens
// at the start, by a message for what happens later.

const { env } = process;
const hitsFile = env["YOUBEI_HITS"] ?? "";
const death = env["YOUBEI_DEATH"];
const executioner = death
  ? new StepKiller(hitsFile, JSON.parse(death) as Death)
  : new Executioner(hitsFile);
const strike = env["YOUBEI_STRIKE"];
if (strike !== undefined) executioner.arm(JSON.parse(strike) as Strike);
process.on("message", (message) => {
  executioner.arm(message as Strike);
  process.send?.("armed");
});
// Its test is gone: so is the reason to run.
process.on("disconnect", () => process.exit(1));

const say = (level: string) => (facts: object, message: string) =>
  void process.stderr.write(`${level} ${message} ${JSON.stringify(facts)}\n`);
const log = { info: () => undefined, warn: say("warn"), error: say("error") };

makeFsLethal(executioner);
const platform = createNodePlatform(log, lethalFiles(createNodeFiles(), executioner));
const aheadMs = Number(env["YOUBEI_AHEAD"] ?? 0);
const clock = { nowMs: () => Date.now() + aheadMs };
const exit = await runProgram(process.argv.slice(2), {
  platform: { ...platform, clock, lockFiles: lethalLockFiles(platform.lockFiles, executioner) },
  control: unixControlSocket,
  signals: nodeStopSignals,
  env: {},
  folder: process.cwd(),
  typed: async () => "",
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
if (executioner instanceof StepKiller) executioner.tell();
process.stdout.write("", () => process.exit(exit));

import { spawnSync } from "node:child_process";
import { projectFolder } from "./project.mjs";

/**
 * @typedef {object} RunOptions
 * @property {"stdout" | "stderr" | "on-failure"} [output] where the program's output goes;
 *   `on-failure` shows it on stderr, and only when the program fails
 * @property {NodeJS.ProcessEnv} [env]
 */

/**
 * Runs a program in the project's folder to its end, without stdin.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {boolean} whether it ended well
 */
export function run(program, args, { output = "stderr", env = process.env } = {}) {
  const target = output === "stdout" ? process.stdout.fd : process.stderr.fd;
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: projectFolder,
    env,
    stdio: output === "on-failure" ? ["ignore", "pipe", "pipe"] : ["ignore", target, target],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (output === "on-failure" && status !== 0)
    process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  if (error) process.stderr.write(`${program}: ${error.message}\n`);
  return status === 0;
}

/**
 * Runs a tool that this package depends on.
 * @param {string} script path of the tool's entry below node_modules
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export const runTool = (script, args, options) =>
  run(process.execPath, [`${projectFolder}node_modules/${script}`, ...args], options);

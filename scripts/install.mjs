import { existsSync, readFileSync } from "node:fs";
import { projectFolder } from "./project.mjs";
import { run } from "./run.mjs";

/** Brings node_modules in line with the lock file; quick when it is already. */
export function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write("Installing what package-lock.json names (npm ci) …\n");
  const args = ["ci", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const installed = npm?.endsWith(".js")
    ? run(process.execPath, [npm, ...args])
    : run(process.platform === "win32" ? "npm.cmd" : "npm", args);
  if (!installed) throw new Error("npm ci failed: see above. It needs the network once.");
}

/** npm keeps what it has installed in a lock file of the same shape inside node_modules. */
function isInstalled() {
  const installedLock = `${projectFolder}node_modules/.package-lock.json`;
  if (!existsSync(installedLock)) return false;
  const wanted = packagesOf(`${projectFolder}package-lock.json`);
  const installed = packagesOf(installedLock);
  const missing = Object.entries(wanted).some(
    ([path, { version, optional }]) =>
      path !== "" && !optional && installed[path]?.version !== version,
  );
  const extraneous = Object.keys(installed).some((path) => !(path in wanted));
  return !missing && !extraneous;
}

/**
 * @param {string} lock
 * @returns {Record<string, { version: string, optional?: boolean }>}
 */
const packagesOf = (lock) => JSON.parse(readFileSync(lock, "utf8")).packages;

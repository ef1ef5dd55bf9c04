import { existsSync, readFileSync } from "node:fs";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { requireNode } from "./node-version.mjs";
import { projectFolder } from "./project.mjs";
import { run } from "./run.mjs";

// Ours beside its peers. The peers' packages are not the product's: they are installed here, on demand.
const benchFolder = `${projectFolder}tests/bench`;

requireNode();
ensureInstalled();
ensurePeersInstalled();
ensureBuilt("server", { output: "on-failure" });
const args = ["--import", "tsx", `${benchFolder}/main.ts`, ...process.argv.slice(2)];
process.exitCode = run(process.execPath, args, { output: "stdout" }) ? 0 : 1;

function ensurePeersInstalled() {
  const installed = `${benchFolder}/node_modules/.package-lock.json`;
  if (existsSync(installed) && isAsLocked(installed)) return;
  process.stderr.write("Installing the peers (npm ci); SQLite is compiled, a minute or two …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  if (!run(npm, ["ci", "--no-audit", "--no-fund", "--prefix", benchFolder]))
    throw new Error("the peers cannot be installed: see above");
}

/** @param {string} installed npm's own note of what it has installed */
function isAsLocked(installed) {
  const wanted = packagesOf(`${benchFolder}/package-lock.json`);
  const there = packagesOf(installed);
  return Object.entries(wanted).every(
    ([path, { version, optional, extraneous }]) =>
      path === "" || optional || extraneous || there[path]?.version === version,
  );
}

/**
 * @param {string} lock
 * @returns {Record<string, { version: string, optional?: boolean, extraneous?: boolean }>}
 */
function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, "utf8")).packages;
}

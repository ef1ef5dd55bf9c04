import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isMain, projectFolder } from "./project.mjs";
import { runTool } from "./run.mjs";
import { sourceDigest } from "./source-digest.mjs";

/** @typedef {"client" | "server"} Target */

const folders = { client: "dist", server: "build" };

/**
 * Builds aside and swaps the folder in, so that nobody ever sees half a build.
 * @param {Target} target
 * @param {import("./run.mjs").RunOptions} [options]
 */
export function build(target, options) {
  const digest = sourceDigest(target);
  const fresh = `${projectFolder}node_modules/.tmp/${folders[target]}-${process.pid}`;
  const built =
    target === "client"
      ? runTool("vite/bin/vite.js", ["build", "--outDir", fresh, "--emptyOutDir"], options)
      : runTool(
          "typescript/bin/tsc",
          ["-p", "tsconfig.server.json", "--noEmit", "false", "--outDir", fresh],
          options,
        );
  if (!built) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`the ${target} does not build: see above`);
  }
  writeFileSync(`${fresh}/.digest`, digest);
  swapIn(fresh, projectFolder + folders[target]);
}

/**
 * @param {Target} target
 * @param {import("./run.mjs").RunOptions} [options]
 */
export function ensureBuilt(target, options) {
  const stamp = `${projectFolder}${folders[target]}/.digest`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sourceDigest(target)) return;
  process.stderr.write(`Building the ${target} …\n`);
  build(target, options);
}

/**
 * @param {string} fresh
 * @param {string} place
 */
function swapIn(fresh, place) {
  const old = `${fresh}-old`;
  mkdirSync(`${projectFolder}node_modules/.tmp`, { recursive: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}

if (isMain(import.meta.url)) {
  const named = process.argv.slice(2);
  for (const target of /** @type {const} */ (["server", "client"]))
    if (named.length === 0 || named.includes(target)) build(target);
}

import { readFileSync } from "node:fs";
import { projectFolder } from "./project.mjs";

/** @typedef {Record<string, { version?: string, optionalDependencies?: Record<string, string> }>} Packages */

/**
 * Platform packages that a dependency names and the lock lacks: `npm ci` refuses such a lock, here or
 * on another system. It comes of a release whose platform packages are not all published.
 * @param {Packages} packages the lock's
 * @returns {string[]}
 */
export function missingFromLock(packages) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesFor(path, name).some((place) => place in packages))
      .map((name) => `${path} wants ${name}`),
  );
}

/**
 * Where Node looks for `name` from `path` upwards.
 * @param {string} path
 * @param {string} name
 * @returns {string[]}
 */
function placesFor(path, name) {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/")));
  const here = `${path === "" ? "" : `${path}/`}node_modules/${name}`;
  return path === "" ? [here] : [here, ...placesFor(parent, name)];
}

export function checkLock() {
  const lock = JSON.parse(readFileSync(`${projectFolder}package-lock.json`, "utf8"));
  const missing = missingFromLock(lock.packages);
  for (const line of missing) process.stderr.write(`package-lock.json: ${line}\n`);
  return missing.length === 0;
}

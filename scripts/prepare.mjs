import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { requireNode } from "./node-version.mjs";

/**
 * Installs and builds what is missing, or says what is in the way and ends.
 * @param {readonly ("client" | "server")[]} targets
 */
export function prepare(...targets) {
  requireNode();
  try {
    ensureInstalled();
    for (const target of targets) ensureBuilt(target, { output: "on-failure" });
  } catch (error) {
    process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
    process.exit(1);
  }
}

import { projectFolder } from "./project.mjs";

/**
 * Becomes the built program, in this very process: signals, exit code and output are its own.
 * @param {readonly string[]} args
 */
export async function launch(args) {
  const main = `${projectFolder}build/server/main.js`;
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, main, ...args];
  await import(new URL("../build/server/main.js", import.meta.url).href);
}

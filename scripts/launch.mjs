import { projectFolder } from "./project.mjs";

/**
 * Becomes the built program, in this very process: signals, exit code and output are its own.
 * @param {readonly string[]} args
 */
export async function launch(args) {
  if (process.env.npm_lifecycle_event) endWithNpm();
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, `${projectFolder}build/server/main.js`, ...args];
  await import(new URL("../build/server/main.js", import.meta.url).href);
}

/**
 * npm runs scripts in a shell and hands its SIGTERM to the shell, which dies and tells nobody: without
 * this, `kill` on npm would leave a server behind that nobody knows of.
 */
function endWithNpm() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 250).unref();
}

import { checkLock } from "./lock.mjs";
import { isMain } from "./project.mjs";
import { runTool } from "./run.mjs";

/** @type {readonly { name: string, passes: () => boolean }[]} */
const checks = [
  { name: "types", passes: () => runTool("typescript/bin/tsc", ["-b"], { output: "stdout" }) },
  {
    name: "format and lint",
    passes: () =>
      runTool(
        "@biomejs/biome/bin/biome",
        ["ci", `--colors=${process.stdout.isTTY ? "force" : "off"}`],
        {
          output: "stdout",
        },
      ),
  },
  { name: "nothing unused", passes: () => runTool("knip/bin/knip.js", [], { output: "stdout" }) },
  { name: "lock file complete", passes: checkLock },
];

/** Runs every check, whatever the others say. */
export function runChecks() {
  let failed = 0;
  for (const { name, passes } of checks) {
    const passed = passes();
    if (!passed) failed += 1;
    process.stdout.write(`${passed ? "✓" : "✗"} ${name}\n`);
  }
  return { passed: checks.length - failed, failed };
}

if (isMain(import.meta.url)) process.exitCode = runChecks().failed === 0 ? 0 : 1;

import { existsSync, readFileSync, rmSync } from "node:fs";
import { ensureBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { runChecks } from "./check.mjs";
import { ensureInstalled } from "./install.mjs";
import { requireNode } from "./node-version.mjs";
import { projectFolder } from "./project.mjs";
import { runTool } from "./run.mjs";
import { ensureServices } from "./services.mjs";
import { readReport } from "./test-report.mjs";

requireNode();
const browser = await prepare();
// On their way while checks and builds run: these need another minute, and nothing of them.
const services = ensureServices();
const checks = runChecks();
const builds = runBuilds();
await services;
const filters = process.argv.slice(2);
const tests = builds.failed === 0 ? runTests(filters) : readReport(undefined, false);

// A filter by title leaves out nearly everything: nobody wants that listed.
if (filters.length === 0)
  for (const label of tests.skipped)
    process.stdout.write(`skipped: ${label.replace(projectFolder, "")}\n`);
const passed = checks.passed + builds.passed + tests.passed;
const failed = checks.failed + builds.failed + tests.failed;
const skipped = tests.skipped.length === 0 ? "" : `, ${tests.skipped.length} skipped`;
process.stdout.write(`${passed} passed, ${failed} failed${skipped}\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function prepare() {
  try {
    ensureInstalled();
    return await ensureBrowser();
  } catch (error) {
    process.stdout.write(`${/** @type {Error} */ (error).message}\n0 passed, 1 failed\n`);
    process.exit(1);
  }
}

function runBuilds() {
  const counts = { passed: 0, failed: 0 };
  for (const target of /** @type {const} */ (["server", "client"]))
    try {
      build(target, { output: "on-failure" });
      counts.passed += 1;
      process.stdout.write(`✓ ${target} builds\n`);
    } catch {
      counts.failed += 1;
      process.stdout.write(`✗ ${target} does not build; no test was run\n`);
    }
  return counts;
}

/** @param {readonly string[]} wanted as Vitest takes them: parts of file names, `-t` and so on */
function runTests(wanted) {
  const file = `${projectFolder}node_modules/.tmp/tests.json`;
  rmSync(file, { force: true });
  const endedWell = runTool(
    "vitest/vitest.mjs",
    [
      "run",
      "--allowOnly=false",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...wanted,
    ],
    { output: "stdout", env: { ...process.env, CHROMIUM_PATH: browser } },
  );
  const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  return readReport(report, endedWell);
}

import { ensureBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { requireNode } from "./node-version.mjs";
import { runTool } from "./run.mjs";

// The long tails of what `npm test` tries a little of: more seeds, more mutants, more kills. Arguments
// choose among them, as Vitest takes them: `npm run soak -- tests/simulation`.
requireNode();
ensureInstalled();
const browser = await ensureBrowser();
for (const target of /** @type {const} */ (["server", "client"]))
  build(target, { output: "on-failure" });
const wanted = process.argv.slice(2);
const chosen =
  wanted.length > 0 ? wanted : ["tests/simulation", "tests/fuzz", "tests/faults", "tests/backups"];
const env = { ...process.env, CHROMIUM_PATH: browser, YOUBEI_SOAK: "1" };
const endedWell = runTool("vitest/vitest.mjs", ["run", "--project", "node", ...chosen], {
  output: "stdout",
  env,
});
process.exitCode = endedWell ? 0 : 1;

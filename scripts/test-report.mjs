/**
 * What we read of Vitest's JSON report.
 * @typedef {object} Report
 * @property {{
 *   name: string,
 *   status: string,
 *   message?: string,
 *   assertionResults: { status: string, fullName: string }[]
 * }[]} testResults one per test file
 */

/**
 * Counts what a run of Vitest came to. A file that does not load, or whose clean-up fails, is one
 * failure; so is a run that ends badly with every test passed (an error outside any test).
 * @param {Report | undefined} report undefined when Vitest left none
 * @param {boolean} endedWell
 * @returns {{ passed: number, failed: number, skipped: string[] }} skipped: `file > test`, absolute
 */
export function readReport(report, endedWell) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, fullName }) => ({ status, label: `${name} > ${fullName}` })),
  );
  const brokenFiles = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const passed = tests.filter(({ status }) => status === "passed").length;
  const failed = tests.filter(({ status }) => status === "failed").length + brokenFiles.length;
  const skipped = tests
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map(({ label }) => label);
  return { passed, failed: failed === 0 && !endedWell ? 1 : failed, skipped };
}

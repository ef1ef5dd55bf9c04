import { expect, test } from "vitest";
import { readReport } from "../../scripts/test-report.mjs";

const file = (status: string, ...tests: string[]) => ({
  name: "tests/a.test.ts",
  status,
  assertionResults: tests.map((outcome, index) => ({ status: outcome, fullName: `test ${index}` })),
});
const count = (endedWell: boolean, ...testResults: ReturnType<typeof file>[]) =>
  readReport({ testResults }, endedWell);

test("passed, failed and skipped tests are told apart", () => {
  expect(
    count(false, file("failed", "passed", "failed", "passed"), file("passed", "skipped")),
  ).toEqual({ passed: 2, failed: 1, skipped: ["tests/a.test.ts > test 0"] });
});

test("a test left to do counts as skipped", () => {
  expect(count(true, file("passed", "todo", "pending")).skipped).toHaveLength(2);
});

test("a file that does not load is a failure", () => {
  expect(count(false, file("failed"), file("passed", "passed"))).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test("a clean-up that fails after passed tests is a failure", () => {
  expect(count(false, file("failed", "passed"))).toMatchObject({ passed: 1, failed: 1 });
});

test("an error outside any test is a failure", () => {
  expect(count(false, file("passed", "passed"))).toMatchObject({ passed: 1, failed: 1 });
});

test("no report at all is a failure", () => {
  expect(readReport(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: [] });
});

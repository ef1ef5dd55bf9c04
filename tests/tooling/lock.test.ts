import { expect, test } from "vitest";
import { missingFromLock } from "../../scripts/lock.mjs";

const wants = (...names: string[]) => ({
  optionalDependencies: Object.fromEntries(names.map((name) => [name, "1"])),
});

test("a platform package that the lock lacks is named", () => {
  expect(
    missingFromLock({
      "node_modules/rollup": wants("@rollup/linux", "@rollup/windows"),
      "node_modules/@rollup/linux": {},
    }),
  ).toEqual(["node_modules/rollup wants @rollup/windows"]);
});

test("a platform package counts wherever Node would find it", () => {
  expect(
    missingFromLock({
      "node_modules/vite": {},
      "node_modules/vite/node_modules/rollup": wants("@rollup/a", "@rollup/b", "@rollup/c"),
      "node_modules/vite/node_modules/rollup/node_modules/@rollup/a": {},
      "node_modules/vite/node_modules/@rollup/b": {},
      "node_modules/@rollup/c": {},
    }),
  ).toEqual([]);
});

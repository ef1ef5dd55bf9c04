import { expect, test } from "vitest";
import { createScanReader } from "../../client/shop/scanner.ts";

const strokes = (codes: readonly string[], gapMs: number) =>
  codes.map((code, at) => ({ code, shift: false, atMs: at * gapMs }));
const digits = [..."00012345"].map((digit) => `Digit${digit}`);
const lastOf = (codes: readonly string[], gapMs: number) => {
  const read = createScanReader();
  return strokes(codes, gapMs).map(read).at(-1);
};

test("a scanner's code is read whole at its Enter", () => {
  expect(lastOf([...digits, "Enter"], 8)).toBe("00012345");
});

test("letters are read from the keyboard's places, whatever the input method makes of them", () => {
  expect(lastOf(["KeyV", "KeyI", "KeyP", "Minus", "Digit7", "NumpadEnter"], 8)).toBe("vip-7");
});

test("a person's typing is no scan", () => {
  expect(lastOf([...digits, "Enter"], 120)).toBeUndefined();
});

test("three quick keys are no scan", () => {
  expect(lastOf(["Digit1", "Digit2", "Digit3", "Enter"], 8)).toBeUndefined();
});

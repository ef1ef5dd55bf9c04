import "./ambient.ts";
import { expect, test } from "vitest";
import { patience } from "../harness/effort.ts";
import { simulate } from "./simulate.ts";

test("the same seed tells the same story, message for message", {
  timeout: patience(120_000),
}, async () => {
  for (const seed of [3, 26, 40]) {
    const first = await simulate(seed);
    const again = await simulate(seed);
    expect(again.traceHash, `seed ${seed}`).toBe(first.traceHash);
    expect(again.events).toBe(first.events);
  }
});

test("another seed tells another story", { timeout: patience(120_000) }, async () => {
  const [one, other] = [await simulate(3), await simulate(4)];
  expect(one.traceHash).not.toBe(other.traceHash);
});

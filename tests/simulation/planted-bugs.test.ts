import "./ambient.ts";
import { describe, expect, test } from "vitest";
import { patience } from "../harness/effort.ts";
import { plantedBugs } from "./planted/bugs.ts";
import { hunt } from "./planted/hunt.ts";
import { simulate } from "./simulate.ts";

describe("every checker can fail: a mistake in the product is caught", () => {
  test.each(plantedBugs)("$name: $story", { timeout: patience(300_000) }, async (bug) => {
    const caught = await hunt(bug);
    if (!caught) expect.fail(`nobody noticed "${bug.name}"`);
    const { checker, seed, complaints } = caught;
    console.info(
      `${bug.name}: caught by "${checker}" after ${seed} seeds: ${complaints[0]?.slice(0, 160)}`,
    );
    // The same history without the mistake breaks no promise: it was the mistake that was caught.
    const { broken } = await simulate(seed, bug.faults ? { faults: bug.faults } : {});
    expect(broken).toBeUndefined();
  });
});

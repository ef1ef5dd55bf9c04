import { describe, expect, test } from "vitest";
import { patience } from "../harness/effort.ts";
import { plantedBugs } from "./planted/bugs.ts";
import { hunt } from "./planted/hunt.ts";

describe("every checker can fail: a mistake in the product is caught", () => {
  test.each(plantedBugs)("$name: $story", { timeout: patience(300_000) }, async (bug) => {
    const caught = await hunt(bug);
    expect(caught, `nobody noticed "${bug.name}"`).toBeDefined();
    console.info(
      `${bug.name}: caught by "${caught?.checker}" after ${caught?.seed} seeds: ${caught?.complaints[0]?.slice(0, 160)}`,
    );
  });
});

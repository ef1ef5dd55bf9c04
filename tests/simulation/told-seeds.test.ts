import "./ambient.ts";
import { describe, test } from "vitest";
import { patience } from "../harness/effort.ts";
import { expectUnbroken } from "./try-seeds.ts";

/** Histories that once broke a promise, each with what it taught. */
const stories: readonly [seed: number, story: string][] = [
  [26, "keys that met a full server were never offered again, and held up all runs behind them"],
  [
    161,
    "of the history that did not count, only the first run reached a server that was made anew",
  ],
  [
    181,
    "a server followed the shorter history of a device; others asked it for ever and told it nothing",
  ],
  [184, "a new server took lots back that the old one had taken back, before it had been told"],
  [246, "a device whose disk was full just when it learnt why it was not let in never asked again"],
  [384, "the server was lost twice, the second time before anybody had met the first successor"],
  [533, "a server was recovered from before somebody was added to the staff"],
  [
    1055,
    "a server was put back to before a device was enrolled, which alone knew of it and was turned away",
  ],
  [
    4351,
    "a lost till was replaced at a server that had just been made anew; what it had sold turned up later",
  ],
];

describe("stories that are told again", () => {
  test.each(stories)("seed %i: %s", { timeout: patience(120_000) }, async (seed) => {
    await expectUnbroken(seed);
  });
});

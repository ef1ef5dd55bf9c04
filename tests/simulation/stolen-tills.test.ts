import "./ambient.ts";
import { test } from "vitest";
import { effort, patience } from "../harness/effort.ts";
import type { FaultName } from "./faults.ts";
import { expectUnbroken } from "./try-seeds.ts";

const histories = effort(12, 400);

/** Together with what moves a cut, or takes away what is known of the stolen till and of its stop. */
const misfortunes: readonly FaultName[][] = [
  ["replaced till sells on", "link cut", "server dark"],
  ["replaced till sells on", "till lost", "server lost", "snapshot"],
  ["replaced till sells on", "till rolled back", "till crashed", "till crashed", "server put back"],
];

test.each(misfortunes.map((faults) => [faults.join(", "), faults] as const))(
  "what a stolen till sells counts until the owner stops it, and nothing beyond: %s [ID3] [ID5]",
  async (_, faults) => {
    for (let seed = 1; seed <= histories; seed++) await expectUnbroken(seed, { faults, tills: 3 });
  },
  patience(300_000),
);

import "./ambient.ts";
import { expect, test } from "vitest";
import { effort, patience } from "../harness/effort.ts";
import type { FaultName } from "./faults.ts";
import { simulate } from "./simulate.ts";

const histories = effort(16, 400);

/** Changes of rights that come shortly before a server dies, and servers that are older than they were. */
const misfortunes: readonly FaultName[][] = [
  ["till cloned", "till rolled back", "server lost", "server lost", "till crashed"],
  ["snapshot", "till cloned", "server lost", "link cut", "till crashed", "server lost"],
];

test.each(misfortunes.map((faults) => [faults.join(", "), faults] as const))(
  "no change of rights is lost, and nobody is turned away for good: %s [AC7] [AC8] [AC10] [AC11]",
  async (_, faults) => {
    for (let seed = 1; seed <= histories; seed++) {
      const { broken } = await simulate(seed, { faults, tills: 3 });
      if (broken) expect.fail([`seed ${seed}: ${broken.checker}`, ...broken.complaints].join("\n"));
    }
  },
  patience(300_000),
);

import "./ambient.ts";
import { describe, test } from "vitest";
import { patience } from "../harness/effort.ts";
import type { SimulationOptions } from "./simulate.ts";
import { expectUnbroken } from "./try-seeds.ts";

const clones: SimulationOptions = {
  tills: 3,
  faults: ["till cloned", "link cut", "server lost", "till cloned", "server lost", "link cut"],
};
const returns: SimulationOptions = {
  tills: 3,
  faults: [
    "snapshot",
    "server lost",
    "till lost",
    "till lost",
    "server put back",
    "server lost",
    "server put back",
  ],
};
const rollbacks: SimulationOptions = {
  tills: 3,
  faults: [
    "replaced till sells on",
    "till rolled back",
    "till crashed",
    "till crashed",
    "server put back",
  ],
};
const thefts: SimulationOptions = {
  tills: 3,
  faults: ["replaced till sells on", "link cut", "server dark"],
};

/** Histories that once broke a promise, each with what it taught. */
const stories: readonly [seed: number, story: string, options?: SimulationOptions][] = [
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
  [
    1976,
    "a device was cut off before it had closed an import, which the oracle took for closed all the same",
  ],
  [2521, "a month was begun while the disk failed, and its name was never flushed"],
  [4016, "the last operations before a cut were lost; what was left of those before them counts"],
  [
    5427,
    "a device was put back, and the server that alone could have missed something died with it",
  ],
  [
    6326,
    "of the other history the end came first, and displaced what counted beyond the cut for good",
  ],
  [7061, "the same: a server that the first till alone had refilled held less than that till"],
  [7643, "the same, once more by the first till alone"],
  [7776, "the same, by the copy of the first till alone"],
  [8737, "the same, by the third till alone"],
  [605, "what stood apart was never announced to a till whose copy of the document differed"],
  [783, "the same, to three tills at once"],
  [
    6804,
    "of another history only the head was at the server, which a till asked for what counts at the till",
  ],
  [1711, "a till that was not told what stood apart never came to rest"],
  [
    7706,
    "a month was followed on from a server that had been put back since it was compared, and held a run twice",
  ],
  [5582, "replicas ended under two labels; gone with what mended 7706"],
  [2207, "a top-up was built on what does not count; gone with what mended 7706"],
  [
    5183,
    "a device was put back, learnt what it lacked, forgot that at its next start and recorded it anew",
  ],
  [
    5509,
    "a till was lost of which only a server knew that was put back and then lost: nobody is left to tell",
  ],
  [8551, "a till was put back twice, and the second copy brought back what the first had lacked"],
  [2762, "folding again changed what stands apart, but not how much of it; nobody was told"],
  [
    71,
    "a lost till was given again once another had taken its place; the owner has to stop it",
    { faults: ["server lost", "till lost", "till lost", "server lost"] },
  ],
  [
    31,
    "a member was added while a version was written, which then had more keys than pages",
    clones,
  ],
  [64, "a run of the other history came before what it follows, and no version verified", clones],
  [10, "a server that was given up for lost was put back in the place of its successor", returns],
  [
    85,
    "a device was lost of which a recovery had left behind the enrolment: given again first, then replaced",
    returns,
  ],
  [
    112,
    "the folder of a dead server took the place of the one that devices follow: the card is needed again",
    returns,
  ],
  [
    17,
    "the oracle let a replaced device wait for what the server did with value that had fallen to it",
    thefts,
  ],
  [
    51,
    "a customer of a stolen till was served by others, and then it was stopped back where it was replaced",
    rollbacks,
  ],
  [
    59,
    "a till and the server were put back at once; of the new history others asked only for the end",
    rollbacks,
  ],
  [
    8,
    "a server refilled in another order had the same element where it was compared, and was followed on",
    {
      tills: 3,
      faults: [
        "replaced till sells on",
        "till rolled back",
        "server disk full",
        "till rolled back",
        "server put back",
        "server put back",
      ],
    },
  ],
];

describe("stories that are told again", () => {
  test.each(stories)("seed %i: %s", { timeout: patience(120_000) }, async (seed, _, options) => {
    await expectUnbroken(seed, options);
  });
});

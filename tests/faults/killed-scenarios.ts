import { join } from "node:path";
import { expect } from "vitest";
import { type Answer, type Machine, must } from "./killed-commands.ts";
import {
  shopWithPoints,
  withApprovedPruning,
  withApprovedReturn,
  withMarkedArchives,
} from "./killed-machines.ts";
import type { Survey } from "./killed-survey.ts";

/** A command, and what must hold however it ends. */
export interface Scenario {
  title: string;
  /** makes the machine on which it runs; @returns what the command needs to know of it */
  prepare(machine: Machine): Promise<readonly string[]>;
  /** points of its way that it must not lose */
  passes: readonly string[];
  /** where it was once left by half: tried each time */
  always?: readonly string[];
  /** of what is there afterwards: what comes from before, and what the command has done if it was killed late */
  holds(before: Survey, after: Survey): void;
  /** the command was run again; @throws when it is not done now */
  done(run: Run): void | Promise<void>;
}

export interface Run {
  machine: Machine;
  before: Survey;
  after: Survey;
  /** how it ended when it was run again, on what a killed one had left */
  again: Answer;
}

export const base = shopWithPoints;

/** Everything that could be gone back to still can be, and comes to the same. */
function expectKept({ versions, points }: Survey, after: Survey): void {
  expect(after.versions).toEqual(new Map([...after.versions, ...versions]));
  expect(after.points).toEqual(new Map([...after.points, ...points]));
}

function expectUnchanged(before: Survey, after: Survey): void {
  expectKept(before, after);
  expect(after.hash).toBe(before.hash);
}

const newest = (of: ReadonlyMap<string, string>): string | undefined => [...of].sort().at(-1)?.[1];

function expectExit(again: Answer, otherwise?: string): void {
  const code = again.exit === 0 ? undefined : again.json?.error?.code;
  expect([undefined, otherwise]).toContain(code);
  if (otherwise === undefined) expect(again.exit).toBe(0);
}

const backup = (kind: string): Scenario => ({
  title: `backup run --kind ${kind}`,
  prepare: async () => ["backup", "run", "--kind", kind],
  passes: [
    "write data/snapshots/blobs/*.new",
    "rename data/snapshots/manifests/*.json.new",
    `write data/backups/*/spool/backups/*-${kind}.tar.gz.age`,
    "rename data/backups/*/spool/plan.json.new",
    "write disk/youbei/keyring/.*.tar.gz.age.*.partial",
    `write disk/youbei/backups/.*-${kind}.tar.gz.age.*.partial`,
    `rename disk/youbei/backups/.*-${kind}.tar.gz.age.*.partial`,
    `rename disk/youbei/backups/.*-${kind}.json.*.partial`,
    "remove disk/youbei/keyring/*.tar.gz.age",
    `rename data/backups/*/notes/*-${kind}.json.new`,
    "rename data/catalogue.json.*",
    "remove data/backups/*/spool/plan.json",
  ],
  holds: expectUnchanged,
  done({ after, again }) {
    expectExit(again);
    expect(newest(after.points)).toBe(after.hash);
  },
});

const recovering = [
  "write data/live.recovering/identity.json.new",
  "write data/live.recovering/keyring.records",
  "write data/live.recovering/documents/journal/2/*/*.records",
  "write data/live.recovering/documents/authority.records",
  "sync data/live.recovering/documents/authority.records",
  "rename data/live",
  "rename data/live.recovering",
];

/** In the folder in which the server died, with what it left. */
const recover = (from: string, command: readonly string[], passes: string[]): Scenario => ({
  title: `recover from ${from}`,
  prepare: async ({ root }) => [
    ...["recover", "--recovery-key-file", join(root, "card.txt"), "--move-aside"],
    ...command.map((word) => word.replace("~", root)),
  ],
  passes: [...recovering, ...passes],
  // What was there has gone, and what was built is not in its place.
  always: ["rename data/live.recovering"],
  holds(before, after) {
    expectKept(before, after);
    expect(after.books.members).toBeGreaterThan(0);
  },
  done({ after, again }) {
    expectExit(again);
    expect(again.json.term).toBeGreaterThan(1);
    expect(again.json.state.hash).toBe(after.hash);
  },
});

export const scenarios: readonly Scenario[] = [
  {
    title: "snapshot create",
    prepare: async () => ["snapshot", "create"],
    passes: [
      "write data/snapshots/blobs/*.new",
      "rename data/snapshots/blobs/*.new",
      "write data/snapshots/manifests/*.json.new",
      "rename data/snapshots/manifests/*.json.new",
      "write data/catalogue.json.*",
    ],
    holds: expectUnchanged,
    done({ before, after, again }) {
      expectExit(again);
      expect(after.versions.size).toBeGreaterThan(before.versions.size);
      expect(newest(after.versions)).toBe(after.hash);
    },
  },
  backup("full"),
  backup("differential"),
  backup("incremental"),
  {
    title: "backup prune --mark",
    async prepare(machine) {
      await withApprovedPruning(machine);
      return ["backup", "prune", "--target", "usb", "--mark"];
    },
    passes: [
      "write data/live/documents/authority.records",
      "write data/backups/*/prune.json.new",
      "rename data/backups/*/prune.json.new",
    ],
    // The approval is used up, and what it was for was just not there yet, or is.
    always: ["rename data/backups/*/prune.json.new", "sync data/live/documents/authority.records"],
    holds: expectKept,
    async done({ machine, again }) {
      expectExit(again, "not-approved");
      const { marked } = await must(machine, ["backup", "prune", "--target", "usb"]);
      expect(marked.length).toBeGreaterThan(0);
    },
  },
  {
    title: "backup prune --remove",
    async prepare(machine) {
      await withMarkedArchives(machine);
      return ["backup", "prune", "--target", "usb", "--remove"];
    },
    passes: [
      "rename data/backups/*/prune.json.new",
      "remove disk/youbei/backups/*-full.json",
      "remove disk/youbei/backups/*-full.tar.gz.age",
      "remove data/backups/*/notes/*-full.json",
    ],
    holds(before, after) {
      expect(after.versions).toEqual(new Map([...after.versions, ...before.versions]));
      // What is still there is what it was; the newest never goes.
      for (const [id, hash] of after.points) expect(before.points.get(id)).toBe(hash);
      expect(newest(after.points)).toBe(newest(before.points));
    },
    async done({ machine, before, after, again }) {
      expectExit(again);
      expect(after.points.size).toBeLessThan(before.points.size);
      const { marked } = await must(machine, ["backup", "prune", "--target", "usb"]);
      expect(marked).toEqual([]);
    },
  },
  {
    title: "snapshot restore --carry-out",
    async prepare(machine) {
      const proposal = await withApprovedReturn(machine);
      return ["snapshot", "restore", "--carry-out", proposal];
    },
    passes: [
      "rename data/snapshots/manifests/*.json.new",
      "write data/live/documents/authority.records",
      "write data/live/documents/journal/1/*/*.records",
    ],
    holds(before, after) {
      expectKept(before, after);
      // Whoever came since that version is hidden and owed nothing, or nothing has changed.
      if (after.books.members > 0) expect(after.books).toEqual(before.books);
      else expect(after.books.liabilities).toEqual({ principal: 0, bonus: 0 });
    },
    done: ({ again }) => expectExit(again, "not-approved"),
  },
  recover("its own versions", [], []),
  recover(
    "a backup",
    ["--backup", "~/disk/youbei"],
    [
      "write data/fetched-for-recovery-*/restored.restoring/blobs/*.new",
      "rename data/fetched-for-recovery-*/restored.restoring",
    ],
  ),
  recover("a rescue file", ["--rescue", "~/shop.rescue"], []),
  recover(
    "all of them together",
    ["--snapshots", "~/data/snapshots", "--backup", "~/disk/youbei", "--rescue", "~/shop.rescue"],
    [],
  ),
];

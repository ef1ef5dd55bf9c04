import { readdir, rm } from "node:fs/promises";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { type Ask, type Machine, opened } from "./killed-commands.ts";

/** What a machine has: what its shop comes to now, and everything that could be gone back to. */
export interface Survey {
  hash: string;
  books: Books;
  /** hash of the state by version, and by point on the disk */
  versions: Map<string, string>;
  points: Map<string, string>;
}

/** Without what differs from run to run. */
export type Books = Pick<StateSummary, "trialBalance" | "liabilities"> & { members: number };

/**
 * Starts the folder, reads all of it back, and restores every point from the disk.
 * @throws Error when anything is not as it should be
 */
export function survey(machine: Machine): Promise<Survey> {
  return opened(machine, async (ask) => {
    await ask("verify");
    const state = (await ask("state-hash")) as StateSummary;
    const versions = new Map<string, string>();
    const { snapshots } = await ask("snapshot list");
    const verified = snapshots.length > 0 ? await ask("snapshot verify", { id: "all" }) : {};
    for (const version of verified.snapshots ?? []) versions.set(version.id, version.state.hash);
    const points = new Map<string, string>();
    const { targets } = await ask("target list");
    if (targets.length > 0) {
      await ask("backup verify");
      const listed = await ask("backup list", { target: "usb" });
      for (const { id } of listed.targets[0].points)
        points.set(id, await hashOfPoint(id, `${machine.root}-point`, ask));
    }
    return { hash: state.hash, books: booksOf(state), versions, points };
  });
}

const booksOf = ({ trialBalance, liabilities, counts }: StateSummary): Books => ({
  trialBalance,
  liabilities,
  members: counts.members,
});

async function hashOfPoint(point: string, to: string, ask: Ask): Promise<string> {
  try {
    return (await ask("backup restore", { target: "usb", point, to })).verified.state.hash;
  } finally {
    await rm(to, { recursive: true, force: true });
  }
}

const halves = [
  // The marks are kept under one name, and so is what is written beside it: the next marks go over it.
  /(?<!prune\.json)\.new$/,
  /\.partial$/,
  /\.recovering$/,
  /\.restoring$/,
  /fetched-for-recovery-/,
  /\/spool\/.+\./,
  /\/lock(\.|$)/,
  /catalogue\.json\./,
];

/** What only a command that is running may leave lying about. */
export async function leftoversIn({ root }: Machine): Promise<string[]> {
  const paths = await readdir(root, { recursive: true });
  return paths.filter((path) => halves.some((half) => half.test(path))).sort();
}

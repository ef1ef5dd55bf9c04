import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Machine, must } from "./killed-commands.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const card = ["--recovery-key-file", "card.txt"];

/** A shop with a disk: a full, an incremental, a differential, versions of each, and something new since. */
export async function shopWithPoints(root: string): Promise<Machine> {
  const machine = { root, aheadMs: -100 * dayMs, data: "data" };
  await mkdir(join(root, "disk"), { recursive: true });
  const names = ["--org", "有备小店", "--store", "总店", "--owner", "王"];
  const founded = await must(machine, ["init", ...names]);
  await writeFile(join(root, "card.txt"), founded.recoveryKey.zh.join(" "));
  await must(machine, ["target", "add", "usb", "--directory", "disk/youbei"]);
  for (const kind of ["full", "incremental", "differential"]) {
    await trade(machine);
    await must(machine, ["backup", "run", "--kind", kind]);
    machine.aheadMs += hourMs;
  }
  await trade(machine);
  await must(machine, ["rescue", "export", "--out", "shop.rescue"]);
  return machine;
}

let traded = 0;

/** A member more, who is owed something. */
async function trade(machine: Machine): Promise<void> {
  const file = join(machine.root, `members-${traded}.csv`);
  const phone = String(13_800_000_000 + traded++);
  await writeFile(file, `姓名,手机号,余额\n会员${traded},${phone},${traded}.50\n`);
  await must(machine, ["import", "--members", file, "--staff", "王"]);
}

/** The list that retention gives of it is approved, by the card a day ago. */
export async function withApprovedPruning(machine: Machine): Promise<void> {
  for (const day of [1, 2, 70]) {
    machine.aheadMs = (day - 100) * dayMs;
    await trade(machine);
    await must(machine, ["backup", "run", "--kind", "full"]);
  }
  await must(machine, ["drill"]);
  const { proposal } = await must(machine, ["backup", "prune", "--target", "usb", "--propose"]);
  await approve(machine, proposal);
}

/** A return to the first version is approved. @returns its proposal */
export async function withApprovedReturn(machine: Machine): Promise<string> {
  const { snapshots } = await must(machine, ["snapshot", "list"]);
  const asked = ["--scope", "all", "--propose", "--reason", "导错了"];
  const first = snapshots[0].id as string;
  const { proposal } = await must(machine, ["snapshot", "restore", first, ...asked]);
  await approve(machine, proposal);
  return proposal;
}

async function approve(machine: Machine, proposal: string): Promise<void> {
  await must(machine, ["approve", "give", proposal, ...card]);
  machine.aheadMs += dayMs + hourMs;
}

/** What was approved was marked a month ago. */
export async function withMarkedArchives(machine: Machine): Promise<void> {
  await withApprovedPruning(machine);
  await must(machine, ["backup", "prune", "--target", "usb", "--mark"]);
  machine.aheadMs += 31 * dayMs;
  await must(machine, ["drill"]);
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CopyOrder, CopyResult } from "../load/copy-order.ts";
import { benchFolder, projectFolder } from "../project-folder.ts";
import { runProgram } from "../systems/measured-process.ts";
import type { System } from "../systems/systems.ts";

/** A fresh client in a process of its own fetches everything that there is. */
export async function fetchCopy(
  scratch: string,
  system: System,
  order: Omit<CopyOrder, "copier">,
): Promise<CopyResult> {
  const file = join(scratch, "copy-order.json");
  const whole: CopyOrder = { ...order, copier: join(projectFolder, system.copier ?? "") };
  writeFileSync(file, JSON.stringify(whole));
  const args = ["--import", "tsx", join(benchFolder, "load/fetch-copy.ts"), file];
  return JSON.parse(await runProgram({ args })) as CopyResult;
}

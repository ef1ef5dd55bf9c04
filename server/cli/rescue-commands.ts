import { resolve } from "node:path";
import type { Command } from "commander";
import type { RescueReport } from "../../shared/replica/take-rescue.ts";
import { textOf } from "../recovery/rescue-source.ts";
import { rescueSourceOfRelay, saveRescue } from "../recovery/save-rescue.ts";
import { takeRescueAtServer } from "../recovery/take-rescue-at-server.ts";
import { type CommandArgs, type DataCommand, textArg } from "./data-command.ts";
import { failed, finished } from "./outcome.ts";

/** Everything that this server holds, in one file. */
const rescueExport: DataCommand = async ({ data, platform }, args) => {
  const path = textArg(args, "out") ?? "";
  if (!data.relay.authority) return failed("not-founded", "There is no organisation yet.");
  const source = rescueSourceOfRelay(data.relay, platform.clock.nowMs());
  const saved = await saveRescue(source, path, platform.files);
  return finished({ file: path, ...saved }, `${saved.operations} operations in ${path}.`);
};

/** What a rescue file holds and this server lacks. */
const rescueImport: DataCommand = async ({ data, platform }, args) => {
  const path = textArg(args, "file") ?? "";
  if (!(await platform.files.stat(path))) return failed("no-such-file", `There is no ${path}.`);
  const taken = await takeRescueAtServer(data.relay, textOf(path, platform.files));
  if (!taken.ok)
    return failed(taken.refusal, `Nothing was taken: ${taken.refusal}.`, { file: path });
  return finished(taken.value, textOfRescue(taken.value));
};

export const rescueCommands: Readonly<Record<string, DataCommand>> = {
  "rescue export": rescueExport,
  "rescue import": rescueImport,
};

export function textOfRescue(report: RescueReport): string {
  const { operations, taken, refused, damagedLines, isCut, missing } = report;
  return [
    `${operations} operations in the file, ${taken} were missing here and are taken.`,
    ...(refused > 0 ? [`${refused} runs do not check and were left out`] : []),
    ...(damagedLines.length > 0 ? [`damaged lines: ${damagedLines.join(", ")}`] : []),
    ...(isCut ? ["the file is cut off before its end"] : []),
    ...missing.map(({ chain, from, to }) => `still missing: ${chain}, operations ${from} to ${to}`),
  ].join("\n");
}

export function describeRescue(
  program: Command,
  folder: string,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const rescue = program
    .command("rescue")
    .description("everything in one file that any replica can take from");
  rescue
    .command("export")
    .description("write everything that is here into a file")
    .requiredOption("--out <file>", "file to write")
    .action(({ out }: { out: string }) => onData("rescue export")({ out: resolve(folder, out) }));
  rescue
    .command("import <file>")
    .description("take from a file what is missing here; nothing is overwritten")
    .action((file: string) => onData("rescue import")({ file: resolve(folder, file) }));
}

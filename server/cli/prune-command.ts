import type { Command } from "commander";
import { standingOf } from "../../shared/access/proposals.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { PruneObstacle } from "../backups/prune-guard.ts";
import {
  keepProposed,
  type MarkRefusal,
  markApproved,
  type PruneDeps,
  type PrunePreview,
  previewPrune,
  removeMarked,
  unmarkAll,
} from "../backups/prune-target.ts";
import { sequenceSigned } from "../relay/sequence-signed.ts";
import { serverKey } from "./approve-command.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";
import { versionBefore } from "./snapshot-before.ts";
import { noSuchTarget, ofFault, targetNamed } from "./target-commands.ts";

type Step = (context: DataContext, deps: PruneDeps, name: string) => Promise<Outcome>;

const preview: Step = async (_, deps) => {
  const found = await previewPrune(deps);
  return finished(found, textOf(found));
};

/** The server proposes in its own name; a person or the card approves. */
const propose: Step = async (context, deps, name) => {
  const found = await previewPrune(deps);
  if (found.obstacles.length > 0) return standsAgainst(found.obstacles);
  if (found.items.length === 0)
    return failed("nothing-to-prune", "Retention keeps everything that is there.");
  const { data, platform } = context;
  const proposal = newId(platform.random);
  const { subject, items } = found;
  await keepProposed(deps, proposal, items);
  const text = wordsFor(name, found);
  const body = { proposal, act: "prune-backups", subject, text } as const;
  const entry = { kind: "ActProposed", body } as const;
  const proposed = await sequenceSigned(data.relay, entry, [serverKey(context)], deps.nowMs);
  if (!proposed.ok) return failed(proposed.refusal, `Nothing was proposed: ${proposed.refusal}.`);
  return finished(
    { proposal, subject, text, items },
    `${text}\nProposed as ${proposal}: somebody entitled approves it in the app (设置 → 审批), or \`approve give ${proposal}\` does with the recovery key. Then \`backup prune --mark\`.`,
  );
};

/** Marks what was approved for exactly this target's list. */
const mark: Step = async (context, deps) => {
  const { data } = context;
  const approved = [...deps.authority.proposals.values()].filter(
    (proposal) =>
      proposal.act === "prune-backups" &&
      standingOf(deps.authority, proposal, deps.nowMs).is === "approved",
  );
  if (approved.length === 0)
    return failed("not-approved", "No approved proposal is there: see `approve list`.");
  let refused: MarkRefusal = { code: "other-list" };
  for (const { id, subject } of approved) {
    const body = { proposal: id };
    const use = () =>
      sequenceSigned(data.relay, { kind: "ActDone", body }, [serverKey(context)], deps.nowMs);
    const marked = await markApproved(deps, { proposal: id, subject }, use);
    if (marked.ok) {
      const due = new Date(marked.value.dueMs).toISOString();
      const count = marked.value.marked.length;
      return finished(
        { proposal: id, ...marked.value },
        `${count} archives are marked; from ${due} on \`backup prune --remove\` removes them. \`--unmark\` takes it back.`,
      );
    }
    if (refused.code === "other-list") refused = marked.refusal;
  }
  return refusalOf(refused);
};

const remove: Step = async (context, deps, name) => {
  const barred = await versionBefore(context, `pruning ${name}`);
  if (barred) return barred;
  const removed = await removeMarked(deps);
  if (!removed.ok) return standsAgainst(removed.refusal);
  const { removed: gone, unmarked, waiting } = removed.value;
  return finished(
    removed.value,
    `${gone.length} archives removed, ${waiting} marked and not due yet, ${unmarked.length} unmarked because they are needed or changed.`,
  );
};

const unmark: Step = async (_, deps) => {
  const unmarked = await unmarkAll(deps);
  return finished({ unmarked }, `${unmarked} marks taken back.`);
};

const steps = { propose, mark, remove, unmark } as const;

const backupPrune: DataCommand = async (context, args) => {
  if (!context.data.relay.authority) return failed("not-founded", "There is no organisation yet.");
  const target = await targetNamed(context, textArg(args, "target"));
  if (!target) return noSuchTarget(args);
  const [chosen] = Object.entries(steps).filter(([name]) => args[name] === true);
  const step = chosen?.[1] ?? preview;
  try {
    return await context.data.backups.prune(target, (deps) => step(context, deps, target.name));
  } catch (error) {
    return ofFault(error);
  }
};

export const pruneCommands: Readonly<Record<string, DataCommand>> = {
  "backup prune": backupPrune,
};

function textOf({ items, bytes, kept, doubtful, marked, obstacles }: PrunePreview): string {
  return [
    `${items.length} archives (${sizeOf(bytes)}) could go, ${kept} stay; ${marked.length} are marked. Nothing was changed.`,
    ...items.map(({ name }) => `  ${name}`),
    ...doubtful.map((id) => `kept, its time cannot be believed: ${id}`),
    ...obstacles.map((obstacle) => `NOT NOW: ${sayings[obstacle]}`),
  ].join("\n");
}

/** One line that says what would be gone, for whoever approves it. */
function wordsFor(name: string, { items, bytes }: PrunePreview): string {
  const days = items.map((item) =>
    item.name.replace(/^backups\/(\d{4})(\d\d)(\d\d)T.*$/, "$1-$2-$3"),
  );
  const [first, last] = [days.at(-1), days[0]];
  const target = name.replace(/\p{C}/gu, "");
  return `${target}：${items.length} 份备份 backups，${first} – ${last}，${sizeOf(bytes)}`;
}

const sizeOf = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.ceil(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const sayings: Readonly<Record<PruneObstacle, string>> = {
  "not-proven": "the last proven restore of this target is older than a week: `drill`",
  "drill-failed": "the last drill of this target failed",
  "proven-point-gone": "the point that the last drill proved is not there any more",
  damaged: "something on this target is damaged: see `backup verify`",
  shrank: "backups are gone that this server did not remove",
  "foreign-files": "there are files that no server of this shop wrote",
  multiplied: "there are more points on one day than the plan makes",
  "size-changed": "the newest full is of quite another size than the one before",
};

const standsAgainst = (obstacles: readonly PruneObstacle[]): Outcome =>
  failed(
    "not-now",
    ["Nothing was changed:", ...obstacles.map((obstacle) => `  ${sayings[obstacle]}`)].join("\n"),
    { obstacles },
  );

function refusalOf(refusal: MarkRefusal): Outcome {
  switch (refusal.code) {
    case "obstacles":
      return standsAgainst(refusal.obstacles);
    case "other-list":
      return failed(refusal.code, "What was approved is not a list of this target.");
    case "list-changed":
      return failed(
        refusal.code,
        "Some of what was approved is needed now, or changed: propose again.",
        { names: refusal.names },
      );
    case "not-used":
      return failed(refusal.why, `Nothing was marked: ${refusal.why}.`);
  }
}

export function describePrune(
  program: Command,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  program.commands
    .find((command) => command.name() === "backup")
    ?.command("prune")
    .description("what retention could do without; changes nothing without one of the steps")
    .requiredOption("--target <name>", "where")
    .option("--propose", "ask for the approval that it needs")
    .option("--mark", "mark what was approved, exactly that")
    .option("--remove", "remove what was marked 30 days ago")
    .option("--unmark", "take all marks back")
    .action(onData("backup prune"));
}

import type { Command } from "commander";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { splitRef } from "../../shared/journal/operation.ts";
import { MemberIndex } from "../../shared/replica/member-index.ts";
import { newId } from "../../shared/replica/new-id.ts";
import { settleOwnAffairs } from "../relay/own-affairs.ts";
import { sequenceSigned } from "../relay/sequence-signed.ts";
import { carryOut } from "../restoring/carry-out.ts";
import { forgetClosedPlans, keepPlan } from "../restoring/kept-plans.ts";
import { operationsIn } from "../restoring/operations-after.ts";
import { planRestore } from "../restoring/plan-restore.ts";
import { planUndo, undoingOf } from "../restoring/plan-undo.ts";
import { fieldReader, previewRestore, type RestorePreview } from "../restoring/preview-restore.ts";
import { type RestorePlan, type RestoreScope, subjectOf } from "../restoring/restore-plan.ts";
import { verifySnapshot } from "../snapshots/verify-snapshot.ts";
import { serverKey } from "./approve-command.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { damaged, failed, finished, type Outcome } from "./outcome.ts";
import { refusalOf, textOfPreview, wordsFor } from "./restore-words.ts";
import { textOf } from "./snapshot-commands.ts";

interface Planned {
  plan: RestorePlan;
  preview: RestorePreview;
}

const reasonLengthMax = 100;
const noReason = "-";

/** Shows what going back to a version would do; proposes it; or carries out what was approved. */
const snapshotRestore: DataCommand = async (context, args) => {
  const { authority } = context.data.relay;
  if (!authority) return failed("not-founded", "There is no organisation yet.");
  const carried = textArg(args, "carryOut");
  if (carried !== undefined) return carryOutApproved(context, carried);
  const reason = (textArg(args, "reason") ?? "").replace(/\p{C}/gu, " ").trim();
  const isProposed = args["propose"] === true;
  if (isProposed && reason === "")
    return failed("reason-needed", "Say why with --reason: whoever approves reads it.");
  if (reason.length > reasonLengthMax)
    return failed("reason-too-long", `The reason has at most ${reasonLengthMax} characters.`);
  const planned = await planOf(context, args, authority, reason || noReason);
  if ("exit" in planned) return planned;
  const { plan, preview } = planned;
  if (!isProposed) {
    const { snapshot, time, scope, undoes } = plan.facts;
    const json = { snapshot, time, scope, undoes, ...preview };
    return finished(json, textOfPreview(plan, preview, authority));
  }
  if (plan.members.length === 0)
    return failed("nothing-to-restore", "Everything there is as it was then: nothing to propose.");
  return propose(context, planned, authority);
};

export const restoreCommands: Readonly<Record<string, DataCommand>> = {
  "snapshot restore": snapshotRestore,
};

async function planOf(
  context: DataContext,
  args: CommandArgs,
  authority: AuthorityState,
  reason: string,
): Promise<Planned | Outcome> {
  const undo = textArg(args, "undo");
  if (undo !== undefined) return planOfUndo(context, undo, authority, reason);
  const scope = scopeIn(context, authority, textArg(args, "scope") ?? "");
  if (typeof scope !== "string") return scope;
  const { data, platform } = context;
  const { relay } = data;
  const wanted = textArg(args, "id");
  const ids = await data.snapshotFolder.ids();
  const id = wanted === "newest" ? ids.at(-1) : ids.find((known) => known === wanted);
  if (id === undefined)
    return failed("no-snapshot", "Name a version that is there: see `snapshot list`.");
  const checks = { signatures: platform.signatures, nowMs: platform.clock.nowMs() };
  const {
    ok,
    ledger: then,
    manifest,
    damage,
  } = await verifySnapshot(data.snapshotFolder, id, checks);
  if (!ok || !then || !manifest)
    return damaged(
      { error: { code: "damaged", id }, damage },
      [`${id} is damaged, so nothing goes back to it:`, ...damage.map(textOf)].join("\n"),
    );
  if (then.log.org !== authority.org)
    return failed("other-organisation", "That is a version of another shop.");
  const read = reader(context);
  const store = storeFor(scope, authority);
  const wish = { snapshot: id, time: manifest.time, scope, reason, store, read };
  const plan = planRestore(then.books, relay.ledger, wish);
  const nextThen = (chain: string) => then.head(chain).next;
  const preview = await previewRestore(plan, nextThen, {
    relay,
    read,
    lastMsOf: lastMsOf(context),
  });
  return { plan, preview };
}

/** The exact reversal of a batch that counts. */
async function planOfUndo(
  context: DataContext,
  batch: string,
  authority: AuthorityState,
  reason: string,
): Promise<Planned | Outcome> {
  const { relay } = context.data;
  const { ledger } = relay;
  const restore = ledger.books.restores.get(batch);
  if (!restore?.closed)
    return failed(
      "no-such-restore",
      "There is no such return to a version: its batch was printed.",
    );
  if (undoingOf(ledger.books, batch))
    return failed("already-undone", "That return to a version is undone already.");
  const { chain, seq } = splitRef(batch);
  const operations = [];
  const end = ledger.head(chain).next;
  for await (const operation of operationsIn(relay, chain, seq, end))
    if (operation.body["batch"] === batch) operations.push(operation);
  const read = reader(context);
  const store = storeFor("all", authority);
  const plan = planUndo(restore, operations, ledger, { reason, store });
  const nextThen = (known: string) => (known === chain ? seq : ledger.head(known).next);
  const preview = await previewRestore(plan, nextThen, {
    relay,
    read,
    lastMsOf: lastMsOf(context),
  });
  return { plan, preview };
}

/** The server proposes in its own name; a person or the card approves. */
async function propose(
  context: DataContext,
  { plan, preview }: Planned,
  authority: AuthorityState,
): Promise<Outcome> {
  const { data, platform } = context;
  const place = { dir: data.dir, files: platform.files };
  await forgetClosedPlans(place, authority);
  const proposal = newId(platform.random);
  await keepPlan(place, proposal, plan);
  const text = wordsFor(plan, preview, authority);
  const subject = subjectOf(plan);
  const body = { proposal, act: "restore-version", subject, text } as const;
  const entry = { kind: "ActProposed", body } as const;
  const nowMs = platform.clock.nowMs();
  const proposed = await sequenceSigned(data.relay, entry, [serverKey(context)], nowMs);
  if (!proposed.ok) return failed(proposed.refusal, `Nothing was proposed: ${proposed.refusal}.`);
  return finished(
    { proposal, subject, text, ...preview },
    `${textOfPreview(plan, preview, authority)}\n${text}\nProposed as ${proposal}: somebody entitled approves it in the app (设置 → 审批), or \`approve give ${proposal}\` does with the recovery key. Then \`snapshot restore --carry-out ${proposal}\`.`,
  );
}

async function carryOutApproved(context: DataContext, proposal: string): Promise<Outcome> {
  const { data, platform } = context;
  const { relay } = data;
  const nowMs = platform.clock.nowMs();
  const carried = await carryOut(
    {
      relay,
      dir: data.dir,
      files: platform.files,
      nowMs,
      versionBefore: async ({ facts }) =>
        (await data.snapshots.snapshotBefore(`going back to ${facts.snapshot}`)).ok,
      use: (id) => {
        const entry = { kind: "ActDone", body: { proposal: id } } as const;
        return sequenceSigned(relay, entry, [serverKey(context)], nowMs);
      },
    },
    proposal,
  );
  if (!carried.ok) return refusalOf(carried.refusal);
  const { batch, plan } = carried.value;
  const { reports } = data.catalogue.data();
  await settleOwnAffairs(relay, (device) => reports[device]);
  const members = new Set(plan.members.map(({ member }) => member)).size;
  return finished(
    { proposal, batch, snapshot: plan.facts.snapshot, scope: plan.facts.scope, members },
    `${members} members are as they were at ${plan.facts.time}. Batch ${batch}: \`snapshot restore --undo ${batch} --propose --reason …\` takes it back.`,
  );
}

function scopeIn(
  { data }: DataContext,
  { stores }: AuthorityState,
  text: string,
): RestoreScope | Outcome {
  const { members, imports } = data.relay.ledger.books;
  if (text === "all") return "all";
  const [kind, id] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
  if (kind === "store")
    return stores.has(id)
      ? `store:${id}`
      : failed("no-such-store", `There is no store ${id}: ${[...stores.keys()].join(", ")}.`);
  if (kind === "member")
    return members.has(id) ? `member:${id}` : failed("member-unknown", `There is no member ${id}.`);
  if (kind === "batch" && imports.has(id))
    return failed(
      "is-an-import",
      `An import is taken back as a whole, by itself: \`import undo ${id} --reason …\`.`,
    );
  return failed("scope-malformed", "Name a scope: all, store:ID or member:ID.");
}

/** Whose chain of this server it stands in; its purses of all stores take part in it. */
const storeFor = (scope: RestoreScope, { stores }: AuthorityState): string =>
  scope.startsWith("store:") ? scope.slice("store:".length) : ([...stores.keys()][0] ?? "");

function reader({ data: { relay } }: DataContext) {
  const { log, books } = relay.ledger;
  const index = new MemberIndex(log.org, books);
  index.addKeys(relay.keyring.entries());
  return fieldReader(books, index);
}

function lastMsOf({ data }: DataContext): (device: string) => number | undefined {
  const { reports } = data.catalogue.data();
  return (device) => reports[device]?.atMs;
}

export function describeRestore(
  program: Command,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  program.commands
    .find((command) => command.name() === "snapshot")
    ?.command("restore [id]")
    .description("go back to a version by new records; changes nothing without an approval")
    .option("--scope <scope>", "all, store:ID or member:ID", "all")
    .option("--undo <batch>", "instead of a version: reverse what such a batch did")
    .option("--propose", "ask for the approval that it needs")
    .option("--reason <text>", "why, for whoever approves")
    .option("--carry-out <proposal>", "do what was approved, exactly that")
    .action(async (id: string | undefined, options: CommandArgs) =>
      onData("snapshot restore")({ ...options, id }),
    );
}

import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { roleNow } from "../../shared/access/authority-state.ts";
import {
  type ColumnMapping,
  guessColumns,
  guessMapping,
} from "../../shared/imports/column-mapping.ts";
import { decodeText } from "../../shared/imports/decode-text.ts";
import type { FileKind } from "../../shared/imports/import-fields.ts";
import { importMessages } from "../../shared/imports/import-messages.ts";
import type { ImportPlan, KnownMembers } from "../../shared/imports/import-plan.ts";
import { type MappedTable, planImport } from "../../shared/imports/plan-import.ts";
import { readTable } from "../../shared/imports/read-table.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { whyMemberStays } from "../../shared/replica/books.ts";
import { decide } from "../../shared/replica/decide.ts";
import { type ImportSource, importRuns, openImport } from "../../shared/replica/import-drafts.ts";
import { MemberIndex } from "../../shared/replica/member-index.ts";
import { settleOwnAffairs } from "../relay/own-affairs.ts";
import { readFile } from "../storage/whole-files.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { failed, finished } from "./outcome.ts";
import { versionBefore } from "./snapshot-before.ts";

interface OldFile {
  mapped: MappedTable;
  source: ImportSource;
}

/** Lands an old system's files as one batch, signed by this server in an owner's name. */
export const importCommand: DataCommand = async (context, args) => {
  const { authority } = context.data.relay;
  if (!authority) return failed("not-founded", "There is no organisation yet.");
  const mappings = readMappings(textArg(args, "mapping"));
  if (!mappings) return failed("mapping-malformed", "--mapping is not a JSON object of columns.");
  const files: Partial<Record<FileKind, OldFile>> = {};
  for (const kind of ["members", "purchases"] as const) {
    const path = textArg(args, kind);
    if (path === undefined) continue;
    const file = await readOldFile(context, path, kind, mappings[kind]);
    if (!file.ok) return failed(file.refusal.code, `${path}: ${file.refusal.text}`);
    files[kind] = file.value;
  }
  const { members, purchases } = files;
  if (!members && !purchases) return failed("nothing-to-import", "Name a file to import.");
  const known = knownMembers(context);
  const plan = await planImport({ members: members?.mapped, purchases: purchases?.mapped, known });
  if (!plan.ok) return failed(plan.refusal.code, JSON.stringify(plan.refusal));
  const facts = factsOf(plan.value);
  if (args["dryRun"] === true) return finished({ dryRun: true, ...facts }, textOf(plan.value));
  const staff = ownerNamed(context, textArg(args, "staff"));
  if (staff === undefined) return failed("staff-unknown", "No owner of that name.");
  const barred = await versionBefore(context, "import");
  if (barred) return barred;
  const sources = [members, purchases].flatMap((file) => (file ? [file.source] : []));
  const landed = await land(context, plan.value, sources, staff);
  if (!landed.ok) return failed(landed.refusal, `Nothing counts: ${landed.refusal}.`);
  return finished(
    { batch: landed.value, staff, ...facts },
    `${textOf(plan.value)}\nBatch ${landed.value}: take it back with \`import undo ${landed.value}\`.`,
  );
};

/** Takes back a whole import; lots that tills hold are taken back at their next contact. */
export const importUndoCommand: DataCommand = async (context, args) => {
  const { relay } = context.data;
  if (!relay.authority) return failed("not-founded", "There is no organisation yet.");
  const batch = textArg(args, "batch") ?? "";
  const reason = textArg(args, "reason") ?? "";
  const staff = ownerNamed(context, textArg(args, "staff"));
  if (staff === undefined) return failed("staff-unknown", "No owner of that name.");
  const store = firstStore(context);
  const barred = await versionBefore(context, "undoing an import");
  if (barred) return barred;
  let refusal: string | undefined;
  const recorded = await relay.record({ store, staff }, () => {
    const decision = decide({ command: "UndoImport", batch, reason }, decideFacts(context, store));
    if (decision.ok) return decision.value.drafts;
    refusal = decision.refusal.code;
    return [];
  });
  if (refusal !== undefined) return failed(refusal, `${batch}: ${refusal}.`);
  if (!recorded.ok) return failed(recorded.refusal, `Nothing was written: ${recorded.refusal}.`);
  const { reports } = context.data.catalogue.data();
  await settleOwnAffairs(relay, (device) => reports[device]);
  const kept = membersKept(context, batch);
  return finished(
    { batch, undone: true, kept },
    [
      `Import ${batch} is taken back.`,
      ...kept.map(({ member, why }) => `${member} stays: ${why}`),
    ].join("\n"),
  );
};

/** Members of the batch that stay: used since, or value of theirs lies with a till until it calls. */
function membersKept({ data }: DataContext, batch: string): { member: string; why: string }[] {
  const { books } = data.relay.ledger;
  return (books.imports.get(batch)?.members ?? []).flatMap((member) => {
    const record = books.members.get(member);
    const why = record && whyMemberStays(books, record);
    return why === undefined ? [] : [{ member, why }];
  });
}

async function readOldFile(
  { platform }: DataContext,
  path: string,
  kind: FileKind,
  mapping: ColumnMapping | undefined,
): Promise<Result<OldFile, { code: string; text: string }>> {
  const fault = (code: keyof typeof importMessages) =>
    refuse({ code, text: importMessages[code].en });
  const bytes = await readFile(platform.files, path);
  if (!bytes) return refuse({ code: "no-such-file", text: "there is no such file" });
  const decoded = decodeText(bytes);
  if (!decoded.ok) return fault(decoded.refusal);
  const table = readTable(decoded.value.text);
  if (!table.ok) return fault(table.refusal);
  const guess = guessColumns(table.value);
  const columns =
    mapping ?? (guess.kind === kind ? guess.mapping : guessMapping(table.value, kind));
  const hash = createHash("sha256").update(bytes).digest("hex");
  const source = { name: basename(path), hash, rows: table.value.rows.length };
  return done({ mapped: { table: table.value, mapping: columns }, source });
}

/** `{"members": {"0": "card", …}, "purchases": {…}}` */
function readMappings(
  text: string | undefined,
): Partial<Record<FileKind, ColumnMapping>> | undefined {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Partial<Record<FileKind, ColumnMapping>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function indexOf({ data }: DataContext): MemberIndex {
  const { ledger, keyring } = data.relay;
  const index = new MemberIndex(ledger.log.org, ledger.books);
  index.addKeys(keyring.entries());
  return index;
}

function knownMembers(context: DataContext): KnownMembers {
  const cards = new Set<string>();
  const phones = new Set<string>();
  for (const { fields } of indexOf(context).listed()) {
    if (fields["card"]) cards.add(fields["card"]);
    if (fields["phone"]) phones.add(fields["phone"]);
  }
  return { cards, phones };
}

/** An owner by id or name; the first owner without one. */
function ownerNamed({ data }: DataContext, wanted: string | undefined): string | undefined {
  const owners = [...data.relay.ledger.log.staff.values()].filter(
    (person) => roleNow(person) === "owner",
  );
  return (
    wanted === undefined
      ? owners[0]
      : owners.find((person) => person.id === wanted || person.name === wanted)
  )?.id;
}

const firstStore = ({ data }: DataContext): string =>
  [...data.relay.ledger.log.stores.keys()][0] ?? "";

function decideFacts(context: DataContext, store: string) {
  const { relay } = context.data;
  const { random } = context.platform;
  const index = indexOf(context);
  return {
    org: relay.ledger.log.org,
    books: relay.ledger.books,
    chain: `${relay.device}@${store}`,
    random,
    keyOf: (member: string) => index.keyOf(member),
    fieldsOf: (member: string) => index.view(member)?.fields ?? {},
    memberByCard: (card: string) => index.memberByCard(card),
  };
}

async function land(
  context: DataContext,
  plan: ImportPlan,
  sources: ImportSource[],
  staff: string,
): Promise<Result<string, string>> {
  const { relay } = context.data;
  const author = { store: firstStore(context), staff };
  const opened = await relay.record(author, () => [openImport(sources)]);
  if (!opened.ok) return opened;
  const batch = `${opened.value?.chain}:${opened.value?.firstNew}`;
  const tools = {
    org: relay.ledger.log.org,
    random: context.platform.random,
    // Readings are made by the app where somebody searches.
    pinyinOf: () => "",
  };
  for (const run of importRuns(plan, batch, tools)) {
    const recorded = await relay.record(
      author,
      () => run.drafts,
      () => run.keys,
    );
    if (!recorded.ok) return recorded;
  }
  return done(batch);
}

const factsOf = ({ totals, storeLabels, rejects, warnings }: ImportPlan) => ({
  totals,
  storeLabels,
  rejects: rejects.map(({ file, row, reason, column }) => ({ file, row, reason, column })),
  warnings,
});

function textOf({ totals, rejects, warnings }: ImportPlan): string {
  const { members, openingFen, openingBonusFen, purchases, purchasesFen } = totals;
  return [
    `${members} members, opening balances ¥${formatYuan(openingFen + openingBonusFen)}`,
    `${purchases} purchases, ¥${formatYuan(purchasesFen)}`,
    ...rejects
      .slice(0, 20)
      .map(({ file, row, reason }) => `${file} row ${row}: ${importMessages[reason].en}`),
    ...(rejects.length > 20 ? [`… ${rejects.length} rows rejected in all`] : []),
    ...warnings.map(({ file, code, count }) => `${file}: ${count} × ${importMessages[code].en}`),
  ].join("\n");
}

/** Paths travel to the serving process: they must not depend on where a command was typed. */
export const absoluteFrom = (folder: string, args: CommandArgs): CommandArgs =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) =>
      (name === "members" || name === "purchases") && typeof value === "string"
        ? [name, resolve(folder, value)]
        : [name, value],
    ),
  );

import { join } from "node:path";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { fromUtf8, hashText } from "../../shared/journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { RetentionPolicy } from "../snapshots/keep-by-time.ts";
import type { Files } from "../storage/files.ts";
import { readFile } from "../storage/whole-files.ts";
import {
  archiveEnding,
  archiveName,
  type BackupNote,
  backupsFolder,
  noteName,
  readNote,
} from "./backup-note.ts";
import type { BackupPlan } from "./backup-plan.ts";
import { obstaclesOf, type PruneObstacle } from "./prune-guard.ts";
import {
  keepMarks,
  type PruneItem,
  type PruneMark,
  type PruneMarks,
  readMarks,
} from "./prune-marks.ts";
import { type NoteCache, readNotes } from "./read-notes.ts";
import { planRetention } from "./retention.ts";
import type { Target } from "./target.ts";
import type { TargetHistory } from "./target-history.ts";
import { isOurs } from "./verify-target.ts";

export interface PruneDeps {
  /** of the target */
  id: string;
  target: Target;
  files: Files;
  /** of this target in the data folder */
  dir: string;
  cache: NoteCache;
  plan: BackupPlan;
  history: Readonly<TargetHistory>;
  policy: RetentionPolicy;
  authority: AuthorityState;
  signatures: Signatures;
  nowMs: number;
}

/** What would be marked, and what speaks against it. */
export interface PrunePreview {
  items: PruneItem[];
  /** hash of exactly this list on this target */
  subject: string;
  bytes: number;
  kept: number;
  /** points whose time cannot be believed */
  doubtful: string[];
  marked: (PruneMark & { dueMs: number })[];
  obstacles: PruneObstacle[];
}

/** After the mark there is a month in which somebody can notice. */
const markedMsMin = 30 * 24 * 3_600_000;

/** Looks, and changes nothing. @throws TargetFault StoreFault */
export async function previewPrune(deps: PruneDeps): Promise<PrunePreview> {
  const { marks } = await marksOf(deps);
  const { removable, kept, doubtful, obstacles } = await lookAt(deps, marks);
  const marked = new Set(marks.map(({ name }) => name));
  const items = removable.map(itemOf).filter(({ name }) => !marked.has(name));
  return {
    items,
    subject: subjectOf(deps.id, items),
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    kept: kept.length,
    doubtful,
    marked: marks.map((mark) => ({ ...mark, dueMs: mark.markedMs + markedMsMin })),
    obstacles,
  };
}

/** Remembers what was previewed, so that what is approved is that list and no other. */
export async function keepProposed(
  deps: PruneDeps,
  proposal: string,
  items: readonly PruneItem[],
): Promise<void> {
  const before = await marksOf(deps);
  // Lists of acts that came to nothing are not kept for ever.
  const { proposals } = deps.authority;
  const open = Object.entries(before.lists).filter(([id]) => {
    const known = proposals.get(id);
    return known && known.doneMs === undefined && known.withdrawnMs === undefined;
  });
  const lists = { ...Object.fromEntries(open), [proposal]: [...items] };
  await keepMarks(deps, { ...before, lists });
}

export type MarkRefusal =
  | { code: "obstacles"; obstacles: PruneObstacle[] }
  /** the approval is not for a list that this target knows */
  | { code: "other-list" }
  /** something of it is needed now, or is not as it was */
  | { code: "list-changed"; names: string[] }
  | { code: "not-used"; why: string };

/**
 * Marks exactly what was approved. Marks count from the moment at which the log says that their approval
 * is used up: broken off before, nothing is marked and the approval still stands.
 * @param use writes that the approval is used up
 */
export async function markApproved(
  deps: PruneDeps,
  { proposal, subject }: { proposal: string; subject: string },
  use: () => Promise<Result<unknown, string>>,
): Promise<Result<{ marked: PruneItem[]; dueMs: number }, MarkRefusal>> {
  const before = await marksOf(deps);
  const list = before.lists[proposal];
  if (!list || subjectOf(deps.id, list) !== subject) return refuse({ code: "other-list" });
  const { removable, obstacles } = await lookAt(deps, before.marks);
  if (obstacles.length > 0) return refuse({ code: "obstacles", obstacles });
  const there = new Map(removable.map((note) => [archiveName(note), note]));
  const names = list.filter((item) => !isSame(item, there.get(item.name))).map(({ name }) => name);
  if (names.length > 0) return refuse({ code: "list-changed", names });
  const { [proposal]: _, ...lists } = before.lists;
  const known = new Set(before.marks.map(({ name }) => name));
  const fresh = list.filter(({ name }) => !known.has(name));
  const marks = fresh.map((item) => ({ ...item, proposal, markedMs: deps.nowMs }));
  const after = [...before.marks, ...marks];
  await keepMarks(deps, { lists: before.lists, marks: after });
  const used = await use();
  if (!used.ok) return refuse({ code: "not-used", why: used.refusal });
  await keepMarks(deps, { lists, marks: after });
  return done({ marked: fresh, dueMs: deps.nowMs + markedMsMin });
}

export interface Removed {
  removed: string[];
  /** marks that were taken back: they are needed again, or are not what was marked */
  unmarked: string[];
  /** marked, and not due yet */
  waiting: number;
}

/**
 * Removes what was marked a month ago and nothing speaks for, what builds on others first: broken off
 * anywhere, what is left can be restored, and the next time goes on.
 */
export async function removeMarked(deps: PruneDeps): Promise<Result<Removed, PruneObstacle[]>> {
  const before = await marksOf(deps);
  const { removable, obstacles } = await lookAt(deps, before.marks);
  if (obstacles.length > 0) return refuse(obstacles);
  const there = new Map(removable.map((note) => [archiveName(note), note]));
  const isDue = ({ markedMs }: PruneMark) => deps.nowMs - markedMs >= markedMsMin;
  const due = before.marks.filter(
    (mark) => mark.removing || (isDue(mark) && isSame(mark, there.get(mark.name))),
  );
  const waiting = before.marks.filter((mark) => !mark.removing && !isDue(mark));
  const unmarked = before.marks.filter((mark) => !due.includes(mark) && !waiting.includes(mark));
  const order = [...due].sort((a, b) => (a.name < b.name ? 1 : -1));
  const begun = order.map((mark) => ({ ...mark, removing: true as const }));
  await keepMarks(deps, { ...before, marks: [...waiting, ...begun] });
  for (const { name } of order) await removeArchive(deps, name);
  await keepMarks(deps, { ...before, marks: waiting });
  const namesOf = (marks: readonly PruneMark[]) => marks.map(({ name }) => name);
  return done({ removed: namesOf(order), unmarked: namesOf(unmarked), waiting: waiting.length });
}

/** Takes all marks back; what was begun to be removed is gone on with. */
export async function unmarkAll(deps: PruneDeps): Promise<number> {
  const { lists, marks } = await marksOf(deps);
  const begun = marks.filter(({ removing }) => removing);
  await keepMarks(deps, { lists, marks: begun });
  return marks.length - begun.length;
}

/** Its note first: an archive without one is an upload that was never finished. */
async function removeArchive({ target, cache }: PruneDeps, name: string): Promise<void> {
  const note = name.replace(archiveEnding, ".json");
  await target.remove(note);
  await target.remove(name);
  await cache.files.remove(join(cache.folder, note.replace(/^.*\//, "")));
}

/** Without marks whose approval was never used up: whoever wrote them was broken off. */
async function marksOf(deps: PruneDeps): Promise<PruneMarks> {
  const { lists, marks } = await readMarks(deps);
  const { proposals } = deps.authority;
  const isInForce = ({ proposal }: PruneMark) => proposals.get(proposal)?.doneMs !== undefined;
  return { lists, marks: marks.filter(isInForce) };
}

async function lookAt(deps: PruneDeps, marks: readonly PruneMark[]) {
  const { target, cache, history, nowMs, policy, plan } = deps;
  const noted = await readNotes(target, cache);
  const listed = (await target.list(backupsFolder)).map(({ name }) => name);
  const notes: BackupNote[] = [];
  for (const note of noted.notes) if (await isOurs(note, deps)) notes.push(note);
  const ours = new Set(notes.flatMap((note) => [archiveName(note), noteName(note)]));
  const begun = new Set(marks.filter(({ removing }) => removing).map(({ name }) => name));
  const foreign = listed.filter((name) => !ours.has(name) && !begun.has(name)).length;
  const missing = (await missingOf(deps, new Set(listed), begun)).length;
  const points = [history.drill?.point, history.last?.id, history.full?.id];
  const held = [...points, history.differential?.id].flatMap((id) => id ?? []);
  const planned = planRetention(notes, { nowMs, policy, held });
  const damaged = noted.damage.length;
  const facts = { nowMs, plan, history, notes, damaged, missing, foreign };
  return { ...planned, obstacles: obstaclesOf(facts) };
}

/** Notes of this shop that this server has put or seen, and that are not there any more. */
async function missingOf(
  deps: PruneDeps,
  listed: ReadonlySet<string>,
  begun: ReadonlySet<string>,
): Promise<string[]> {
  const { folder, files } = deps.cache;
  const missing: string[] = [];
  for (const file of await files.list(folder)) {
    const name = `${backupsFolder}/${file}`;
    if (listed.has(name) || begun.has(name.replace(/\.json$/, archiveEnding))) continue;
    const bytes = await readFile(files, join(folder, file));
    const note = bytes && readNote(fromUtf8(bytes));
    if (note && (await isOurs(note, deps))) missing.push(name);
  }
  return missing;
}

const itemOf = (note: BackupNote): PruneItem => ({
  name: archiveName(note),
  bytes: note.bytes,
  sha256: note.sha256,
});

const isSame = (item: PruneItem, note: BackupNote | undefined): boolean =>
  note?.bytes === item.bytes && note.sha256 === item.sha256;

const subjectOf = (target: string, items: readonly PruneItem[]): string =>
  hashText(`youbei-prune-v1\n${canonicalJson({ target, items } as unknown as CanonicalValue)}`);

import { createHash } from "node:crypto";
import { join } from "node:path";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Clock, RandomSource, Signer } from "../../shared/journal/ports.ts";
import { done, type Result } from "../../shared/outcome/result.ts";
import type { Created, SnapshotRefusal } from "../snapshots/create-snapshot.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import type { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { newSnapshotId } from "../snapshots/snapshot-id.ts";
import type { Files } from "../storage/files.ts";
import { sealArchive } from "./archive.ts";
import { contentOf } from "./archive-content.ts";
import {
  archiveEnding,
  archiveName,
  type BackupKind,
  type BackupNote,
  backupsFolder,
  keyringFolder,
  type ListedArchive,
  listedArchives,
  noteName,
  signNote,
  systemFolder,
  writeNote,
} from "./backup-note.ts";
import type { PutBackup } from "./backup-plan.ts";
import { chooseSteps, type FullReason, type Step } from "./choose-steps.ts";
import { keyringContent, keyringDigest } from "./keyring-archive.ts";
import { keepNote } from "./read-notes.ts";
import { Spool, type SpooledFile } from "./spool.ts";
import type { Target, TransferOptions } from "./target.ts";
import type { TargetHistory } from "./target-history.ts";
import type { ArchiveEntry } from "./ustar.ts";

export interface PutDeps {
  /** of this target in the data folder: what waits, and the notes of what is there */
  dir: string;
  files: Files;
  freeBytes(folder: string): Promise<number>;
  clock: Clock;
  random: RandomSource;
  snapshots: SnapshotFolder;
  /** Takes a version of everything, unless the newest says the same. */
  take(): Promise<Result<Created, SnapshotRefusal>>;
  /** this server's identity, by which notes are signed */
  device: string;
  signer: Signer;
  /** `age1…`: the recovery key, and the key for drills */
  recipients(): Promise<readonly string[]>;
  /** what no snapshot holds and a successor of this server needs */
  system(): Promise<readonly ArchiveEntry[]>;
  history(): TargetHistory;
  /** Resolves when it is durable. */
  change(change: (history: TargetHistory) => TargetHistory): Promise<void>;
}

/** What was put on a target. */
export interface PutReport {
  /** nothing when there was nothing new */
  id: string | undefined;
  snapshot: string;
  kinds: BackupKind[];
  bytes: number;
  /** why it was a full though something smaller was wanted */
  isFullBecause: FullReason | undefined;
}

/** All that has to be put on a target for one point, in this order; then the history says so. */
interface PutPlan {
  files: SpooledFile[];
  notes: BackupNote[];
  put: PutBackup;
  recipients: string;
  keyring: string | undefined;
  system: string | undefined;
}

/**
 * Puts the newest state on a target: first what an earlier try left waiting, then what is new. Killed or
 * refused anywhere, what could be restored before can be restored after, and the next try goes on.
 * @throws TargetFault StoreFault
 */
export async function putBackup(
  deps: PutDeps,
  target: Target,
  wanted: BackupKind,
  options: TransferOptions = {},
): Promise<Result<PutReport, SnapshotRefusal>> {
  const spool = new Spool<PutPlan>(join(deps.dir, "spool"), deps);
  await deliver(deps, spool, target, options);
  const taken = await deps.take();
  if (!taken.ok) return taken;
  const { manifest } = taken.value;
  const archives = listedArchives(await target.list(backupsFolder));
  const recipients = await deps.recipients();
  const history = deps.history();
  const isForOthers = history.last && history.recipients !== digestOf(recipients);
  const { steps, isFullBecause } = await chooseSteps(history, {
    wanted,
    manifest,
    archives,
    snapshots: deps.snapshots,
    isUnusable: history.isBroken ? "damaged" : isForOthers ? "other-keys" : undefined,
  });
  const report = { snapshot: manifest.id, isFullBecause };
  if (steps.length === 0) return done({ ...report, id: undefined, kinds: [], bytes: 0 });
  const id = newSnapshotId(deps.clock.nowMs(), newestOf(archives, history), deps.random);
  const { signal } = options;
  const plan = await fillSpool(deps, spool, { id, manifest, steps, recipients, target, signal });
  await spool.plan(plan);
  await deliver(deps, spool, target, options);
  const bytes = plan.notes.reduce((sum, note) => sum + note.bytes, 0);
  return done({ ...report, id, kinds: steps.map(({ kind }) => kind), bytes });
}

/** @returns the snapshot of the point that waits to be put on a target, if one does */
export async function waitingSnapshot(
  deps: Pick<PutDeps, "dir" | "files" | "freeBytes">,
): Promise<string | undefined> {
  const plan = await new Spool<PutPlan>(join(deps.dir, "spool"), deps).peek();
  return plan?.put?.snapshot;
}

const digestOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\n")).digest("hex");

function newestOf(archives: readonly ListedArchive[], { last }: TargetHistory): string | undefined {
  return [...archives.map(({ id }) => id), ...(last ? [last.id] : [])].sort().at(-1);
}

interface Point {
  id: string;
  manifest: Manifest;
  steps: readonly Step[];
  recipients: readonly string[];
  target: Target;
  signal: AbortSignal | undefined;
}

/** Members' keys first: whatever is restored later, they are there. */
async function fillSpool(
  deps: PutDeps,
  spool: Spool<PutPlan>,
  { id, manifest, steps, recipients, target, signal }: Point,
): Promise<PutPlan> {
  await spool.clear();
  const history = deps.history();
  const files: SpooledFile[] = [];
  const notes: BackupNote[] = [];
  const seal = async (name: string, entries: AsyncIterable<ArchiveEntry>) => {
    const file = await spool.write(name, sealArchive(entries, recipients), signal);
    files.push(file);
    return file;
  };
  const isOld = history.isBroken === true || history.recipients !== digestOf(recipients);
  const keyring = keyringDigest(manifest);
  if (isOld || history.keyring !== keyring || (await isEmpty(target, keyringFolder)))
    await seal(`${keyringFolder}/${id}${archiveEnding}`, keyringContent(deps.snapshots, manifest));
  const entries = await deps.system();
  const system = digestOf(entries.map(({ name, bytes }) => `${name} ${digestOfBytes(bytes)}`));
  if (isOld || history.system !== system || (await isEmpty(target, systemFolder)))
    await seal(`${systemFolder}/${id}${archiveEnding}`, streamed(entries));
  const apart = [...files];
  for (const { kind, base } of steps) {
    const content = contentOf(deps.snapshots, manifest, base?.manifest);
    const { bytes, sha256 } = await seal(archiveName({ id, kind }), content);
    const note = await signNote(
      {
        format: "youbei-backup",
        version: 1,
        id,
        kind,
        snapshot: manifest.id,
        ...(base ? { since: { snapshot: base.put.snapshot, backup: base.put.id } } : {}),
        time: new Date(deps.clock.nowMs()).toISOString(),
        organisation: manifest.organisation.id,
        server: deps.device,
        term: manifest.term,
        bytes,
        sha256,
        apart,
      },
      deps.signer,
    );
    files.push(await spool.write(noteName(note), streamed([utf8(writeNote(note))])));
    notes.push(note);
  }
  const put = { id, snapshot: manifest.id, atMs: deps.clock.nowMs() };
  return { files, notes, put, recipients: digestOf(recipients), keyring, system };
}

const digestOfBytes = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

async function* streamed<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const isEmpty = async (target: Target, folder: string): Promise<boolean> =>
  (await target.list(folder)).length === 0;

/** Puts there what was planned; a file that is there already costs one look. */
async function deliver(
  deps: PutDeps,
  spool: Spool<PutPlan>,
  target: Target,
  options: TransferOptions,
): Promise<void> {
  const plan = await spool.planned();
  if (!plan) return;
  for (const file of plan.files) await target.put(file.name, spool.source(file), options);
  for (const folder of [keyringFolder, systemFolder])
    if (plan.files.some(({ name }) => name.startsWith(`${folder}/`)))
      await keepNewest(target, folder);
  for (const note of plan.notes)
    await keepNote(note, { folder: join(deps.dir, "notes"), files: deps.files });
  await deps.change((history) => afterPut(history, plan));
  await spool.clear();
}

/** Of keys and of what else a server needs, two versions: the newest, and one more should it be damaged. */
const generationsKept = 2;

async function keepNewest(target: Target, folder: string): Promise<void> {
  const names = (await target.list(folder)).map(({ name }) => name);
  for (const name of names.sort().slice(0, -generationsKept)) await target.remove(name);
}

function afterPut(history: TargetHistory, plan: PutPlan): TargetHistory {
  const { put, notes, recipients, keyring, system } = plan;
  const kinds = notes.map(({ kind }) => kind);
  const isFull = kinds.includes("full");
  return {
    ...history,
    last: put,
    lastKinds: kinds,
    lastBytes: notes.reduce((sum, { bytes }) => sum + bytes, 0),
    full: isFull ? put : history.full,
    differential: isFull || kinds.includes("differential") ? put : history.differential,
    isBroken: isFull ? false : history.isBroken,
    recipients,
    keyring,
    system,
  };
}

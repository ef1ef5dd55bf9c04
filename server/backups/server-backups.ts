import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { ageRecipient } from "../../shared/access/recovery-age.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../../shared/journal/ports.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import { newId } from "../../shared/replica/new-id.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { permanentOrigin } from "../https/origins.ts";
import type { RaiseAlarm } from "../relay/alarms.ts";
import type { SnapshotRefusal } from "../snapshots/create-snapshot.ts";
import type { Finding } from "../snapshots/finding.ts";
import { defaultRetention, type RetentionPolicy } from "../snapshots/keep-by-time.ts";
import type { ServerSnapshots } from "../snapshots/server-snapshots.ts";
import type { Files } from "../storage/files.ts";
import { removeTree } from "../storage/whole-files.ts";
import { ageKeyIn } from "./age-keys.ts";
import { type BackupKind, backupsFolder } from "./backup-note.ts";
import type { BackupPlan } from "./backup-plan.ts";
import { drill, type LiveSource } from "./drill.ts";
import type { PruneDeps } from "./prune-target.ts";
import { type PutDeps, type PutReport, putBackup, waitingSnapshot } from "./put-backup.ts";
import { type NoteCache, type NotedBackups, readNotes } from "./read-notes.ts";
import { type RestoredPoint, type RestoreRefusal, restorePoint } from "./restore-point.ts";
import { withoutSecrets as placeOf, systemContent } from "./system-archive.ts";
import { type Target, TargetFault, type TransferOptions } from "./target.ts";
import type { DrillFacts, TargetHistory } from "./target-history.ts";
import type { TargetKinds } from "./target-kinds.ts";
import type { TargetSettings } from "./target-settings.ts";
import {
  type PendingChange,
  PendingChanges,
  type TargetChange,
  type TargetPlace,
  type TargetRecord,
  TargetStore,
} from "./target-store.ts";
import { type TargetTest, testTarget } from "./test-target.ts";
import { type TargetReport, verifyTarget } from "./verify-target.ts";

export interface ServerBackupsDeps {
  /** the server's data folder */
  dir: string;
  files: Files;
  freeBytes(folder: string): Promise<number>;
  clock: Clock;
  random: RandomSource;
  signatures: Signatures;
  kinds: TargetKinds;
  catalogue: Catalogue;
  snapshots: ServerSnapshots;
  authority(): AuthorityState | undefined;
  identity: { device: string; signer: Signer };
  live: LiveSource;
  alarm: RaiseAlarm;
}

/** What somebody wants; `before` is the target that it is to replace. */
type Wanted = [
  name: string,
  settings: TargetSettings,
  plan: BackupPlan,
  place?: TargetPlace | undefined,
  before?: TargetRecord | undefined,
];

/** Backups of one open server: on each target one thing after the other, on several at once. */
export class ServerBackups {
  readonly #deps: ServerBackupsDeps;
  readonly #store: TargetStore;
  readonly #pending: PendingChanges;
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(deps: ServerBackupsDeps) {
    this.#deps = deps;
    this.#store = new TargetStore({ ...deps, folder: this.#folder });
    this.#pending = new PendingChanges({ ...deps, folder: this.#folder });
  }

  /** @throws StoreFault */
  targets(): Promise<readonly TargetRecord[]> {
    return this.#store.list();
  }

  historyOf({ id }: TargetRecord): Readonly<TargetHistory> {
    return this.#deps.catalogue.data().backups[id] ?? {};
  }

  /** Changes that wait for an approval. @throws StoreFault */
  pending(): Promise<readonly PendingChange[]> {
    return this.#pending.list();
  }

  keepPending(changes: readonly PendingChange[]): Promise<void> {
    return this.#pending.keep(changes);
  }

  /** Nothing is kept of a target that cannot be reached. @throws TargetFault StoreFault */
  async add(...wanted: Wanted): Promise<Result<TargetRecord, "name-taken">> {
    const ready = await this.prepare(...wanted);
    if (ready.ok) await this.apply({ do: "add", record: ready.value });
    return ready;
  }

  /**
   * A target as it could be added: it was reached, and nothing is kept of it yet.
   * @throws TargetFault StoreFault
   */
  async prepare(
    ...[name, settings, plan, place, before]: Wanted
  ): Promise<Result<TargetRecord, "name-taken">> {
    const { kinds, random, clock } = this.#deps;
    const others = (await this.#store.list()).filter(({ id }) => id !== before?.id);
    if (others.some((record) => record.name === name)) return refuse("name-taken");
    const ready = await kinds.add(settings);
    const target = kinds.open(ready);
    try {
      // Whoever adds it is still there to put right what is wrong.
      await target.list(backupsFolder);
    } finally {
      await target.close().catch(() => undefined);
    }
    const isSamePlace = before && isDeepStrictEqual(placeOf(before.settings), placeOf(ready));
    const id = isSamePlace ? before.id : newId(random, 8);
    const addedMs = isSamePlace ? before.addedMs : clock.nowMs();
    return done({ id, name, settings: ready, plan, addedMs, ...(place ? { place } : {}) });
  }

  /** Tries settings from end to end, and keeps nothing. @throws TargetFault */
  async tryOut(settings: TargetSettings): Promise<TargetTest> {
    const { kinds, random } = this.#deps;
    const target = kinds.open(await kinds.add(settings));
    try {
      return await testTarget(target, { random, elapsedMs: () => performance.now() });
    } finally {
      await target.close().catch(() => undefined);
    }
  }

  /** Does what was wanted, as far as it still fits. @throws StoreFault */
  async apply(change: TargetChange): Promise<Result<void, "name-taken" | "no-such-target">> {
    const known = await this.#store.list();
    const old = change.do === "add" ? undefined : known.find(({ id }) => id === change.id);
    if (change.do !== "add" && !old) return refuse("no-such-target");
    if (change.do === "remove") return done(await this.#forget(change.id));
    const { record } = change;
    const others = known.filter((other) => other !== old);
    if (others.some(({ name }) => name === record.name)) return refuse("name-taken");
    if (old && old.id !== record.id) await this.#forget(old.id);
    await this.#store.keep([...others, record]);
    return done(undefined);
  }

  /** Tries a target from end to end, with a small file. */
  test(record: TargetRecord): Promise<TargetTest> {
    const { random } = this.#deps;
    const elapsedMs = () => performance.now();
    return this.#on(record, (target) => testTarget(target, { random, elapsedMs }));
  }

  /** What lies there stays there. */
  async #forget(id: string): Promise<void> {
    const { catalogue, files } = this.#deps;
    await this.#mailboxOf(id).post(async () => {
      await this.#store.keep((await this.#store.list()).filter((other) => other.id !== id));
      await catalogue.update((data) => {
        delete data.backups[id];
      });
      await removeTree(files, this.#placeOf(id));
    });
  }

  /** Puts what is new on a target. @throws TargetFault StoreFault */
  put(
    record: TargetRecord,
    kind: BackupKind,
    options?: TransferOptions,
  ): Promise<Result<PutReport, SnapshotRefusal>> {
    return this.#noting(record, async (target) => {
      const put = await putBackup(this.#putDeps(record), target, kind, options);
      if (put.ok) await this.#change(record, ({ failure: _, ...history }) => history);
      return put;
    });
  }

  list(record: TargetRecord, options?: TransferOptions): Promise<NotedBackups> {
    return this.#on(record, (target) => readNotes(target, this.#cacheOf(record), options));
  }

  /** Reads back what lies on a target, as much as the budget allows. @throws TargetFault */
  verify(
    record: TargetRecord,
    options: TransferOptions & { budgetBytes?: number | undefined } = {},
  ): Promise<TargetReport> {
    const { signatures, clock, alarm } = this.#deps;
    return this.#on(record, async (target) => {
      const authority = this.#authority();
      const { identity } = await this.#drillKey();
      const before = this.historyOf(record).verification;
      const cursor = options.budgetBytes === undefined ? undefined : before?.cursor;
      // Of what is asked for by the budget, notes that were read once are enough.
      const cache = options.budgetBytes === undefined ? undefined : this.#cacheOf(record);
      const deps = { target, cache, signatures, authority, identity };
      const report = await verifyTarget(deps, { ...options, cursor });
      const { ok, damage } = report;
      const facts = {
        atMs: clock.nowMs(),
        ok,
        damage: damage.slice(0, 100),
        ...(report.cursor === undefined
          ? { wholeMs: clock.nowMs() }
          : { cursor: report.cursor, wholeMs: before?.wholeMs }),
      };
      await this.#change(record, (history) => ({
        ...history,
        verification: facts,
        isBroken: history.isBroken === true || !ok,
      }));
      if (!ok) alarm({ kind: "backup-damaged", detail: detailOf(record, damage) });
      return report;
    });
  }

  /** Makes a folder of snapshots of a point, opened with the key of drills or the recovery key. */
  restore(
    record: TargetRecord,
    { which, to, identity }: { which: string; to: string; identity?: string | undefined },
    options: TransferOptions = {},
  ): Promise<Result<RestoredPoint, RestoreRefusal>> {
    const { files } = this.#deps;
    return this.#on(record, async (target) => {
      const key = identity ?? (await this.#drillKey()).identity;
      const deps = { target, files, cache: this.#cacheOf(record) };
      return restorePoint(deps, { which, to, identity: key, ...options });
    });
  }

  /** Proves that a target can be restored from. @throws TargetFault StoreFault */
  drill(record: TargetRecord, options?: TransferOptions): Promise<DrillFacts> {
    const { files, signatures, clock, live, alarm } = this.#deps;
    return this.#on(record, async (target) => {
      const { identity } = await this.#drillKey();
      const scratch = join(this.#placeOf(record.id), "drill");
      const cache = this.#cacheOf(record);
      const deps = { target, files, cache, scratch, identity, signatures, clock, live };
      const facts = await drill(deps, options);
      await this.#change(record, (history) => ({
        ...history,
        drill: { ...facts, damage: facts.damage.slice(0, 100) },
        provenMs: facts.ok ? facts.atMs : history.provenMs,
        isBroken: history.isBroken === true || facts.damage.length > 0,
      }));
      if (!facts.ok) alarm({ kind: "drill-failed", detail: detailOf(record, facts.damage) });
      return facts;
    });
  }

  /** What retention looks at and takes away, between backups. @throws TargetFault StoreFault */
  prune<Answer>(
    record: TargetRecord,
    work: (deps: PruneDeps) => Promise<Answer>,
    policy: RetentionPolicy = defaultRetention,
  ): Promise<Answer> {
    const { files, signatures, clock } = this.#deps;
    const { id, plan } = record;
    return this.#on(record, (target) => {
      const place = { id, target, files, dir: this.#placeOf(id), cache: this.#cacheOf(record) };
      const known = { plan, policy, history: this.historyOf(record), authority: this.#authority() };
      return work({ ...place, ...known, signatures, nowMs: clock.nowMs() });
    });
  }

  /** Snapshots that the next archive on a target builds on, or that wait to be put there. */
  async heldSnapshots(): Promise<string[]> {
    const held: (string | undefined)[] = [];
    for (const record of await this.#store.list()) {
      const { last, full, differential } = this.historyOf(record);
      for (const put of [last, full, differential]) held.push(put?.snapshot);
      held.push(await waitingSnapshot({ ...this.#deps, dir: this.#placeOf(record.id) }));
    }
    return held.filter((id) => id !== undefined);
  }

  /** A try that failed is noted, and tells since when. */
  async #noting<Answer>(
    record: TargetRecord,
    work: (target: Target) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await this.#on(record, work);
    } catch (error) {
      const atMs = this.#deps.clock.nowMs();
      const known = this.historyOf(record).failure;
      const failure = { sinceMs: known?.sinceMs ?? atMs, atMs, ...faultOf(error) };
      await this.#change(record, (history) => ({ ...history, failure })).catch(() => undefined);
      throw error;
    }
  }

  #on<Answer>(record: TargetRecord, work: (target: Target) => Promise<Answer>): Promise<Answer> {
    return this.#mailboxOf(record.id).post(async () => {
      const target = this.#deps.kinds.open(record.settings);
      try {
        return await work(target);
      } finally {
        await target.close().catch(() => undefined);
      }
    });
  }

  #putDeps(record: TargetRecord): PutDeps {
    const { dir, files, freeBytes, clock, random, snapshots, identity, catalogue } = this.#deps;
    return {
      dir: this.#placeOf(record.id),
      files,
      freeBytes,
      clock,
      random,
      snapshots: snapshots.folder,
      take: () => snapshots.take({ reason: "backup", unlessSame: true }),
      ...identity,
      recipients: async () => {
        const { recipient } = await this.#drillKey();
        return [ageRecipient(this.#authority().recovery.encrypt), recipient];
      },
      system: async () =>
        systemContent(
          { dir, files },
          { origin: permanentOrigin(catalogue), targets: await this.#store.list() },
        ),
      history: () => this.historyOf(record),
      change: (change) => this.#change(record, change),
    };
  }

  #change({ id }: TargetRecord, change: (history: TargetHistory) => TargetHistory): Promise<void> {
    return this.#deps.catalogue.update((data) => {
      data.backups[id] = change(data.backups[id] ?? {});
    });
  }

  #authority(): AuthorityState {
    const authority = this.#deps.authority();
    assert(authority, "only a shop that was founded has backups");
    return authority;
  }

  #drillKey() {
    return ageKeyIn(this.#folder, "drill.key", this.#deps);
  }

  #mailboxOf(id: string): Mailbox {
    const mailbox = this.#mailboxes.get(id) ?? new Mailbox();
    this.#mailboxes.set(id, mailbox);
    return mailbox;
  }

  #cacheOf({ id }: TargetRecord): NoteCache {
    return { folder: join(this.#placeOf(id), "notes"), files: this.#deps.files };
  }

  #placeOf = (id: string): string => join(this.#folder, id);

  get #folder(): string {
    return join(this.#deps.dir, "backups");
  }
}

function detailOf({ name }: TargetRecord, [first]: readonly Finding[]) {
  return { target: name, where: first?.where ?? "", what: first?.what ?? "" };
}

/** In words for whoever runs the shop's server. */
export function faultOf(error: unknown): { code: string; message: string } {
  if (error instanceof TargetFault) return { code: error.code, message: error.message };
  if (error instanceof StoreFault) return { code: `store-${error.reason}`, message: error.message };
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}

import type { Clock } from "../../shared/journal/ports.ts";
import type { Result } from "../../shared/outcome/result.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { Log } from "../data/log.ts";
import type { RaiseAlarm } from "../relay/alarms.ts";
import type { RelayEvents } from "../relay/relay.ts";
import type { SnapshotRefusal } from "../snapshots/create-snapshot.ts";
import type { BackupKind } from "./backup-note.ts";
import { dueKind } from "./backup-plan.ts";
import type { PutReport } from "./put-backup.ts";
import { TargetFault, type TransferOptions } from "./target.ts";
import type { DrillFacts, TargetHistory } from "./target-history.ts";
import type { TargetRecord } from "./target-store.ts";

/** What the schedule has done; it decides only when. */
interface Backups {
  targets(): Promise<readonly TargetRecord[]>;
  historyOf(record: TargetRecord): Readonly<TargetHistory>;
  put(
    record: TargetRecord,
    kind: BackupKind,
    options: TransferOptions,
  ): Promise<Result<PutReport, SnapshotRefusal>>;
  drill(record: TargetRecord, options: TransferOptions): Promise<DrillFacts>;
}

export interface BackupScheduleDeps {
  backups: Backups;
  /** @returns a function that stops telling */
  listen(listener: Partial<RelayEvents>): () => void;
  /** of the newest snapshot */
  newestSnapshot(): string | undefined;
  isFounded(): boolean;
  timers: Timers;
  clock: Clock;
  log: Log;
  alarm: RaiseAlarm;
}

const lookEveryMs = 60_000;
/** After a failure, doubled each time up to the last. */
const retryMsFirst = 5 * 60_000;
const retryMsMost = 2 * 3_600_000;
/** Without a backup for so long somebody must look; a disk that is plugged in at night is no alarm. */
const overdueMs = 36 * 3_600_000;
const alarmAgainMs = 24 * 3_600_000;

interface Course {
  isBusy: boolean;
  failures: number;
  nextTryMs: number;
  /** how much had happened in the shop when it was backed up last */
  changes: number;
  alarmedMs: number | undefined;
}

/**
 * Makes backups by itself: each target at its own pace, whatever the others do. A target that is slow,
 * full or gone costs nobody at the till anything.
 */
export class BackupSchedule {
  readonly #deps: BackupScheduleDeps;
  readonly #courses = new Map<string, Course>();
  readonly #stop = new AbortController();
  readonly #stopListening: () => void;
  readonly #running = new Set<Promise<void>>();
  #drilling: Promise<void> = Promise.resolve();
  /** things that happened since the start */
  #changes = 0;
  #cancel: (() => void) | undefined;

  constructor(deps: BackupScheduleDeps) {
    this.#deps = deps;
    const changed = () => {
      this.#changes++;
    };
    const listener = { entered: changed, authorityGrew: changed, keysCame: changed };
    this.#stopListening = deps.listen(listener);
  }

  /** Looks what is due now, and every minute while there are targets; again when one was added. */
  async look(): Promise<void> {
    this.#lookLater(undefined);
    const { backups, timers, log } = this.#deps;
    let targets: readonly TargetRecord[] = [];
    try {
      targets = await backups.targets();
    } catch (error) {
      log.error({ error: String(error) }, "targets of backups cannot be read");
    }
    if (targets.length === 0 || this.#stop.signal.aborted) return;
    if (this.#deps.isFounded()) for (const target of targets) this.#turn(target);
    this.#lookLater(timers.after(lookEveryMs, () => void this.look()));
  }

  #lookLater(cancel: (() => void) | undefined): void {
    this.#cancel?.();
    this.#cancel = cancel;
  }

  /** What is under way is broken off; it goes on after the next start. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort();
    this.#lookLater(undefined);
    await Promise.all(this.#running);
  }

  #turn(target: TargetRecord): void {
    const course = this.#courseOf(target);
    const { clock, backups } = this.#deps;
    const nowMs = clock.nowMs();
    this.#alarmWhenOverdue(target, course, nowMs);
    if (course.isBusy || nowMs < course.nextTryMs) return;
    const history = backups.historyOf(target);
    const isChanged =
      course.changes !== this.#changes || this.#deps.newestSnapshot() !== history.last?.snapshot;
    const kind = history.isBroken ? "full" : dueKind(target.plan, history, { nowMs, isChanged });
    const isDrillDue =
      history.last !== undefined && nowMs - lastDrillMs(target, history) >= target.plan.drillMs;
    if (!kind && !isDrillDue) return;
    course.isBusy = true;
    const work = this.#work(target, course, kind, isDrillDue).finally(() => {
      course.isBusy = false;
      this.#running.delete(work);
    });
    this.#running.add(work);
  }

  async #work(
    target: TargetRecord,
    course: Course,
    kind: BackupKind | undefined,
    isDrillDue: boolean,
  ): Promise<void> {
    const { backups, clock, log } = this.#deps;
    const { signal } = this.#stop;
    try {
      if (kind) {
        const changes = this.#changes;
        const put = await backups.put(target, kind, { signal });
        if (!put.ok && put.refusal === "damaged")
          throw new Error("the live store is damaged: no version is made of it");
        if (put.ok) course.changes = changes;
        const { kinds = [], bytes = 0 } = put.ok ? put.value : {};
        if (kinds.length > 0)
          log.info({ target: target.name, kinds: kinds.join(), bytes }, "backed up");
      }
      if (isDrillDue) await this.#drill(target);
      course.failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      course.failures++;
      const waitMs = Math.min(retryMsMost, retryMsFirst * 2 ** (course.failures - 1));
      course.nextTryMs = clock.nowMs() + waitMs;
      const code = error instanceof TargetFault ? error.code : "failed";
      log.warn({ target: target.name, code, error: String(error) }, "not backed up");
    }
  }

  /** One at a time: it reads and folds the whole shop. */
  async #drill(target: TargetRecord): Promise<void> {
    const { backups } = this.#deps;
    const before = this.#drilling;
    const drilled = before
      .catch(() => undefined)
      .then(() => backups.drill(target, { signal: this.#stop.signal }));
    this.#drilling = drilled.then(
      () => undefined,
      () => undefined,
    );
    await drilled;
  }

  #alarmWhenOverdue(target: TargetRecord, course: Course, nowMs: number): void {
    const { backups, alarm } = this.#deps;
    if (course.alarmedMs !== undefined && nowMs - course.alarmedMs < alarmAgainMs) return;
    const history = backups.historyOf(target);
    const detail = { target: target.name, why: history.failure?.message ?? "" };
    const isFailing = history.failure !== undefined || history.last === undefined;
    const lateMs = nowMs - (history.last?.atMs ?? target.addedMs);
    const drillLateMs = nowMs - (history.provenMs ?? target.addedMs) - 2 * target.plan.drillMs;
    if (isFailing && lateMs > overdueMs) alarm({ kind: "backup-overdue", detail });
    else if (drillLateMs > 0) alarm({ kind: "drill-overdue", detail });
    else return;
    course.alarmedMs = nowMs;
  }

  #courseOf({ id }: TargetRecord): Course {
    const known = this.#courses.get(id);
    if (known) return known;
    const course: Course = {
      isBusy: false,
      failures: 0,
      nextTryMs: 0,
      changes: -1,
      alarmedMs: undefined,
    };
    this.#courses.set(id, course);
    return course;
  }
}

/** A failed one is tried again when the next would be due; it has raised its alarm. */
const lastDrillMs = ({ addedMs }: TargetRecord, { drill }: TargetHistory): number =>
  drill?.atMs ?? addedMs;

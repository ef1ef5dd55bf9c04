import { describe, expect, test } from "vitest";
import type { BackupKind } from "../../server/backups/backup-note.ts";
import {
  type BackupPlan,
  defaultPlan,
  dueKind,
  nextRunMs,
} from "../../server/backups/backup-plan.ts";
import { BackupSchedule } from "../../server/backups/backup-schedule.ts";
import { TargetFault, type TransferOptions } from "../../server/backups/target.ts";
import type { DrillFacts, TargetHistory } from "../../server/backups/target-history.ts";
import type { TargetRecord } from "../../server/backups/target-store.ts";
import type { Alarm } from "../../server/relay/alarms.ts";
import type { RelayEvents } from "../../server/relay/relay.ts";
import { done } from "../../shared/outcome/result.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { memoryLog } from "../server/server-harness.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const at = (atMs: number, snapshot = "old") => ({ id: `at ${atMs}`, snapshot, atMs });

describe("what is due", () => {
  const plan = defaultPlan;
  const put = { last: at(10 * dayMs), full: at(7 * dayMs), differential: at(9.5 * dayMs) };
  const due = (nowMs: number, isChanged = true, history: TargetHistory = put) =>
    dueKind(plan, history, { nowMs, isChanged });

  test("first of all a full; then each kind when its time has passed [BA10]", () => {
    expect(due(0, true, {})).toBe("full");
    expect(due(10 * dayMs + 14 * minuteMs)).toBeUndefined();
    expect(due(10 * dayMs + 15 * minuteMs)).toBe("incremental");
    expect(due(10.5 * dayMs)).toBe("differential");
    expect(due(14 * dayMs)).toBe("full");
  });

  test("nothing while nothing changes, but for what shortens chains", () => {
    expect(due(10 * dayMs + hourMs, false)).toBeUndefined();
    const same = { ...put, last: at(10 * dayMs, "new") };
    expect(due(10 * dayMs + hourMs, false, same)).toBeUndefined();
    expect(due(14 * dayMs, false, same)).toBe("full");
    expect(due(14 * dayMs, false)).toBeUndefined();
  });

  test("a clock that went back puts nothing off for long", () => {
    expect(due(-300 * dayMs)).toBe("full");
  });

  test("the next run is told", () => {
    expect(nextRunMs(plan, {}, 5)).toBe(5);
    expect(nextRunMs(plan, put, 10 * dayMs)).toBe(10 * dayMs + 15 * minuteMs);
    expect(nextRunMs(plan, put, 20 * dayMs)).toBe(20 * dayMs);
  });
});

interface Put {
  target: string;
  kind: BackupKind;
  atMs: number;
}

/** Targets that do what they are told, and a shop in which something happens. */
class Scene {
  readonly timers = new ManualTimers();
  readonly alarms: Alarm[] = [];
  readonly puts: Put[] = [];
  readonly drills: Put["target"][] = [];
  readonly histories = new Map<string, TargetHistory>();
  readonly targets: TargetRecord[] = [];
  /** what a target answers; it may hang */
  answers = new Map<string, (signal: AbortSignal | undefined) => Promise<void>>();
  snapshot = 0;
  #listener: Partial<RelayEvents> = {};
  readonly clock = { nowMs: () => 1000 * dayMs + this.timers.nowMs };

  add(name: string, plan: Partial<BackupPlan> = {}): void {
    const settings = { kind: "directory", path: `/${name}` } as const;
    const whole = { ...defaultPlan, ...plan };
    this.targets.push({ id: name, name, settings, plan: whole, addedMs: this.clock.nowMs() });
  }

  open(): BackupSchedule {
    return new BackupSchedule({
      backups: {
        targets: async () => this.targets,
        historyOf: ({ id }) => this.histories.get(id) ?? {},
        put: (target, kind, options) => this.#put(target, kind, options),
        drill: async ({ id }, { signal }) => {
          await this.answers.get(id)?.(signal);
          this.drills.push(id);
          const drill = { ok: true, atMs: this.clock.nowMs() } as DrillFacts;
          this.histories.set(id, { ...this.histories.get(id), drill, provenMs: drill.atMs });
          return drill;
        },
      },
      listen: (listener) => {
        this.#listener = listener;
        return () => {
          this.#listener = {};
        };
      },
      newestSnapshot: () => String(this.snapshot),
      isFounded: () => true,
      timers: this.timers,
      clock: this.clock,
      log: memoryLog(),
      alarm: (alarm) => this.alarms.push(alarm),
    });
  }

  sale(): void {
    this.snapshot++;
    this.#listener.entered?.([]);
  }

  /** A sale every ten minutes. */
  async trade(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10 * minuteMs) {
      this.sale();
      await this.timers.pass(10 * minuteMs);
    }
  }

  async #put({ id }: TargetRecord, kind: BackupKind, { signal }: TransferOptions) {
    const history = this.histories.get(id) ?? {};
    const snapshot = String(this.snapshot);
    const put = { id: "", snapshot, atMs: this.clock.nowMs() };
    try {
      await this.answers.get(id)?.(signal);
    } catch (error) {
      const { atMs } = put;
      const failure = {
        sinceMs: history.failure?.sinceMs ?? atMs,
        atMs,
        code: "",
        message: "gone",
      };
      this.histories.set(id, { ...history, failure });
      throw error;
    }
    this.puts.push({ target: id, kind, atMs: put.atMs });
    this.histories.set(id, {
      ...history,
      failure: undefined,
      last: put,
      full: kind === "full" ? put : history.full,
      differential: kind === "incremental" ? history.differential : put,
    });
    return done({ id: "", snapshot, kinds: [kind], bytes: 1, isFullBecause: undefined });
  }
}

const counted = (puts: readonly Put[]) => {
  const counts = { full: 0, differential: 0, incremental: 0 };
  for (const { kind } of puts) counts[kind]++;
  return counts;
};

describe("the schedule", () => {
  test("mixes kinds: weekly, daily, and every quarter of an hour while something changes [BA10]", async () => {
    const scene = new Scene();
    scene.add("usb");
    const schedule = scene.open();
    await schedule.look();
    await scene.trade(8 * dayMs);
    const { full, differential, incremental } = counted(scene.puts);
    expect([full, differential]).toEqual([2, 7]);
    expect(incremental).toBeGreaterThan(8 * 48);
    const before = scene.puts.length;
    await scene.timers.pass(20 * hourMs);
    expect(scene.puts.length - before).toBeLessThanOrEqual(2);
    expect(scene.drills).toEqual(["usb"]);
    await schedule.close();
    expect(scene.timers.count).toBe(0);
  });

  test("what was missed while the machine was off is made up for at its start", async () => {
    const scene = new Scene();
    scene.add("usb");
    const first = scene.open();
    await first.look();
    await scene.trade(hourMs);
    await first.close();
    await scene.timers.pass(9 * dayMs);
    const before = scene.puts.length;
    const second = scene.open();
    await second.look();
    await scene.timers.pass(minuteMs);
    // Nothing happened meanwhile that the last incremental does not hold; a full is due all the same.
    expect(scene.puts.slice(before)).toMatchObject([{ kind: "full" }]);
    await second.close();
  });

  test("without targets nothing ticks; one that is added is served at once", async () => {
    const scene = new Scene();
    const schedule = scene.open();
    await schedule.look();
    expect(scene.timers.count).toBe(0);
    scene.add("usb");
    await schedule.look();
    await scene.timers.pass(0);
    expect(scene.puts).toMatchObject([{ kind: "full" }]);
    await schedule.close();
  });

  test("a target that hangs keeps no other one waiting, and is broken off at the end", async () => {
    const scene = new Scene();
    scene.add("slow");
    scene.add("usb");
    let calls = 0;
    scene.answers.set("slow", (signal) => {
      calls++;
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new TargetFault("cancelled", "")));
      });
    });
    const schedule = scene.open();
    await schedule.look();
    await scene.trade(2 * hourMs);
    expect(scene.puts.filter(({ target }) => target === "usb").length).toBeGreaterThan(4);
    expect(scene.puts.filter(({ target }) => target === "slow")).toEqual([]);
    expect(calls).toBe(1);
    await schedule.close();
  });

  test("a target that is gone is tried again, less and less often; after a day and a half it is an alarm [BA11]", async () => {
    const scene = new Scene();
    scene.add("usb");
    let tries = 0;
    const schedule = scene.open();
    await schedule.look();
    await scene.trade(hourMs);
    scene.answers.set("usb", () => {
      tries++;
      return Promise.reject(new TargetFault("unreachable", "gone"));
    });
    await scene.trade(35 * hourMs);
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(30);
    expect(scene.alarms).toEqual([]);
    await scene.trade(3 * hourMs);
    expect(scene.alarms).toMatchObject([{ kind: "backup-overdue", detail: { target: "usb" } }]);
    await scene.trade(20 * hourMs);
    expect(scene.alarms.length).toBe(1);
    scene.answers.clear();
    await scene.trade(3 * hourMs);
    expect(scene.puts.at(-1)?.kind).not.toBe("full");
    await scene.trade(2 * dayMs);
    expect(scene.alarms.length).toBe(1);
    await schedule.close();
  });

  test("each target is drilled weekly, one at a time; two weeks without proof are an alarm", async () => {
    const scene = new Scene();
    scene.add("usb");
    scene.add("cloud");
    const schedule = scene.open();
    await schedule.look();
    await scene.trade(7 * dayMs + hourMs);
    expect([...scene.drills].sort()).toEqual(["cloud", "usb"]);
    await scene.trade(7 * dayMs);
    expect(scene.drills.length).toBe(4);
    expect(scene.alarms).toEqual([]);
    for (const [id, history] of scene.histories)
      scene.histories.set(id, { ...history, drill: { ok: false } as DrillFacts });
    scene.histories.set("usb", { ...scene.histories.get("usb"), provenMs: 0 });
    await scene.timers.pass(minuteMs);
    expect(scene.alarms).toMatchObject([{ kind: "drill-overdue", detail: { target: "usb" } }]);
    await schedule.close();
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BackupKind, type BackupNote, backupKinds } from "../../server/backups/backup-note.ts";
import { reachableChains } from "../../server/backups/chains.ts";
import { planRetention } from "../../server/backups/retention.ts";
import { defaultRetention } from "../../server/snapshots/keep-by-time.ts";
import { effort } from "../harness/effort.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 23, 12);

const idOf = (atMs: number, tail = "abc123"): string =>
  `${new Date(atMs).toISOString().replace(/[-:.]/g, "")}-${tail}`;

/** A target as a server fills it: beside each full or differential the incremental of that instant. */
class History {
  readonly notes: BackupNote[] = [];
  #full: BackupNote | undefined;
  #last: BackupNote | undefined;

  put(kind: BackupKind, atMs: number, told: { timeMs?: number; term?: number } = {}): string {
    const id = idOf(atMs);
    const first = this.#last === undefined;
    const kinds: BackupKind[] = kind === "full" || first ? ["full"] : [kind];
    if (!first && kind !== "incremental") kinds.push("incremental");
    const made = kinds.map((each) => this.#note(each, id, told.timeMs ?? atMs, told.term ?? 1));
    this.notes.push(...made);
    this.#last = made[0];
    this.#full = made.find((note) => note.kind === "full") ?? this.#full;
    return id;
  }

  #note(kind: BackupKind, id: string, timeMs: number, term: number): BackupNote {
    const base = kind === "full" ? undefined : kind === "incremental" ? this.#last : this.#full;
    return {
      format: "youbei-backup",
      version: 1,
      id,
      kind,
      snapshot: id,
      ...(base ? { since: { snapshot: base.snapshot, backup: base.id } } : {}),
      time: new Date(timeMs).toISOString(),
      organisation: "org",
      server: "srv1",
      term,
      bytes: kind === "full" ? 40_000_000 : 20_000,
      sha256: "0".repeat(64),
      apart: [],
      signature: { key: "", sig: "" },
    };
  }
}

const plan = (notes: readonly BackupNote[], held: string[] = [], at = nowMs) =>
  planRetention(notes, { nowMs: at, policy: defaultRetention, held });

/** What the policy promises, told without the product: each period's last point that is young enough. */
function promised(notes: readonly BackupNote[], at = nowMs): Set<string> {
  const age = ({ time }: BackupNote) => at - Date.parse(time);
  const points = new Set<string>();
  const lastOfEach = (ms: number, period: (time: Date) => string) => {
    const last = new Map<string, BackupNote>();
    for (const note of notes) last.set(period(new Date(note.time)), note);
    for (const note of last.values()) if (age(note) <= ms) points.add(note.id);
  };
  const monday = (time: Date) => {
    const midnight = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
    return String(midnight - ((time.getUTCDay() + 6) % 7) * dayMs);
  };
  for (const note of notes) if (age(note) <= 48 * hourMs) points.add(note.id);
  lastOfEach(30 * dayMs, (time) => time.toISOString().slice(0, 10));
  lastOfEach(366 * dayMs, monday);
  lastOfEach(7 * 366 * dayMs, (time) => time.toISOString().slice(0, 7));
  return points;
}

const without = (notes: readonly BackupNote[], gone: readonly BackupNote[]) =>
  notes.filter((note) => !gone.includes(note));

const histories = fc
  .array(
    fc.record({
      gapMs: fc.oneof(
        fc.integer({ min: 60_000, max: 3 * hourMs }),
        fc.integer({ min: hourMs, max: 20 * dayMs }),
      ),
      kind: fc.constantFrom(...backupKinds),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((steps) => {
    const history = new History();
    let atMs = nowMs - steps.reduce((sum, { gapMs }) => sum + gapMs, 0);
    for (const { gapMs, kind } of steps) {
      atMs += gapMs;
      history.put(kind, atMs);
    }
    return history.notes;
  });

describe("retention", () => {
  test("whatever the history, all points that the policy promises can be restored [RE1]", () => {
    void fc.assert(
      fc.property(histories, fc.nat(), (notes, dice) => {
        const proven = notes[dice % notes.length]?.id ?? "";
        const { removable, kept } = plan(notes, [proven]);
        expect(removable.length + kept.length).toBe(notes.length);
        const chains = reachableChains(without(notes, removable));
        for (const id of [...promised(notes), proven, notes.at(-1)?.id ?? ""]) {
          const point = kept.find((note) => note.id === id);
          expect(point, id).toBeDefined();
          expect(chains.has(point?.snapshot ?? ""), id).toBe(true);
        }
        // A removal that is broken off leaves nothing that builds on what is gone.
        for (let count = 0; count <= removable.length; count += 7) {
          const left = without(notes, removable.slice(0, count));
          expect(left.every(({ snapshot }) => reachableChains(left).has(snapshot))).toBe(true);
        }
      }),
      { numRuns: effort(150, 3000) },
    );
  });

  test("pruned every day for years, each period's last point is always there [RE1]", () => {
    const history = new History();
    let notes: BackupNote[] = [];
    const startMs = nowMs - 3 * 366 * dayMs;
    const all: BackupNote[] = [];
    for (let day = 0; day < 800; day++) {
      const before = history.notes.length;
      const atMs = startMs + day * dayMs;
      history.put(day % 7 === 0 ? "full" : "differential", atMs);
      history.put("incremental", atMs + 5 * hourMs);
      all.push(...history.notes.slice(before));
      notes.push(...history.notes.slice(before));
      const at = atMs + 6 * hourMs;
      notes = without(notes, plan(notes, [], at).removable);
      if (day % 50 !== 49) continue;
      const chains = reachableChains(notes);
      for (const id of promised(all, at)) {
        const point = notes.find((note) => note.id === id);
        expect(chains.has(point?.snapshot ?? ""), id).toBe(true);
      }
    }
    expect(notes.length).toBeLessThan(all.length / 5);
  });

  test("the newest of each server's term stays for ever", () => {
    const history = new History();
    const last = history.put("full", nowMs - 9 * 366 * dayMs, { term: 1 });
    history.put("full", nowMs - 8.9 * 366 * dayMs, { term: 2 });
    const young = history.put("full", nowMs - hourMs, { term: 2 });
    const ids = plan(history.notes, [], nowMs + 3 * dayMs).kept.map(({ id }) => id);
    expect([...new Set(ids)].filter((id) => id >= last)).toEqual(
      expect.arrayContaining([last, young]),
    );
  });

  test("points told by a clock that was wrong stay, and push out nothing [RE3]", () => {
    for (const awayMs of [400 * dayMs, -400 * dayMs, 9 * 366 * dayMs]) {
      const history = new History();
      for (let day = 60; day > 0; day--) history.put("full", nowMs - day * dayMs - hourMs);
      const before = new Set(plan(history.notes).kept);
      const honest = [...history.notes];
      for (let count = 0; count < 300; count++) {
        const atMs = nowMs - hourMs + count * 1000;
        history.put("full", atMs, { timeMs: atMs + awayMs });
      }
      const { kept, doubtful } = plan(history.notes);
      expect(doubtful.length).toBe(300);
      for (const note of honest) if (before.has(note)) expect(kept).toContain(note);
    }
  });
});

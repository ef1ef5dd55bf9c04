import { expect, test } from "vitest";
import type { RelayEvents } from "../../server/relay/relay.ts";
import type { Created, SnapshotRefusal } from "../../server/snapshots/create-snapshot.ts";
import { SnapshotSchedule } from "../../server/snapshots/snapshot-schedule.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { ManualTimers } from "./manual-timers.ts";

const hourMs = 3_600_000;

function openSchedule() {
  const timers = new ManualTimers();
  const taken: string[] = [];
  const faults: unknown[] = [];
  const thinnings: number[] = [];
  let listener: Partial<RelayEvents> | undefined;
  let answer: () => Result<Created, SnapshotRefusal> = () => done({} as Created);
  const schedule = new SnapshotSchedule({
    timers,
    clock: { nowMs: () => timers.nowMs },
    async thin() {
      thinnings.push(timers.nowMs);
    },
    async take({ reason, unlessSame }) {
      expect(unlessSame).toBe(true);
      taken.push(reason);
      return answer();
    },
    listen(events) {
      listener = events;
      return () => {
        listener = undefined;
      };
    },
    onFault: (fault) => faults.push(fault),
  });
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return {
    schedule,
    timers,
    taken,
    thinnings,
    faults,
    answerWith,
    rights: () => listener?.authorityGrew?.(),
    sale: () => listener?.entered?.([]),
    listens: () => listener !== undefined,
  };
}

test("a change of rights is kept within seconds, several together once", async () => {
  const { timers, taken, rights } = openSchedule();
  rights();
  await timers.pass(1500);
  rights();
  await timers.pass(1500);
  expect(taken).toEqual([]);
  await timers.pass(1000);
  expect(taken).toEqual(["rights changed"]);
  await timers.pass(hourMs * 3);
  expect(taken.length).toBe(1);
});

test("sales are kept once an hour, and nothing is while nothing happens", async () => {
  const { timers, taken, sale } = openSchedule();
  for (let minute = 0; minute < 150; minute++) {
    sale();
    await timers.pass(60_000);
  }
  expect(taken).toEqual(["hourly", "hourly"]);
  await timers.pass(hourMs * 5);
  expect(taken.length).toBe(3);
  expect(timers.count).toBe(0);
});

test("the last snapshot is of what the stopped server leaves behind", async () => {
  const { schedule, timers, taken, sale, rights, listens } = openSchedule();
  sale();
  rights();
  await schedule.close();
  expect(taken).toEqual(["server stopped"]);
  expect(listens()).toBe(false);
  expect(timers.count).toBe(0);
});

test("one that fails is said and tried again within the hour", async () => {
  const { timers, taken, faults, rights, answerWith } = openSchedule();
  const full = new StoreFault("full", "no space left");
  answerWith(() => {
    throw full;
  });
  rights();
  await timers.pass(2000);
  expect(faults).toEqual([full]);
  answerWith(() => refuse("damaged"));
  await timers.pass(hourMs);
  expect(faults.length).toBe(2);
  answerWith(() => done({} as Created));
  await timers.pass(hourMs);
  expect(taken).toEqual(["rights changed", "hourly", "hourly"]);
  await timers.pass(hourMs);
  expect(taken.length).toBe(3);
});

test("a failure at the very end leaves no timer behind", async () => {
  const { schedule, timers, faults, answerWith } = openSchedule();
  answerWith(() => {
    throw new StoreFault("full", "no space left");
  });
  await schedule.close();
  expect(faults.length).toBe(1);
  expect(timers.count).toBe(0);
});

test("once a day what is there is thinned, after something new was taken [VE4]", async () => {
  const { schedule, timers, thinnings, sale, answerWith } = openSchedule();
  for (let hour = 0; hour < 60; hour++) {
    sale();
    await timers.pass(hourMs);
  }
  expect(thinnings.map((atMs) => atMs / hourMs)).toEqual([1, 25, 49]);
  answerWith(() => refuse("damaged"));
  for (let hour = 0; hour < 30; hour++) await timers.pass(hourMs);
  answerWith(() => done({} as Created));
  await schedule.close();
  expect(thinnings.length).toBe(3);
});

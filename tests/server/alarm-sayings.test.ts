import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { alarmSaying } from "../../server/monitor/alarm-sayings.ts";
import type { AlarmKind } from "../../server/relay/alarms.ts";

/** The kinds as they stand in the source: a type leaves nothing behind to ask. */
async function kinds(): Promise<AlarmKind[]> {
  const source = await readFile(new URL("../../server/relay/alarms.ts", import.meta.url), "utf8");
  const [, union = ""] = /export type AlarmKind =([^;]+);/.exec(source) ?? [];
  return [...union.matchAll(/"([a-z-]+)"/g)].map(([, kind]) => kind as AlarmKind);
}

test("each alarm says in both languages what to do, and no two say the same", async () => {
  const all = await kinds();
  expect(all.length).toBeGreaterThan(15);
  const said = all.map((kind) => {
    const [zh = "", en = ""] = alarmSaying(kind).split(" · ");
    expect(zh, kind).toMatch(/\p{Script=Han}{6,}.*。$/u);
    expect(en, kind).toMatch(/^[A-Z][^\p{Script=Han}]{30,}[.?]$/u);
    return alarmSaying(kind);
  });
  expect(new Set(said).size).toBe(all.length);
});

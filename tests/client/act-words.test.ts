import { expect, test } from "vitest";
import { actWords } from "../../client/shop/act-words.ts";
import { wordsFor } from "../../server/cli/restore-words.ts";
import type { RestorePreview } from "../../server/restoring/preview-restore.ts";
import type { RestorePlan } from "../../server/restoring/restore-plan.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";

const authority = {
  stores: new Map([["s1", { id: "s1", name: "总店" }]]),
  timeZone: "Asia/Shanghai",
} as unknown as AuthorityState;

/** As the server writes it into the log. */
function proposed(facts: Partial<RestorePlan["facts"]>, given: number, taken: number): string {
  const plan = {
    facts: { time: "2026-11-24T10:00:00.000Z", scope: "all", reason: "改错了；全部", ...facts },
  } as RestorePlan;
  const preview = { counts: { members: 12 }, money: { given, taken } } as RestorePreview;
  return wordsFor(plan, preview, authority);
}

test("a return to a version is read from the line that the server proposes", () => {
  const read = { when: "2026-11-24 18:00", members: "12", reason: "改错了；全部" };
  expect(actWords(proposed({}, 123_412, 0))).toEqual({
    ...read,
    is: "restore",
    scope: { is: "all" },
    given: "1,234.12",
    taken: "0.00",
  });
  expect(actWords(proposed({ undoes: "b:1", scope: "store:s1" }, 0, 50))).toEqual({
    ...read,
    is: "undo-restore",
    scope: { is: "store", name: "总店" },
    given: "0.00",
    taken: "0.50",
  });
  expect(actWords(proposed({ scope: "member:till1@s1:4#0" }, 0, 0))).toMatchObject({
    scope: { is: "member", id: "till1@s1:4#0" },
  });
});

test("places of backups and what is pruned are read; what has another shape stays as it is", () => {
  expect(actWords("移除备份位置 remove：U盘")).toEqual({
    is: "target",
    how: "remove",
    what: "U盘",
  });
  expect(actWords("U盘：3 份备份 backups，2026-09-01 – 2026-09-03，9 KiB")).toEqual({
    is: "prune",
    place: "U盘",
    count: "3",
    days: "2026-09-01 – 2026-09-03，9 KiB",
  });
  expect(actWords("第 2 张恢复卡")).toEqual({ is: "other", text: "第 2 张恢复卡" });
});

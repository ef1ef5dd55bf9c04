import { describe, expect, test } from "vitest";
import { loadNameReadings } from "../../client/shop/name-readings.ts";
import { MemberSearch } from "../../client/shop/search-members.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";

const viewOf = (id: string, fields: Record<string, string>, lastVisitMs = 0): MemberView => ({
  id,
  key: "here",
  fields,
  conflicts: [],
  principal: 0,
  bonus: 0,
  balance: 0,
  visits: 0,
  spent: 0,
  lastVisitMs,
  oldVisits: 0,
  oldSpent: 0,
  addedMs: 0,
  imported: false,
  openingToCheck: false,
  undoneButKept: false,
});

const members = [
  viewOf("a", { name: "欧阳娜娜", phone: "13812345678", card: "00000017" }),
  viewOf("b", { name: "王小芳", phone: "13900005678", card: "A1002" }, 5),
  viewOf("c", { name: "仇静", phone: "18900001234", card: "00001234" }),
  viewOf("d", { name: "Alice Li", phone: "", card: "9900112233445566" }),
];

const searchOf = async () => {
  const search = new MemberSearch();
  search.learnReadings(await loadNameReadings());
  search.update(members);
  return search;
};

describe("the search box finds a member", () => {
  test.each([
    ["the last four digits", "1234", ["c"]],
    ["a whole phone", "13812345678", ["a"]],
    ["a whole card", "A1002", ["b"]],
    ["a card without its zeros", "17", ["a"]],
    ["a name", "小芳", ["b"]],
    ["pinyin", "ouyangnana", ["a"]],
    ["initials", "oynn", ["a"]],
    ["a surname's own reading", "qiujing", ["c"]],
    ["another reading", "choujing", ["c"]],
    ["the beginning of a Latin name", "ali", ["d"]],
    ["two words", "王 5678", ["b"]],
    ["full-width digits", "１２３４", ["c"]],
  ])("by %s", async (_, typed, ids) => {
    const search = await searchOf();
    expect(search.find(typed, 10).hits.map(({ member }) => member.id)).toEqual(ids);
  });

  test("whoever was here last comes first among equals", async () => {
    const { hits } = (await searchOf()).find("5678", 10);
    expect(hits.map(({ member, sure }) => [member.id, sure])).toEqual([
      ["b", true],
      ["a", true],
    ]);
  });

  test("members who left are not found", async () => {
    const search = await searchOf();
    search.update(members.slice(1));
    expect(search.find("oynn", 10).total).toBe(0);
  });

  test("one pass over fifty thousand takes less than 50 ms", async () => {
    const search = new MemberSearch();
    search.update(
      Array.from({ length: 50_000 }, (_, at) =>
        viewOf(`m${at}`, { name: `会员${at}`, phone: String(13_000_000_000 + at * 7919) }),
      ),
    );
    search.find("5678", 60);
    const start = performance.now();
    search.find("5679", 60);
    expect(performance.now() - start).toBeLessThan(50);
  });
});

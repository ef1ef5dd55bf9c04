import { describe, expect, test } from "vitest";
import { membersToReview } from "../../client/shop/members-to-review.ts";
import type { Shop } from "../../client/shop/shop.ts";
import { valuesOf } from "../../client/ui/conflict-choice.tsx";
import { shownConflicts } from "../../client/ui/use-decided.ts";
import type { FieldConflict, MemberView, WrittenValue } from "../../shared/replica/member-view.ts";

const written = (value: string | undefined, device: string): WrittenValue => ({
  value,
  device,
  staff: "amy",
  atMs: 0,
  edit: `${device}@s1:1`,
});

const conflictOf = (field: string, ...values: (string | undefined)[]): FieldConflict => {
  const [shown, ...others] = values.map((value, at) => written(value, `till${at}`));
  return { field, shown: shown as WrittenValue, others };
};

const memberWith = (conflicts: FieldConflict[], fields: Record<string, string> = {}, id = "m") =>
  ({ id, conflicts, fields }) as unknown as MemberView;

describe("values to decide between", () => {
  test("equal ones stand together, whoever wrote them; unreadable ones stand alone", () => {
    const told = valuesOf(conflictOf("phone", "1", "2", undefined, "2", undefined));
    expect(told.map(({ value, written: by }) => [value, by.map(({ device }) => device)])).toEqual([
      ["1", ["till0"]],
      ["2", ["till1", "till3"]],
      [undefined, ["till2"]],
      [undefined, ["till4"]],
    ]);
  });
});

describe("what a page shows of a member's conflicts", () => {
  const phone = conflictOf("phone", "1", "2");
  const birthday = conflictOf("birthday", "01-02", "03-04");
  const decidedPhone = new Map([["m phone", { conflict: phone, chosen: "2" }]]);
  const shown = (member: MemberView) =>
    shownConflicts(member, decidedPhone).map(({ conflict, chosen }) => [conflict.field, chosen]);

  test("what was decided stays in its place, so that nothing moves under the finger", () => {
    expect(shown(memberWith([birthday, phone]))).toEqual([
      ["phone", undefined],
      ["birthday", undefined],
    ]);
    expect(shown(memberWith([birthday], { phone: "2" }))).toEqual([
      ["phone", "2"],
      ["birthday", undefined],
    ]);
  });

  test("a decision that somebody changed since is not shown as one", () => {
    expect(shown(memberWith([], { phone: "3" }))).toEqual([]);
  });

  test("a field that is open again is open", () => {
    expect(shown(memberWith([conflictOf("phone", "2", "9")], { phone: "2" }))).toEqual([
      ["phone", undefined],
    ]);
  });

  test("another member's decision is not this one's", () => {
    expect(shown(memberWith([], { phone: "2" }, "n"))).toEqual([]);
  });
});

test("members to review are those with something open; asked often, read once for each change", () => {
  let reads = 0;
  const members = [memberWith([]), memberWith([conflictOf("phone", "1", "2")], {}, "n")];
  const shop = {
    state: { version: 1 },
    members: () => {
      reads++;
      return members;
    },
  } as unknown as Shop & { state: { version: number } };
  expect(membersToReview(shop).map(({ id }) => id)).toEqual(["n"]);
  expect(membersToReview(shop)).toBe(membersToReview(shop));
  expect(reads).toBe(1);
  members.pop();
  shop.state.version = 2;
  expect(membersToReview(shop)).toEqual([]);
});

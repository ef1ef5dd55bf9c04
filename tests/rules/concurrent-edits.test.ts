import { describe, expect, it } from "vitest";
import type { FieldConflict } from "../../shared/replica/member-view.ts";
import { TestOrganisation, type Till } from "../harness/organisation.ts";
import { act, addMember, refusalOf } from "../harness/shop.ts";

/** Three tills that know one member; what they do next they do without knowing of each other. */
async function threeTills() {
  const organisation = await TestOrganisation.found();
  const tills: Till[] = [];
  for (const name of ["till1", "till2", "till3"]) tills.push(await organisation.enrol(name));
  const [one, two, three] = tills as [Till, Till, Till];
  const member = await addMember(one.replica, "孟文", "13800000001");
  await organisation.exchange(...tills);
  const edit = async (till: Till, fields: Record<string, string>, staff = "boss") => {
    organisation.clock.now += 60_000;
    await act(till.replica, { command: "EditMember", member, fields }, staff);
  };
  const meet = () => organisation.exchange(...tills);
  const viewOf = (till: Till) => till.replica.member(member);
  return { organisation, tills, one, two, three, member, edit, meet, viewOf };
}

const told = (conflict: FieldConflict | undefined) =>
  conflict &&
  [conflict.shown, ...conflict.others].map(({ value, staff, device }) => [value, staff, device]);

describe("fields that devices changed at the same time", () => {
  it("each value says who wrote it, where and when, on every device [ME3]", async () => {
    const { organisation, tills, one, two, three, edit, meet, viewOf } = await threeTills();
    const startedMs = organisation.clock.now;
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" }, "amy");
    await edit(three, { phone: "13800000004" });
    await meet();
    for (const till of tills) {
      const [conflict, ...more] = viewOf(till)?.conflicts ?? [];
      expect(more).toEqual([]);
      expect(told(conflict)).toEqual([
        ["13800000004", "boss", "till3"],
        ["13800000003", "amy", "till2"],
        ["13800000002", "boss", "till1"],
      ]);
      expect(conflict?.others.map(({ atMs }) => atMs - startedMs)).toEqual([120_000, 60_000]);
    }
  });

  it("one decision settles all values, also the one that is shown, on every device [ME2]", async () => {
    for (const chosen of ["13800000002", "13800000004"]) {
      const { tills, one, two, three, edit, meet, viewOf } = await threeTills();
      await edit(one, { phone: "13800000002" });
      await edit(two, { phone: "13800000003" });
      await edit(three, { phone: "13800000004" });
      await meet();
      await edit(two, { phone: chosen });
      expect(viewOf(two)).toMatchObject({ conflicts: [], fields: { phone: chosen } });
      await meet();
      for (const till of tills)
        expect(viewOf(till)).toMatchObject({ conflicts: [], fields: { phone: chosen } });
      const hashes = new Set(tills.map(({ replica }) => replica.summary().hash));
      expect(hashes.size).toBe(1);
    }
  });

  it("fields are decided one by one: the others stay open [ME3]", async () => {
    const { one, two, edit, meet, viewOf } = await threeTills();
    await edit(one, { phone: "13800000002", birthday: "01-02" });
    await edit(two, { phone: "13800000003", birthday: "03-04" });
    await meet();
    await edit(one, { birthday: "01-02" });
    await meet();
    expect(viewOf(two)?.conflicts.map(({ field }) => field)).toEqual(["phone"]);
    expect(viewOf(two)?.fields["birthday"]).toBe("01-02");
  });

  it("two decisions at the same time are two values again, and nothing of either is lost [ME3]", async () => {
    const { one, two, three, edit, meet, viewOf } = await threeTills();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" });
    await meet();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" });
    await meet();
    expect(told(viewOf(three)?.conflicts[0])).toEqual([
      ["13800000003", "boss", "till2"],
      ["13800000002", "boss", "till1"],
    ]);
  });

  it("an edit that did not know of the decision is offered beside it [ME3]", async () => {
    const { one, two, three, edit, meet, viewOf, organisation } = await threeTills();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" });
    await organisation.exchange(one, two);
    await edit(one, { phone: "13800000002" });
    await edit(three, { phone: "13800000009" });
    await meet();
    expect(told(viewOf(one)?.conflicts[0])).toEqual([
      ["13800000009", "boss", "till3"],
      ["13800000002", "boss", "till1"],
    ]);
  });

  it("an edit after the decision is an edit like any other [ME2]", async () => {
    const { one, two, three, edit, meet, viewOf } = await threeTills();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" });
    await meet();
    await edit(one, { phone: "13800000002" });
    await meet();
    await edit(three, { phone: "13800000005" });
    await meet();
    expect(viewOf(one)).toMatchObject({ conflicts: [], fields: { phone: "13800000005" } });
  });

  it("the same value from two devices is nothing to decide [ME3]", async () => {
    const { one, two, edit, meet, viewOf } = await threeTills();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000002" });
    await meet();
    expect(viewOf(one)?.conflicts).toEqual([]);
  });

  it("a value that was cleared is offered as empty, and can be chosen [ME3]", async () => {
    const { one, two, edit, meet, viewOf } = await threeTills();
    await edit(one, { note: "对薰衣草过敏" });
    await meet();
    await edit(one, { note: "" });
    await edit(two, { note: "对薰衣草过敏，重要" });
    await meet();
    expect(viewOf(one)?.conflicts[0]?.others).toMatchObject([{ value: "" }]);
    await edit(two, { note: "" });
    await meet();
    expect(viewOf(one)?.conflicts).toEqual([]);
    expect(viewOf(one)?.fields).not.toHaveProperty("note");
  });

  it("without the member's key there is something to decide, but nothing to read and no deciding [ME4]", async () => {
    const { organisation, one, two, member, edit } = await threeTills();
    await edit(one, { phone: "13800000002" });
    await edit(two, { phone: "13800000003" }, "amy");
    await organisation.collect(one, two);
    const keys = new Map(organisation.keys);
    organisation.keys.clear();
    const late = await organisation.enrol("till4");
    await organisation.deliver(late);
    const [conflict] = late.replica.member(member)?.conflicts ?? [];
    expect(told(conflict)).toEqual([
      [undefined, "amy", "till2"],
      [undefined, "boss", "till1"],
    ]);
    const choice = { command: "EditMember", member, fields: { phone: "13800000002" } } as const;
    expect(await refusalOf(late.replica, choice)).toEqual({ code: "member-key-missing" });
    await late.replica.receiveKeys([...keys]);
    expect(told(late.replica.member(member)?.conflicts[0])).toEqual([
      ["13800000003", "amy", "till2"],
      ["13800000002", "boss", "till1"],
    ]);
  });
});

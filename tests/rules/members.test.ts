import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { act, addMember, refusalOf, topUp } from "../harness/shop.ts";

describe("members", () => {
  it("a field edited on two devices at once keeps both values and shows the conflict [ME3]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await organisation.exchange(one, two);
    organisation.clock.now += 1000;
    await act(one.replica, { command: "EditMember", member, fields: { phone: "13800000002" } });
    organisation.clock.now += 1000;
    await act(two.replica, { command: "EditMember", member, fields: { phone: "13800000003" } });
    await organisation.exchange(one, two);
    for (const { replica } of [one, two]) {
      const view = replica.member(member);
      expect(view?.fields["phone"]).toBe("13800000003");
      expect(view?.conflicts).toEqual([
        expect.objectContaining({
          field: "phone",
          others: [expect.objectContaining({ value: "13800000002", device: "till1" })],
        }),
      ]);
    }
    await act(one.replica, { command: "EditMember", member, fields: { phone: "13800000002" } });
    await organisation.exchange(one, two);
    expect(two.replica.member(member)).toMatchObject({
      conflicts: [],
      fields: { phone: "13800000002" },
    });
  });

  it("an edit beats what it cites, however far behind its clock is [ME2]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await organisation.exchange(one, two);
    organisation.clock.now += 20 * 3600_000;
    await act(one.replica, { command: "EditMember", member, fields: { name: "孟雯" } });
    await organisation.exchange(one, two);
    organisation.clock.now -= 19 * 3600_000;
    await act(two.replica, { command: "EditMember", member, fields: { name: "孟纹" } });
    await organisation.exchange(one, two);
    expect(one.replica.member(member)?.fields["name"]).toBe("孟纹");
  });

  it("personal fields are nowhere readable in what is stored or sent [ME1]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const member = await addMember(one.replica, "欧阳娜娜", "13912345678");
    await act(one.replica, { command: "EditMember", member, fields: { note: "对薰衣草过敏" } });
    await organisation.exchange(one);
    const bytes = JSON.stringify([
      ...organisation.documents,
      one.store.content.outbox,
      [...one.store.content.documents],
    ]);
    for (const secret of ["欧阳", "13912345678", "薰衣草"]) expect(bytes).not.toContain(secret);
  });

  it("a replica without the key counts the money and says that the name is being fetched [ME4]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 100_00);
    await organisation.collect(one);
    const keys = new Map(organisation.keys);
    organisation.keys.clear();
    await organisation.deliver(two);
    expect(two.replica.member(member)).toMatchObject({
      key: "fetching",
      balance: 100_00,
      fields: {},
    });
    await two.replica.receiveKeys([...keys]);
    expect(two.replica.member(member)).toMatchObject({ key: "here", fields: { name: "孟文" } });
  });

  it("a wrong key for a member is not believed [ME5]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await organisation.collect(one);
    organisation.keys.set(member, "A".repeat(43));
    await organisation.deliver(two);
    expect(two.replica.member(member)?.key).toBe("fetching");
  });

  it.each([
    [{ name: "孟文" }, "name-or-contact-needed"],
    [{ phone: "13800000001" }, "name-or-contact-needed"],
    [{ name: "文".repeat(10_000), card: "1" }, "field-too-long"],
    [{ name: "孟文", phone: "打电话" }, "phone-invalid"],
    [{ name: "孟文", phone: "1", card: "1" }, "phone-invalid"],
    [{ name: "孟文", card: "1", birthday: "1990-02-30" }, "birthday-invalid"],
  ])("%j is refused as %s", async (fields, code) => {
    const organisation = await TestOrganisation.found();
    const { replica } = await organisation.enrol("till1");
    expect(
      (await refusalOf(replica, { command: "AddMember", fields: fields as Record<string, string> }))
        .code,
    ).toBe(code);
  });

  it("markup, emoji and control characters are text like any other [ME6]", async () => {
    const organisation = await TestOrganisation.found();
    const { replica } = await organisation.enrol("till1");
    const name = "<img src=x onerror=alert(1)>\u0000\u202e👩‍👩‍👧\uD800";
    const member = await act(replica, { command: "AddMember", fields: { name, card: "00 01" } });
    expect(replica.member(member)?.fields).toEqual({
      name: "<img src=x onerror=alert(1)> 👩‍👩‍👧\ufffd",
      card: "0001",
    });
  });

  it("a card belongs to one member [ME7]", async () => {
    const organisation = await TestOrganisation.found();
    const { replica } = await organisation.enrol("till1");
    const member = await act(replica, {
      command: "AddMember",
      fields: { name: "甲", card: "0001" },
    });
    const twin = { command: "AddMember", fields: { name: "乙", card: "0001" } } as const;
    expect(await refusalOf(replica, twin)).toEqual({ code: "card-taken", member });
  });

  it.each(["full", "refused", "broken"] as const)(
    "when storage is %s nothing is shown that is not saved [LO1]",
    async (reason) => {
      const organisation = await TestOrganisation.found();
      const { replica, store, name } = await organisation.enrol("till1");
      const member = await addMember(replica, "孟文", "13800000001");
      store.failWith(reason);
      const up = {
        command: "TopUp",
        member,
        principal: 1_00,
        bonus: 0,
        tenders: [{ tender: "cash", amount: 1_00 }],
      } as const;
      expect(await refusalOf(replica, { ...up, tenders: [...up.tenders] })).toEqual({
        code: `store-${reason}`,
      });
      expect(replica.member(member)?.balance).toBe(0);
      store.failWith(undefined);
      await topUp(replica, member, 1_00);
      const again = await organisation.open(name, createMemoryStore(store.content));
      expect(again.summary()).toEqual(replica.summary());
    },
  );

  it("a clock that stands in 1970 sells nothing, and says so [TI1]", async () => {
    const organisation = await TestOrganisation.found();
    const { replica } = await organisation.enrol("till1");
    const member = await addMember(replica, "孟文", "13800000001");
    organisation.clock.now = 0;
    const up = {
      command: "TopUp",
      member,
      principal: 1,
      bonus: 0,
      tenders: [{ tender: "cash", amount: 1 }],
    } as const;
    expect((await refusalOf(replica, { ...up, tenders: [...up.tenders] })).code).toBe(
      "clock-wrong",
    );
  });

  it("a cashier cannot undo an import, whatever device is used; an unknown person can do nothing [AC2]", async () => {
    const organisation = await TestOrganisation.found();
    const { replica } = await organisation.enrol("till1", { ceiling: "cashier" });
    const add = { command: "AddMember", fields: { name: "甲", card: "0001" } } as const;
    expect((await refusalOf(replica, add, "nobody")).code).toBe("not-permitted");
    const outcome = await replica.importMembers(
      emptyPlan,
      [{ name: "x", hash: "x", rows: 0 }],
      "boss",
    );
    expect(outcome).toMatchObject({ ok: false, refusal: { code: "not-permitted" } });
  });
});

const emptyPlan = {
  members: [],
  totals: {
    members: 0,
    openingFen: 0,
    openingBonusFen: 0,
    purchases: 0,
    purchasesFen: 0,
    spentControlFen: 0,
    spentDifferenceFen: 0,
    membersWithSpentDifference: 0,
  },
  storeLabels: [],
  rejects: [],
  warnings: [],
};

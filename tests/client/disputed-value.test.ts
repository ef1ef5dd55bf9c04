import { expect, it } from "vitest";
import { readDisputedValue } from "../../client/shop/disputed-value.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

it("what a replaced till and its successor both spent is told: whose, how much, by whom [ID5]", async () => {
  const organisation = await TestOrganisation.found();
  const old = await organisation.enrol("till1");
  const one = await addMember(old.replica, "孟文", "13800000001");
  const other = await addMember(old.replica, "阿依", "13800000002");
  await topUp(old.replica, one, 100_00);
  await topUp(old.replica, other, 100_00);
  await organisation.exchange(old);
  const cut = new Map(organisation.serverLedger.heads());
  const heir = await organisation.enrol("till1b", { replaces: "till1", cut });
  await organisation.deliver(heir);
  for (const { replica } of [old, heir]) {
    await charge(replica, one, 60_00);
    await charge(replica, other, 100_00);
  }
  expect(readDisputedValue(heir.replica)).toEqual([]);
  await organisation.exchange(heir, old);
  for (const { replica } of [heir, old])
    expect(readDisputedValue(replica)).toEqual([
      { member: other, fen: 100_00, owedFen: 0, devices: ["till1"] },
      { member: one, fen: 20_00, owedFen: 0, devices: ["till1"] },
    ]);
});

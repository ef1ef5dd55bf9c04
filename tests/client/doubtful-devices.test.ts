import { expect, test } from "vitest";
import { devicesInDoubt, readDoubtfulDevices } from "../../client/shop/doubtful-devices.ts";
import { readKeptApart } from "../../client/shop/kept-apart.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { signerOf, TestOrganisation } from "../harness/organisation.ts";
import { act, addMember, charge, topUp } from "../harness/shop.ts";

/** A till with 100.00 of a member's is copied; one sells 30, the other 50 and 7; an office looks on. */
async function copiedTill() {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  const office = await organisation.enrol("office", { till: false });
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 100_00);
  const copy = createMemoryStore(structuredClone(till.store.content));
  const second = await organisation.open("till1", copy);
  await charge(till.replica, member, 30_00);
  await organisation.exchange(till, office);
  await charge(second, member, 50_00);
  await charge(second, member, 7_00);
  await office.replica.receiveRuns(await second.runsFrom(second.chain, 2, 10));
  const cut = [...organisation.serverLedger.heads()].filter(
    ([chain]) => chain === till.replica.chain,
  );
  const succeed = async () => {
    await organisation.append(
      {
        kind: "DeviceSucceeded",
        body: {
          device: "till2",
          key: signerOf("till2").publicKey,
          replaces: "till1",
          cut: Object.fromEntries(cut),
        },
      },
      [{ by: "device:till1", signer: signerOf("till1") }],
    );
    await organisation.deliver(office);
  };
  return { organisation, office, till, member, succeed };
}

test("a second history is told by device, newest first, with what it comes to [J6]", async () => {
  const { office, member } = await copiedTill();
  const [kept, ...more] = await readKeptApart(office.replica);
  expect(more).toEqual([]);
  expect(kept).toMatchObject({ device: "till1", count: 2, amountFen: 57_00 });
  expect(kept?.newest).toMatchObject([
    { ref: "till1@s1:3", member, amount: 7_00, reason: "apart", device: "till1" },
    { ref: "till1@s1:2", member, amount: 50_00, reason: "apart" },
  ]);
});

test("of an operation that counts under the same number nothing is told of the one apart [J6]", async () => {
  const { office, till } = await copiedTill();
  await act(till.replica, { command: "Reverse", target: "till1@s1:2", reason: "" });
  await office.replica.receiveRuns(await till.replica.runsFrom("till1@s1", 3, 1));
  expect(office.replica.books.sales.get("till1@s1:2")?.reversedBy).toHaveLength(1);
  const [kept] = await readKeptApart(office.replica);
  expect(kept?.newest.map(({ reversedBy }) => reversedBy)).toEqual([undefined, undefined]);
});

test("a device in doubt waits with its reason, its time, what stands apart and what is frozen", async () => {
  const { organisation, office, member, succeed } = await copiedTill();
  expect(await readDoubtfulDevices(office.replica)).toEqual([]);
  // What lies in another purse is not frozen.
  await topUp(office.replica, member, 5_00);
  await succeed();
  expect(devicesInDoubt(office.replica.authority).map(({ id }) => id)).toEqual(["till1"]);
  expect(await readDoubtfulDevices(office.replica)).toEqual([
    {
      device: "till1",
      by: "till2",
      why: "copied",
      atMs: organisation.clock.now,
      apart: 2,
      apartFen: 57_00,
      unattested: 3,
      frozenFen: 70_00,
    },
  ]);
  await organisation.append({ kind: "SuccessionSettled", body: { device: "till1" } });
  await organisation.deliver(office);
  expect(await readDoubtfulDevices(office.replica)).toEqual([]);
});

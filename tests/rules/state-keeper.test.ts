import { expect, test } from "vitest";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { type ReplicaStore, StoreFault } from "../../shared/replica/ports.ts";
import { createMemoryPages, type MemoryPages } from "../contracts/memory-pages.ts";
import type { MemoryStore } from "../contracts/memory-store.ts";
import { jsSignatures, signerOf, TestOrganisation } from "../harness/organisation.ts";
import { fixtureSources, planFixtures } from "../harness/plan-fixtures.ts";
import { addMember, topUp } from "../harness/shop.ts";
import { ManualTimers } from "../server/manual-timers.ts";

const lookMs = 15_000;

interface Device {
  replica: DeviceReplica;
  /** elements of the journal that were read since it was opened */
  read(): number;
}

interface Shop {
  organisation: TestOrganisation;
  pages: MemoryPages;
  member: string;
  open(program?: string): Promise<Device>;
}

/** A till of 2,357 imported members, on a store that keeps state pages. */
async function openShop({ isLarge = true } = {}): Promise<Shop> {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  if (isLarge) await till.replica.importMembers(await planFixtures(), fixtureSources, "boss");
  const member = await addMember(till.replica, "孟文", "13800000001");
  await organisation.exchange(till);
  const pages = createMemoryPages();
  const open = (program = "this one") =>
    openOn(organisation, { pages, store: till.store, program });
  return { organisation, pages, member, open };
}

async function openOn(
  { clock, random }: TestOrganisation,
  { pages, store, program }: { pages: MemoryPages; store: MemoryStore; program: string },
): Promise<Device> {
  let read = 0;
  const counting: ReplicaStore = {
    ...store,
    pages,
    async read(name, from, most) {
      const elements = await store.read(name, from, most);
      if (name !== "authority") read += elements.length;
      return elements;
    },
  };
  const replica = await createDeviceReplica({
    store: counting,
    clock,
    random,
    signatures: jsSignatures,
    signer: signerOf("till1"),
    identity: { org: "testorg", device: "till1", store: "s1" },
    program,
  });
  return { replica, read: () => read };
}

test("a device writes what it folded once it is quiet, and goes on from that at its next start [KS1]", async () => {
  const shop = await openShop();
  const timers = new ManualTimers();
  const first = await shop.open();
  const keeper = first.replica.keeper(timers);
  await timers.pass(lookMs);
  expect(shop.pages.written, "somebody may be at it").toBeUndefined();
  await timers.pass(2 * lookMs);
  expect(shop.pages.written).toBeDefined();
  keeper.close();
  await topUp(first.replica, shop.member, 50_00);
  const again = await shop.open();
  expect(again.read(), "of thousands").toBeLessThan(10);
  expect(again.replica.summary()).toEqual(first.replica.summary());
  expect(again.replica.member(shop.member)).toEqual(first.replica.member(shop.member));
  expect([...again.replica.members()]).toEqual([...first.replica.members()]);
  const other = await shop.open("a later one");
  expect(other.read()).toBeGreaterThan(2000);
  expect(other.replica.summary()).toEqual(first.replica.summary());
});

test("a device that sweeps and looks every few seconds, and finds nothing to do, is quiet", async () => {
  const shop = await openShop();
  const timers = new ManualTimers();
  const { replica } = await shop.open();
  const keeper = replica.keeper(timers);
  for (let second = 0; second < 60; second++) {
    await timers.pass(1000);
    await replica.sweepHome(true);
  }
  keeper.close();
  expect(shop.pages.written).toBeDefined();
});

test("whoever does something while it is written is served, and it is written later [KS3]", async () => {
  const shop = await openShop();
  const timers = new ManualTimers();
  const { replica } = await shop.open();
  const keeper = replica.keeper(timers);
  const write = shop.pages.write.bind(shop.pages);
  let slices = 0;
  const { after } = timers;
  timers.after = (delayMs, run) => {
    if (delayMs < 100 && slices++ === 1) void topUp(replica, shop.member, 10_00);
    return after.call(timers, delayMs, run);
  };
  await timers.pass(2 * lookMs + 1000);
  expect(slices).toBeGreaterThan(1);
  expect(shop.pages.written).toBeUndefined();
  timers.after = after;
  await timers.pass(3 * lookMs);
  expect(shop.pages.written).toBeDefined();
  shop.pages.write = async () => {
    throw new Error("nothing grew: nothing is written again");
  };
  await timers.pass(10 * lookMs);
  expect(await keeper.keepNow()).toBe(false);
  shop.pages.write = write;
  keeper.close();
  expect((await shop.open()).replica.summary()).toEqual(replica.summary());
});

test("a disk without room for it is asked again only when there is more to keep", async () => {
  const shop = await openShop();
  const timers = new ManualTimers();
  let tried = 0;
  shop.pages.write = async () => {
    tried++;
    throw new StoreFault("full", "no room");
  };
  const { replica } = await shop.open();
  const keeper = replica.keeper(timers);
  await timers.pass(10 * lookMs);
  keeper.close();
  expect(tried).toBe(1);
});

test("a small shop writes none: it is folded faster than anybody notices", async () => {
  const shop = await openShop({ isLarge: false });
  const timers = new ManualTimers();
  const { replica } = await shop.open();
  const keeper = replica.keeper(timers);
  await timers.pass(10 * lookMs);
  expect(await keeper.keepNow()).toBe(false);
  keeper.close();
  expect(shop.pages.written).toBeUndefined();
});

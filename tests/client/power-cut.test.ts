import "fake-indexeddb/auto";
import { IDBDatabase } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIndexedDbStore } from "../../client/adapters/indexeddb-store.ts";
import { openDatabase } from "../../client/adapters/open-database.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { jsSignatures, signerOf, TestOrganisation } from "../harness/organisation.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

type Begin = IDBDatabase["transaction"];
const { transaction } = IDBDatabase.prototype as { transaction: Begin };

/**
 * A disk keeps at a power cut what was flushed. A transaction with relaxed durability is reported
 * complete before that, so whatever it wrote may be gone: none of the books' writes may be one.
 */
const disk = { relaxedWrites: 0, strictWrites: 0 };

beforeEach(() => {
  disk.relaxedWrites = 0;
  disk.strictWrites = 0;
  IDBDatabase.prototype.transaction = function begin(this: IDBDatabase, ...args: unknown[]) {
    const [, mode, options] = args as [unknown, string, { durability?: string } | undefined];
    if (mode === "readwrite") {
      if (options?.durability === "strict") disk.strictWrites++;
      else disk.relaxedWrites++;
    }
    return (transaction as unknown as (...all: unknown[]) => unknown).apply(this, args);
  } as unknown as Begin;
});

afterEach(() => {
  IDBDatabase.prototype.transaction = transaction;
});

const ignore = { onBlocked: () => undefined, onGivenUp: () => undefined };

async function openTill(organisation: TestOrganisation, name: string): Promise<DeviceReplica> {
  const store = createIndexedDbStore(await openDatabase(name, ignore));
  const { documents } = await store.load();
  if (documents.length === 0)
    await store.commit({
      append: [{ name: authorityDocument, from: 0, elements: organisation.authority }],
    });
  return createDeviceReplica({
    store,
    clock: organisation.clock,
    random: organisation.random,
    signatures: jsSignatures,
    signer: signerOf("till1"),
    identity: { org: "testorg", device: "till1", store: "s1" },
  });
}

describe("a browser that loses power", () => {
  it("has everything that it showed as saved: no write of the books is ever relaxed [LO1]", async () => {
    const organisation = await TestOrganisation.found();
    await organisation.enrol("till1");
    const replica = await openTill(organisation, "power-cut");
    const member = await addMember(replica, "孟文", "13800000001");
    await topUp(replica, member, 100_00);
    for (let times = 0; times < 5; times++) await charge(replica, member, 1_00);
    const written = disk.strictWrites;
    expect(written).toBeGreaterThanOrEqual(8);
    expect(disk.relaxedWrites).toBe(0);
    const again = await openTill(organisation, "power-cut");
    expect(again.summary()).toEqual(replica.summary());
    expect(again.member(member)?.balance).toBe(95_00);
  });

  it("acknowledges one action with one flushed transaction, after it was flushed [LO1]", async () => {
    const organisation = await TestOrganisation.found();
    await organisation.enrol("till1");
    const replica = await openTill(organisation, "one-transaction");
    const before = disk.strictWrites;
    let wasShown = false;
    const shown = addMember(replica, "孟文", "13800000001").then(() => {
      wasShown = true;
    });
    expect(wasShown).toBe(false);
    expect([...replica.members()]).toHaveLength(0);
    await shown;
    expect(disk.strictWrites - before).toBe(1);
  });
});

import { beforeEach, expect, test } from "vitest";
import { rootSetting } from "../../client/shop/own-settings.ts";
import { withLog } from "../../client/shop/with-log.ts";
import { recoveryPublic } from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { signerOf, TestOrganisation } from "../harness/organisation.ts";
import { keyOf } from "../harness/recovered.ts";
import { cardKey, cardNamed, replaced, replacementBy } from "../harness/replacing.ts";

let organisation: TestOrganisation;
const own = { org: "testorg", device: "till1" };

beforeEach(async () => {
  organisation = await TestOrganisation.found();
  await organisation.enrol("till1");
});

const shown = (from = organisation) => {
  if (!from.state) throw new Error("there is a log");
  return { texts: from.authority, state: from.state };
};

const open = (store: ReturnType<typeof createMemoryStore>, log?: ReturnType<typeof shown>) =>
  withLog(store, own, {
    publicKey: signerOf("till1").publicKey,
    readLog: async () => log,
  });

test("a log that storage lost is read from the server again, and the damage is still told [LO2]", async () => {
  const store = createMemoryStore();
  const damaged = [{ where: "authority", what: "element 0" }];
  let loads = 0;
  const lossy = {
    ...store,
    load: async () => ({ ...(await store.load()), damaged: loads++ === 0 ? damaged : [] }),
  };
  const opened = await open(lossy, shown());
  const state = await opened?.load();
  expect(state?.documents).toEqual([
    { name: authorityDocument, length: organisation.authority.length },
  ]);
  expect(state?.damaged).toEqual(damaged);
  expect((await opened?.load())?.damaged).toEqual([]);
});

test("a log that is here is not asked for", async () => {
  const store = createMemoryStore();
  await store.commit({
    append: [{ name: authorityDocument, from: 0, elements: organisation.authority }],
  });
  expect(await open(store)).toBeDefined();
});

test("a log under another recovery key, without this device, or no log at all is not believed", async () => {
  const root = organisation.state?.recovery.sign;
  const store = createMemoryStore();
  await store.commit({ settings: { [rootSetting]: root } });
  const other = await TestOrganisation.found("somebody else");
  expect(await open(store, shown(other))).toBe(undefined);
  await other.enrol("till1");
  expect(await open(store, shown(other))).toBe(undefined);
  const before = await TestOrganisation.found();
  expect(await open(store, shown(before))).toBe(undefined);
  expect(await open(store)).toBe(undefined);
  expect((await store.load()).documents).toEqual([]);
  expect(await open(store, shown())).toBeDefined();
});

test("where the recovery card was replaced, a log from before is believed only by who never knew of it", async () => {
  const fresh = cardNamed("new card");
  const first = organisation.state?.recovery.sign;
  const before = await TestOrganisation.found();
  await before.enrol("till1");
  await organisation.append(replacementBy(fresh), [keyOf("staff:boss"), cardKey(fresh)]);
  await organisation.append({ kind: "ActApproved", body: { proposal: "r1" } });
  await organisation.append(replaced(fresh), [keyOf("device:srv1")]);
  for (const [root, older, newer] of [
    [first, true, true],
    [recoveryPublic(fresh).sign, false, true],
  ] as const) {
    for (const [log, isBelieved] of [
      [before, older],
      [organisation, newer],
    ] as const) {
      const store = createMemoryStore();
      await store.commit({ settings: { [rootSetting]: root } });
      expect((await open(store, shown(log))) !== undefined).toBe(isBelieved);
    }
  }
});

import { expect, test } from "vitest";
import { findingsOf } from "../../client/shop/findings.ts";
import { lostChangesOf } from "../../client/shop/lost-changes.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { keyOf, newestHead, recordLost, recoveredFrom } from "../harness/recovered.ts";

async function recovered() {
  const before = await TestOrganisation.found();
  await before.enrol("till1");
  const known = before.authority.length;
  await before.append({
    kind: "StaffAdded",
    body: { staff: "bob", name: "小李", role: "manager" },
  });
  await before.append({
    kind: "StaffChanged",
    body: { staff: "amy", name: "小王", role: "cashier", active: false },
  });
  await before.enrol("till2", { replaces: "till1" });
  await before.enrol("till3");
  const after = await recoveredFrom(before, known);
  await recordLost(after, before, known);
  return { before, after, state: after.state as AuthorityState };
}

const seen = (authority: AuthorityState, link: object = { state: "online", fetching: 0 }) =>
  findingsOf(
    {
      authority,
      complete: true,
      damaged: [],
      link: link as Parameters<typeof findingsOf>[0]["link"],
      missing: [],
      renewed: false,
      serverFinding: undefined,
      trouble: undefined,
      unsent: 3,
    },
    { org: "testorg", device: "till1", store: "s1" },
  );

test("what a recovery left behind is told as one list, without what is in force by itself [AC8]", async () => {
  const { before, after, state } = await recovered();
  const lists = lostChangesOf(state);
  expect(lists).toEqual([
    {
      through: newestHead(before),
      changes: [
        { kind: "staff-added", name: "小李", role: "manager" },
        { kind: "device-replaced", name: "till2", before: "till1" },
        { kind: "device-enrolled", name: "till3" },
      ],
    },
  ]);
  expect(seen(state)).toEqual([{ kind: "lost-changes", count: 3 }]);
  await after.append({ kind: "EntriesReinstated", body: { through: lists[0]?.through ?? "" } }, [
    keyOf("staff:boss"),
  ]);
  expect(lostChangesOf(state)).toEqual([]);
});

test("a device whose enrolment was left behind is told to go on, and to wait for the owner", async () => {
  const { state } = await recovered();
  const found = seen(state, { state: "refused", reason: "awaiting-owner" });
  expect(found[0]).toEqual({ kind: "awaiting-owner", unsent: 3 });
});

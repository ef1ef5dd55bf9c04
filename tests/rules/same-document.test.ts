import { expect, test } from "vitest";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { elementsOf } from "../../shared/journal/run.ts";
import { month, TestOrganisation } from "../harness/organisation.ts";
import { addMember } from "../harness/shop.ts";

const name = journalDocument(1, "s1", month);

test("a document that brings a run again is not the one that is here: nothing of it is kept, and what is new in it comes by heads [J8] [J9]", async () => {
  const organisation = await TestOrganisation.found();
  const [one, two] = [await organisation.enrol("till1"), await organisation.enrol("till2")];
  await addMember(one.replica, "王芳", "13800000001");
  await addMember(one.replica, "李伟", "13800000002");
  await organisation.exchange(one, two);
  const length = two.replica.documentLength(name);
  const held = await two.replica.readDocument(name, 0, length);
  await addMember(one.replica, "张敏", "13800000003");
  const [fresh] = await one.replica.runsFrom(one.replica.chain, 2, 1);
  if (!fresh) throw new Error("a third member was added");
  const permuted = [...elementsOf(fresh), ...held.slice(-2)];
  expect(await two.replica.receive(name, length, permuted)).toEqual({
    ok: false,
    code: "elsewhere",
  });
  expect(two.replica.documentLength(name)).toBe(length);
  expect(await two.replica.receive(name, length, elementsOf(fresh))).toEqual({ ok: true });
  expect([...two.replica.members()].length).toBe(3);
});

import { expect, it } from "vitest";
import { fromBase64Url } from "../../shared/journal/bytes.ts";
import { sealFields } from "../../shared/members/member-fields.ts";
import { sealContext } from "../../shared/members/member-kinds.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { signerOf, TestOrganisation } from "../harness/organisation.ts";
import { act, addMember, refusalOf } from "../harness/shop.ts";

const names = ["toString", "constructor", "hasOwnProperty", "valueOf"];

it("a field may have any name: what was not written reads as empty, what was as it was written [ME6]", async () => {
  const organisation = await TestOrganisation.found();
  const one = await organisation.enrol("till1");
  const two = await organisation.enrol("till2");
  const member = await addMember(one.replica, "孟文", "13800000001");
  const values = Object.fromEntries(names.map((name) => [name, `的 ${name}`]));
  await act(one.replica, { command: "EditMember", member, fields: values });
  await organisation.exchange(one, two);
  for (const { replica } of [one, two])
    expect(replica.member(member)?.fields).toEqual({
      name: "孟文",
      phone: "13800000001",
      ...values,
    });
});

it("a field that an operation claims to write, and does not, is empty and no part of the machine [ME6]", async () => {
  const organisation = await TestOrganisation.found();
  const one = await organisation.enrol("till1");
  const member = await addMember(one.replica, "孟文", "13800000001");
  await organisation.exchange(one);
  const key = fromBase64Url(organisation.keys.get(member) ?? "") ?? new Uint8Array();
  const context = sealContext("testorg", member);
  const sealed = sealFields(key, context, { note: "老客" }, organisation.random);
  const cites = Object.fromEntries(names.map((name) => [name, []]));
  const { clock, serverLedger: ledger } = organisation;
  const author = { device: "till1", store: "s1", staff: "boss", attested: true };
  const run = await authorRun({ ledger, clock, signer: signerOf("till1") }, author, [
    () => ({ kind: "MemberEdited", body: { member, cites, sealed } }),
  ]);
  await organisation.accept(run);
  const two = await organisation.enrol("till2");
  await organisation.deliver(two);
  const view = two.replica.member(member);
  for (const value of Object.values(view?.fields ?? {})) expect(typeof value).toBe("string");
  expect(view?.conflicts).toEqual([]);
  expect(view?.fields).toEqual({ name: "孟文", phone: "13800000001" });
});

it("a long text under a name that objects have is too long all the same; a name that none can have is refused", async () => {
  const organisation = await TestOrganisation.found();
  const { replica } = await organisation.enrol("till1");
  const member = await addMember(replica, "孟文", "13800000001");
  const long = "长".repeat(60_000);
  for (const name of [...names, "__proto__"]) {
    const typed = JSON.parse(`{"${name}":"${name === "__proto__" ? "x" : long}"}`);
    const refusal = await refusalOf(replica, { command: "EditMember", member, fields: typed });
    expect(refusal.code).toBe("field-too-long");
  }
});

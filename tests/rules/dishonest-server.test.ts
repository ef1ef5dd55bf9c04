import { beforeEach, describe, expect, it } from "vitest";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { elementsOf } from "../../shared/journal/run.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { ledgerOf } from "../harness/fold-runs.ts";
import { month, signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

const name = journalDocument(1, "s1", month);

let organisation: TestOrganisation;
let one: Till;
let two: Till;
let member: string;
let honest: string[];

beforeEach(async () => {
  organisation = await TestOrganisation.found();
  one = await organisation.enrol("till1");
  two = await organisation.enrol("till2");
  member = await addMember(one.replica, "孟文", "13800000001");
  await topUp(one.replica, member, 100_00);
  await charge(one.replica, member, 30_00);
  await organisation.exchange(one);
  await organisation.deliver();
  honest = organisation.documents.get(name) ?? [];
  const known = two.replica.documentLength(authorityDocument);
  await two.replica.receive(authorityDocument, known, organisation.authority.slice(known));
});

const nothingKept = () => {
  expect(two.replica.documentLength(name)).toBe(0);
  expect(two.replica.summary().counts.operations).toBe(0);
};

describe("a server with dishonest software", () => {
  it("changes an amount, the order or a seal: the device keeps nothing of it, and takes the truth afterwards [J2]", async () => {
    const changed = honest.map((text) => text.replace("10000", "90000"));
    const [first = "", ...rest] = honest;
    const reordered = [...rest.slice(0, 2), first, ...rest.slice(2)];
    const resealed = honest.map((text) => text.replace(/"sig":"../, '"sig":"AA'));
    for (const elements of [changed, reordered, resealed]) {
      expect(await two.replica.receive(name, 0, elements)).toMatchObject({
        ok: false,
        code: "forged",
      });
      nothingKept();
    }
    expect(await two.replica.receive(name, 0, honest)).toEqual({ ok: true });
    expect(two.replica.member(member)?.balance).toBe(70_00);
  });

  it("leaves out an operation: what follows waits, and does not count [J1]", async () => {
    const lacking = honest.slice(2);
    await two.replica.receive(name, 0, lacking);
    expect(two.replica.summary().counts.operations).toBe(0);
    expect(two.replica.isComplete()).toBe(false);
  });

  it("writes in another device's name with its own key: refused [J2]", async () => {
    const { ledger } = await ledgerOf(organisation.authority, []);
    const run = await authorRun(
      { ledger, clock: organisation.clock, signer: signerOf("srv1") },
      { device: "till1", store: "s1", staff: "boss", attested: true },
      [() => ({ kind: "ImportUndone", body: { batch: member, reason: "x" } })],
    );
    expect(await two.replica.receive(name, 0, elementsOf(run))).toMatchObject({ code: "forged" });
    nothingKept();
  });

  it("shows a second history of a device that is known: kept apart, counted for nothing [J6]", async () => {
    await two.replica.receive(name, 0, honest);
    const { ledger } = await ledgerOf(organisation.authority, []);
    const tools = { ledger, clock: organisation.clock, signer: signerOf("till1") };
    const author = { device: "till1", store: "s1", staff: "boss", attested: true };
    const drafts = Array.from({ length: 5 }, () => () => ({
      kind: "ImportOpened",
      body: { sources: [{ name: "b", hash: "b", rows: 1 }] },
    }));
    const branch = await authorRun(tools, author, drafts);
    const { hash } = two.replica.summary();
    const forged = elementsOf(branch).map((text) => text.replace('"name":"b"', '"name":"c"'));
    expect(await two.replica.receive(name, honest.length, forged)).toMatchObject({
      code: "forged",
    });
    const outcome = await two.replica.receive(name, honest.length, elementsOf(branch));
    expect(outcome).toEqual({ ok: true });
    expect(two.replica.summary()).toMatchObject({ hash, counts: { apart: 1 } });
    expect(two.replica.branches()).toMatchObject([{ chain: "till1@s1", first: 0, last: 4 }]);
  });

  it("gives somebody rights that the owner did not: the log is not believed [AC6]", async () => {
    const length = two.replica.documentLength(authorityDocument);
    const last = organisation.authority.at(-1) ?? "";
    const forged = last.replace(`"seq":${length - 1}`, `"seq":${length}`);
    expect(await two.replica.receive(authorityDocument, length, [forged])).toMatchObject({
      code: "forged",
    });
    expect(two.replica.documentLength(authorityDocument)).toBe(length);
    expect(await two.replica.receive(name, 0, honest)).toEqual({ ok: true });
  });
});

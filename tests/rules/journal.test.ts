import { describe, expect, it } from "vitest";
import { canonicalJson, parseCanonical } from "../../shared/journal/canonical-json.ts";
import { RunningHash } from "../../shared/journal/chain.ts";
import { readOperation } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal, sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import { isAhead, observe, tick } from "../../shared/time/hybrid-clock.ts";
import { ledgerOf } from "../harness/fold-runs.ts";
import { signerOf, startMs, TestOrganisation } from "../harness/organisation.ts";
import { addMember, topUp } from "../harness/shop.ts";

async function twoRuns() {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 1_00);
  const [first, second] = await till.replica.runsFrom(till.replica.chain, 0, 2);
  if (!first || !second) throw new Error("two runs");
  const { ledger } = await ledgerOf(organisation.authority, []);
  const codeOf = async (run: Run) => {
    const checked = await ledger.check(run, { verify: true });
    return checked.ok ? "good" : checked.refusal.code;
  };
  const take = async (run: Run) => {
    const checked = await ledger.check(run, { verify: true });
    if (!checked.ok) throw new Error(checked.refusal.code);
    ledger.enter(checked.value, startMs);
  };
  return { organisation, ledger, first, second, codeOf, take };
}

/** Seals a run again with a device's own valid key. */
async function resealed(
  run: Run,
  change: Partial<NonNullable<ReturnType<typeof readSeal>>>,
  by = "till1",
) {
  const seal = readSeal(run.seal);
  if (!seal) throw new Error("a seal");
  const changed = { ...seal, ...change };
  const sig = await signerOf(by).sign(sealedBytes(changed));
  return { operations: run.operations, seal: writeSeal({ ...changed, sig }) };
}

describe("runs", () => {
  it("are accepted in sequence; a gap says what is missing, a resend is harmless [J1]", async () => {
    const { first, second, codeOf, take, ledger } = await twoRuns();
    expect(await codeOf(second)).toBe("gap");
    await take(first);
    const resend = await ledger.check(first, { verify: true });
    expect(resend.ok && resend.value.operations).toEqual([]);
    await take(second);
    expect(ledger.head("till1@s1").next).toBe(2);
  });

  it("that were changed after they were checked, or checked on top of another history, are not entered [J2]", async () => {
    const { ledger, first, second, take } = await twoRuns();
    const operations = [...first.operations];
    const checked = await ledger.check({ ...first, operations }, { verify: true });
    if (!checked.ok) throw new Error(checked.refusal.code);
    operations[0] = (operations[0] ?? "").replace("MemberAdded", "MemberEdits");
    expect(() => ledger.enter(checked.value, startMs)).toThrow("was not changed since");
    const { take: takeThere, ledger: there } = await twoRuns();
    await take(first);
    const next = await ledger.check(second, { verify: true });
    if (!next.ok) throw new Error(next.refusal.code);
    await takeThere(first);
    const other = { ...next.value.hashed, before: RunningHash.start("testorg", "till1@s1") };
    expect(() => there.enter({ ...next.value, hashed: other }, startMs)).toThrow(
      "was not changed since",
    );
  });

  it("with one changed character anywhere are refused [J2]", async () => {
    const { first, codeOf } = await twoRuns();
    const [text = ""] = first.operations;
    for (let at = 0; at < text.length; at += 7) {
      const changed = `${text.slice(0, at)}${text[at] === "1" ? "2" : "1"}${text.slice(at + 1)}`;
      expect(await codeOf({ ...first, operations: [changed] }), `character ${at}`).not.toBe("good");
    }
    for (let at = 0; at < first.seal.length; at += 5) {
      const changed = `${first.seal.slice(0, at)}${first.seal[at] === "1" ? "2" : "1"}${first.seal.slice(at + 1)}`;
      expect(await codeOf({ ...first, seal: changed }), `seal ${at}`).not.toBe("good");
    }
  });

  it("sealed by another device's key are refused [J2]", async () => {
    const { organisation, first, codeOf } = await twoRuns();
    await organisation.enrol("till2");
    expect(await codeOf(await resealed(first, {}, "till2"))).toBe("bad-seal");
  });

  it("a second history of the same device is a fork, not an update [J6]", async () => {
    const { organisation, first, codeOf, take } = await twoRuns();
    const other: Drafting = () => ({
      kind: "ImportOpened",
      body: { sources: [{ name: "b", hash: "b", rows: 1 }] },
    });
    const { ledger: elsewhere } = await ledgerOf(organisation.authority, []);
    const author = { device: "till1", store: "s1", staff: "boss", attested: true };
    const tools = { ledger: elsewhere, clock: organisation.clock, signer: signerOf("till1") };
    const branch = await authorRun(tools, author, [other]);
    const checked = await elsewhere.check(branch, { verify: true });
    if (checked.ok) elsewhere.enter(checked.value, startMs);
    const next = await authorRun(tools, author, [other]);
    await take(first);
    expect(await codeOf(next)).toBe("fork");
  });

  it("an author never goes back to an older authority log [J7]", async () => {
    const { organisation, first, take, codeOf, ledger } = await twoRuns();
    await take(first);
    const old = readOperation(first.operations[0] ?? "");
    const author = { device: "till1", store: "s1", staff: "boss", attested: true };
    const tools = { ledger, clock: organisation.clock, signer: signerOf("till1") };
    await organisation.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "cashier" },
    });
    await ledger.addAuthority(organisation.authority.at(-1) ?? "");
    const newer = await authorRun(tools, author, [
      () => ({ kind: "ImportUndone", body: { batch: "a@b:1", reason: "" } }),
    ]);
    await take(newer);
    const cited = { ...old, seq: 2, auth: old?.auth } as never;
    const hash = ledger.runningHash("till1@s1");
    const text = canonicalJson(cited);
    const head = ledger.head("till1@s1");
    hash.add(text);
    const seal = await resealed(
      { operations: [text], seal: newer.seal },
      { first: 2, last: 2, prev: head.hash, head: hash.toString() },
    );
    expect(await codeOf(seal)).toBe("authority-went-back");
  });
});

describe("canonical text", () => {
  it.each([
    '{"b":1,"a":2}',
    '{"a":1,"a":2}',
    '{"a":1.0}',
    '{"a":1e3}',
    '{"a":null}',
    '{"a": 1}',
    '{"a":-0}',
    '{"a":9007199254740993}',
    '{"a":"\\u0041"}',
    '{"a":"\\ud800"}',
    '{"__proto__":{"x":1}}',
    `${"[".repeat(40)}${"]".repeat(40)}`,
    "",
  ])("%s is not what we write", (text) => {
    expect(parseCanonical(text)).toBeUndefined();
  });
});

describe("the hybrid clock", () => {
  it("never goes back, and does not follow a clock that is more than a day ahead [TI2]", () => {
    expect(tick([1000, 3], 900)).toEqual([1000, 4]);
    expect(tick([1000, 3], 1001)).toEqual([1001, 0]);
    expect(observe([1000, 0], [5000, 2], 1000)).toEqual([5000, 2]);
    const wild: [number, number] = [startMs + 25 * 3600_000, 0];
    expect(isAhead(wild, startMs)).toBe(true);
    expect(observe([startMs, 0], wild, startMs)).toEqual([startMs, 0]);
  });
});

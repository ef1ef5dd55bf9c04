import { expect, test } from "vitest";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import { newRecoveryKey, type RecoveryKey } from "../../shared/access/recovery-key.ts";
import { sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { recoveryProofBytes } from "../../shared/sync/ticket.ts";
import {
  jsSignatures,
  seededRandom,
  signerOf,
  startMs,
  TestOrganisation,
} from "../harness/organisation.ts";
import { ManualTimers } from "./manual-timers.ts";

const hash = "A".repeat(43);
/** The seal of a chain's last run; `signedBy` another key is no seal of that chain. */
async function sealOf(device: string, next: number, signedBy = device): Promise<string> {
  const unsigned = {
    v: 1 as const,
    org: "testorg",
    chain: `${device}@s1`,
    first: next - 1,
    last: next - 1,
    prev: hash,
    head: hash,
  };
  return writeSeal({ ...unsigned, sig: await signerOf(signedBy).sign(sealedBytes(unsigned)) });
}

const server = { device: "srv2", key: signerOf("srv2").publicKey };

function openDesk(recovery: RecoveryKey) {
  const timers = new ManualTimers();
  const founded: (readonly string[])[] = [];
  let refusal: string | undefined;
  const desk = createRecoveryDesk({
    recovery,
    server,
    timers,
    signatures: jsSignatures,
    clock: { nowMs: () => startMs },
    async found(entries): Promise<Result<string, string>> {
      if (refusal !== undefined) return refuse(refusal);
      founded.push(entries);
      return done("head");
    },
  });
  const failWith = (reason: string | undefined) => {
    refusal = reason;
  };
  /** What the desk answers once the others had time to call. */
  const offer = async (entries: readonly string[], seals: string[] = []) => {
    const answer = desk.adopt(entries, seals);
    await timers.pass(5000);
    return answer;
  };
  return { desk, timers, founded, offer, failWith };
}

test("a device's log is taken over, and the next term closes the old server at what the device knows", async () => {
  const organisation = await TestOrganisation.found();
  await organisation.enrol("till1");
  const { founded, offer } = openDesk(organisation.recovery);
  const forged = (await sealOf("srv1", 99)).replace(/"last":\d+/, '"last":400');
  const seals = [
    await sealOf("srv1", 7),
    await sealOf("till1", 9),
    await sealOf("srv1", 99, "till1"),
    forged,
    "no seal",
  ];
  expect(await offer(organisation.authority, seals)).toEqual({ ok: true, value: undefined });
  const [entries = []] = founded;
  expect(entries.slice(0, -1)).toEqual(organisation.authority);
  const log = await readAuthorityLog(entries, jsSignatures);
  expect(log.ok && log.value).toMatchObject({ term: 2, server: "srv2" });
  const old = log.ok ? log.value.devices.get("srv1") : undefined;
  expect(old?.closed).toMatchObject({ by: "srv2", cut: { "srv1@s1": { next: 7, hash } } });
  expect(Object.keys(old?.closed?.cut ?? {})).toEqual(["srv1@s1"]);
});

test("it proves that it holds the owner's key, for one organisation and nonce", async () => {
  const organisation = await TestOrganisation.found();
  const { desk } = openDesk(organisation.recovery);
  const proof = await desk.prove("testorg", "nonce");
  const sign = organisation.state?.recovery.sign ?? "";
  const verify = (org: string, nonce: string) =>
    jsSignatures.verify(sign, recoveryProofBytes(org, nonce), proof);
  expect(await verify("testorg", "nonce")).toBe(true);
  expect(await verify("other", "nonce")).toBe(false);
  expect(await verify("testorg", "another")).toBe(false);
});

test("the log of an organisation with another card is refused", async () => {
  const organisation = await TestOrganisation.found();
  const { founded, offer } = openDesk(newRecoveryKey(seededRandom("thief")));
  expect(await offer(organisation.authority)).toEqual({ ok: false, refusal: "not-accepted" });
  expect(founded).toEqual([]);
});

test("entries that were changed, cut out or mixed with another organisation's are refused", async () => {
  const organisation = await TestOrganisation.found();
  const other = await TestOrganisation.found("other");
  await organisation.enrol("till1");
  const { authority, recovery } = organisation;
  const [first = "", second = "", third = ""] = authority;
  const { founded, offer } = openDesk(recovery);
  for (const entries of [
    [],
    [second, third],
    [first, third],
    [first, second.replace("小王", "小李"), third],
    [first, other.authority[1] ?? ""],
    ["{}"],
  ])
    expect(await offer(entries)).toEqual({ ok: false, refusal: "malformed" });
  expect(founded).toEqual([]);
});

test("a tablet from the drawer does not take the shop back: the longest log that is offered counts", async () => {
  const organisation = await TestOrganisation.found();
  const stale = [...organisation.authority];
  await organisation.enrol("till1");
  await organisation.enrol("till2", { replaces: "till1" });
  const { desk, timers, founded } = openDesk(organisation.recovery);
  const first = desk.adopt(stale, [await sealOf("srv1", 3)]);
  await timers.pass(1000);
  const second = desk.adopt(organisation.authority, [await sealOf("srv1", 5)]);
  const third = desk.adopt(stale, [await sealOf("srv1", 4)]);
  await timers.pass(5000);
  for (const answer of [first, second, third]) expect((await answer).ok).toBe(true);
  expect(founded.length).toBe(1);
  const log = await readAuthorityLog(founded[0] ?? [], jsSignatures);
  const devices = log.ok ? log.value.devices : new Map();
  expect(devices.get("till1")?.closed).toMatchObject({ by: "till2" });
  expect(devices.get("srv1")?.closed?.cut["srv1@s1"]?.next).toBe(5);
});

test("a log that contradicts the one at hand is not mixed into it", async () => {
  const organisation = await TestOrganisation.found();
  const other = await TestOrganisation.found();
  await organisation.enrol("till1");
  await other.enrol("till2");
  const { desk, timers, founded } = openDesk(organisation.recovery);
  const first = desk.adopt(organisation.authority, []);
  expect(await desk.adopt(other.authority, [])).toEqual({ ok: false, refusal: "forked-log" });
  await timers.pass(5000);
  expect((await first).ok).toBe(true);
  expect(founded[0]?.slice(0, -1)).toEqual(organisation.authority);
});

test("a full disk is said, and the next device that calls is asked again", async () => {
  const organisation = await TestOrganisation.found();
  const { offer, failWith, founded } = openDesk(organisation.recovery);
  failWith("store-full");
  expect(await offer(organisation.authority)).toEqual({ ok: false, refusal: "store-full" });
  failWith(undefined);
  expect((await offer(organisation.authority)).ok).toBe(true);
  expect(founded.length).toBe(1);
});

import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { newPairingCode } from "../../shared/access/pairing-code.ts";
import { newRecoveryKey } from "../../shared/access/recovery-key.ts";
import { greetingProof, refillProof } from "../../shared/access/refill-proof.ts";
import { askStanding, greetNewServer, refillServer } from "../../shared/replica/refill-server.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import type { ServerApi } from "../../shared/sync/server-api.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import {
  eventually,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
} from "./server-harness.ts";

/** A till whose server is gone for good, and a new one where the old one was. */
async function openShop() {
  const dir = await scratchFolder();
  const old = await startFoundedServer(dir);
  const till = await joinDevice(old.platform, old.url, old.ownerCode, "前台");
  const session = till.connect();
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 100_00);
  await eventually(() => session.isSettled(), "all is sent");
  await old.stop();
  await rm(dir, { recursive: true });
  await charge(till.replica, member, 30_00);
  const fresh = await startTestServer(dir, { port: old.server.port });
  const api = fresh.platform.httpApi(fresh.url);
  const { random } = fresh.platform;
  const code = fresh.server.setupCode;
  const refill = { api, address: fresh.url, nowMs: Date.now(), replica: till.replica };
  return { ...fresh, old, till, session, member, api, random, code, refill, dir };
}

test("a device makes a new server the shop's: it takes everything over, both agree, and the shop goes on [LO7]", async () => {
  const { old, till, session, member, api, random, code, refill, data } = await openShop();
  const ask = { api, random };
  const greeted = await greetNewServer(ask, code);
  expect(greeted).toEqual({
    ok: true,
    value: { device: data.identity.device, key: data.identity.signer.publicKey },
  });
  if (!greeted.ok) return;
  const how = { code, server: greeted.value, recovery: old.recovery };
  expect(await refillServer(refill, how)).toEqual({ ok: true, value: undefined });
  session.close();
  const again = till.connect();
  await eventually(() => again.isSettled() && till.replica.authority.term === 2, "all is there");
  const { relay } = data;
  await eventually(
    () => summarise(relay.ledger).hash === till.replica.summary().hash,
    "both hold the same",
  );
  const standing = await askStanding(ask, code, true);
  const { hash, counts } = till.replica.summary();
  expect(standing).toEqual({
    operations: 3,
    state: { hash, members: 1, operations: counts.operations, principal: 70_00, bonus: 0 },
  });
  expect(relay.keyring.holds(member)).toBe(true);
  expect(relay.authority?.devices.get(old.data.identity.device)?.closed).toMatchObject({
    by: data.identity.device,
  });
  await charge(till.replica, member, 70_00);
  await eventually(() => again.isSettled(), "it sells");
  // Once it is the shop's, the code opens it no more.
  expect(await greetNewServer(ask, code)).toEqual({ ok: false, refusal: "already-founded" });
});

test("who does not know the code is told nothing and changes nothing, on either side [LO7]", async () => {
  const { old, till, api, random, code, refill, data, platform } = await openShop();
  const wrong = newPairingCode(random);
  const refused = { ok: false, refusal: "not-accepted" };
  expect(await greetNewServer({ api, random }, wrong)).toEqual(refused);
  // A server in between that puts its own key in the answer of the right one.
  const told: unknown[] = [];
  const between: ServerApi = {
    get: (path) => api.get(path),
    async post(path, body) {
      told.push(body);
      const answer = await api.post(path, body);
      const said = answer.body as { server: { device: string } };
      const server = { device: said.server.device, key: "A".repeat(43) };
      return { status: answer.status, body: { ...said, server } };
    },
  };
  expect(await greetNewServer({ api: between, random }, code)).toEqual(refused);
  // One that never saw the code and makes up a proof.
  const madeUp: ServerApi = {
    get: (path) => api.get(path),
    async post(_path, body) {
      const server = { device: "thief", key: "A".repeat(43) };
      const { nonce } = body as { nonce: string };
      return { status: 200, body: { server, proof: greetingProof(wrong, nonce, server) } };
    },
  };
  expect(await greetNewServer({ api: madeUp, random }, code)).toEqual(refused);
  expect(JSON.stringify(told)).not.toContain(code);
  const server = { device: data.identity.device, key: data.identity.signer.publicKey };
  const recovery = old.recovery;
  expect(await refillServer(refill, { code: wrong, server, recovery })).toEqual(refused);
  const malformed = { ok: false, refusal: "malformed" };
  // Another card, and a term that was opened for another server.
  const card = newRecoveryKey(random);
  expect(await refillServer(refill, { code, server, recovery: card })).toEqual(malformed);
  const other = { ...server, key: "B".repeat(43) };
  expect(await refillServer(refill, { code, server: other, recovery })).toEqual(malformed);
  const entries = await till.replica.readDocument("authority", 0, 99);
  const address = refill.address;
  const bare = { entries, address, proof: refillProof(code, server, { entries, address }) };
  expect((await api.post("/api/v1/refill/authority", bare)).status).toBe(400);
  expect(await askStanding({ api, random }, wrong, true)).toBe(undefined);
  expect(data.relay.authority).toBe(undefined);
  expect(platform).toBeDefined();
});

test("an answer that was lost is given again; a page of any origin may refill, and only that one may stay [LO7]", async () => {
  const { old, random, code, refill, data, api, url } = await openShop();
  const greeted = await greetNewServer({ api, random }, code);
  if (!greeted.ok) throw new Error(greeted.refusal);
  const sent: unknown[] = [];
  const lossy: ServerApi = {
    get: (path) => api.get(path),
    async post(_path, body) {
      sent.push(body);
      return { status: 500, body: undefined };
    },
  };
  const how = { code, server: greeted.value, recovery: old.recovery };
  await refillServer({ ...refill, api: lossy }, how);
  const origin = "https://shop.local:8443";
  const post = () =>
    fetch(`${url}/api/v1/refill/authority`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify(sent[0]),
    });
  for (let times = 0; times < 2; times++) {
    const answer = await post();
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
      200,
      origin,
    ]);
  }
  expect(data.relay.authority?.term).toBe(2);
  const asked = async (from: string) => {
    const answer = await fetch(`${url}/api/v1/organisation`, { headers: { origin: from } });
    return answer.headers.get("access-control-allow-origin");
  };
  expect([await asked(origin), await asked("https://elsewhere.example")]).toEqual([origin, null]);
});

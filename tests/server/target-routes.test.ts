import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { createHttpApi } from "../../server/adapters/http-api.ts";
import type { ApiEnv } from "../../server/api/api-env.ts";
import { addTargetRoutes } from "../../server/api/target-routes.ts";
import { carryOutChanges } from "../../server/backups/change-targets.ts";
import { TargetFault } from "../../server/backups/target.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { recoverySigner } from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { askTickets } from "../../shared/replica/server-contact.ts";
import { signerOf } from "../harness/organisation.ts";
import { scratchFolder, startFoundedServer } from "./server-harness.ts";

/** A server with an owner's PC and a cashier's tablet, both asking over http on this machine. */
async function openShop() {
  const dir = await scratchFolder();
  const started = await startFoundedServer(join(dir, "data"));
  const { relay, backups, identity } = started.data;
  const { clock, random } = started.platform;
  const old = { by: "recovery", signer: recoverySigner(started.recovery) };
  const [staff = ""] = relay.authority?.staff.keys() ?? [];
  const [store = ""] = relay.authority?.stores.keys() ?? [];
  const boss = { by: `staff:${staff}`, signer: signerOf("boss") };
  const key = { by: `device:${identity.device}`, signer: identity.signer };
  const add = (proposal: AuthorityProposal, ...keys: AuthorityKey[]) =>
    sequenceSigned(relay, proposal, keys, clock.nowMs());
  const place = { store, till: false };
  const pc = { device: "pc", name: "pc", key: signerOf("pc").publicKey, ceiling: "owner" } as const;
  const held = { staff, staffKey: boss.signer.publicKey };
  await add({ kind: "DeviceEnrolled", body: { ...place, ...pc, ...held } }, old);
  const tablet = { ...pc, device: "tablet", key: signerOf("tablet").publicKey };
  await add({ kind: "DeviceEnrolled", body: { ...place, ...tablet, ceiling: "cashier" } }, old);
  const api = createHttpApi(started.url);
  const ask = async (question: unknown, device = "pc") => {
    const org = relay.authority?.org ?? "";
    const tickets = await askTickets(api, { org, device, signer: signerOf(device) }, 1);
    const [ticket] = tickets.ok ? tickets.value : [];
    const { status, body } = await api.post("/api/v1/targets", { ticket, ask: question });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is answered
    return { status, body: body as any };
  };
  const carryOut = () => carryOutChanges({ relay, backups, key, random, nowMs: clock.nowMs() });
  await mkdir(join(dir, "disk"));
  return { dir, ask, add, carryOut, boss, backups };
}

const s3 = {
  kind: "s3",
  endpoint: "http://127.0.0.1:47999",
  region: "r",
  bucket: "bucket",
  style: "path",
  accessKey: "a",
  secretKey: "hunter2-hunter2",
  folder: "f",
};

describe("places of backups in the app", () => {
  it("are tried, added with the owner's own approval, and told without passwords [TC4]", async () => {
    const { dir, ask, add, carryOut, boss, backups } = await openShop();
    const settings = { kind: "directory", path: join(dir, "disk/youbei") };
    expect((await ask({ do: "test", settings })).body.test).toMatchObject({ ok: true });
    const wanted = { do: "add", name: "usb", settings, offSite: false, offline: true };
    const { body } = await ask(wanted);
    expect(await carryOut()).toEqual([]);
    expect((await ask({ do: "list" })).body.targets).toEqual([]);
    await add({ kind: "ActApproved", body: { proposal: body.proposal } }, boss);
    expect(await carryOut()).toMatchObject([{ refusal: undefined }]);
    const { body: listed } = await ask({ do: "list" });
    expect(listed.targets).toMatchObject([
      { name: "usb", kind: "directory", offline: true, where: expect.stringContaining("disk") },
    ]);
    expect(listed.presets.length).toBeGreaterThan(5);
    await backups.apply({
      do: "add",
      record: { ...(await backups.targets())[0], id: "c", name: "云", settings: s3 } as never,
    });
    expect(JSON.stringify((await ask({ do: "list" })).body)).not.toContain(s3.secretKey);
    expect((await ask(wanted)).body).toMatchObject({ code: "name-taken" });
  });

  it("are removed only when another one than who asks approves [TC4]", async () => {
    const { dir, ask, add, carryOut, boss } = await openShop();
    const settings = { kind: "directory", path: join(dir, "disk/youbei") };
    const wanted = { do: "add", name: "usb", settings, offSite: false, offline: false };
    const { body } = await ask(wanted);
    await add({ kind: "ActApproved", body: { proposal: body.proposal } }, boss);
    await carryOut();
    const { body: listed } = await ask({ do: "list" });
    const { body: asked } = await ask({ do: "remove", id: listed.targets[0].id });
    const proposal = { ...asked, act: "change-targets" } as const;
    expect(await add({ kind: "ActProposed", body: proposal }, boss)).toMatchObject({ ok: true });
    const approved = { kind: "ActApproved", body: { proposal: asked.proposal } } as const;
    expect(await add(approved, boss)).toEqual({ ok: false, refusal: "not-entitled" });
    expect(await carryOut()).toEqual([]);
    expect((await ask({ do: "list" })).body.targets.length).toBe(1);
    expect((await ask({ do: "remove", id: "none" })).status).toBe(404);
  });

  it("what does not work says what to do, and is not kept [TC4]", async () => {
    const { dir, ask } = await openShop();
    const test = async (settings: unknown) => (await ask({ do: "test", settings })).body.test;
    expect(await test(s3)).toMatchObject({ ok: false, advice: "check-network" });
    // Ports that web clients go to on no account.
    const endpoint = "http://127.0.0.1:6000";
    expect(await test({ ...s3, endpoint })).toMatchObject({ ok: false, advice: "check-network" });
    const dav = { kind: "webdav", url: `${endpoint}/dav/`, user: "u", password: "p", folder: "f" };
    expect(await test(dav)).toMatchObject({ ok: false, advice: "check-network" });
    const gone = { kind: "directory", path: "/nowhere/at/all" };
    expect(await test(gone)).toMatchObject({ ok: false });
    for (const path of [join(dir, "data"), join(dir, "data", "x"), "relative"])
      expect(await test({ kind: "directory", path })).toMatchObject({ advice: "choose-another" });
    expect((await ask({ do: "test", settings: { kind: "s3" } })).body.code).toBe(
      "settings-invalid",
    );
    const wanted = { do: "add", name: "云", settings: s3, offSite: true, offline: false };
    expect((await ask(wanted)).body.test).toMatchObject({ ok: false });
    const log = await readFile(join(dir, "data", "audit.log"), "utf8").catch(() => "");
    expect(log).not.toContain(s3.secretKey);
  });

  it("what disappears between its trial and its preparation is told like what never worked [TC4]", async () => {
    const { dir, ask, backups } = await openShop();
    backups.prepare = () => Promise.reject(new TargetFault("not-there", "unplugged"));
    const settings = { kind: "directory", path: join(dir, "disk") };
    const wanted = { do: "add", name: "盘", settings, offSite: false, offline: true };
    expect(await ask(wanted)).toMatchObject({
      status: 200,
      body: { test: { ok: false, code: "not-there", advice: "choose-another" } },
    });
    expect(await backups.targets()).toEqual([]);
  });

  it("a cashier's device, and nobody without a ticket, is told anything [TC4]", async () => {
    const { ask } = await openShop();
    expect((await ask({ do: "list" }, "tablet")).body.code).toBe("not-entitled");
    expect((await ask({ do: "list" }, "nobody")).status).toBeGreaterThanOrEqual(400);
  });

  it("passwords come over https, or from this machine [TC4]", async () => {
    const app = new Hono<ApiEnv>();
    addTargetRoutes(app, {} as never);
    const answered = async (url: string, address: string) => {
      const answer = await app.request(url, { method: "POST", body: "{}" }, { address });
      return ((await answer.json()) as { code: string }).code;
    };
    const path = "shop/api/v1/targets";
    expect(await answered(`http://${path}`, "192.168.1.7")).toBe("https-only");
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
      expect(await answered(`http://${path}`, address)).toBe("malformed");
    expect(await answered(`https://${path}`, "192.168.1.7")).toBe("malformed");
  });
});

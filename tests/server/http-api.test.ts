import { describe, expect, test } from "vitest";
import {
  newPairingCode,
  type PairingCode,
  pairingSigner,
} from "../../shared/access/pairing-code.ts";
import {
  newRecoveryKey,
  recoverySigner,
  recoveryWords,
  seedSigner,
} from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { chainOf } from "../../shared/journal/operation.ts";
import { enrolByCode, enrolByRecovery } from "../../shared/replica/enrol-device.ts";
import { foundOrganisation } from "../../shared/replica/found-organisation.ts";
import { askTickets } from "../../shared/replica/server-contact.ts";
import { pairingBytes } from "../../shared/sync/ticket.ts";
import { enrolRaw, inviteByRecovery } from "./raw-device.ts";
import {
  type FoundedServer,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

const foundingBy = (server: TestServer, setupCode: string) => {
  const { clock, random, signatures, httpApi } = server.platform;
  return foundOrganisation({
    clock,
    random,
    signatures,
    api: httpApi(server.url),
    setupCode,
    name: "有备小店",
    timeZone: "Asia/Shanghai",
    storeName: "总店",
    ownerName: "王",
    deviceName: "收银台",
    till: true,
    recovery: newRecoveryKey(random),
    deviceSigner: seedSigner(random.bytes(32)),
    ownerSigner: seedSigner(random.bytes(32)),
  });
};

const post = (server: TestServer, path: string, body: unknown) =>
  fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("founding", () => {
  test("takes the code from the terminal, once", async () => {
    const server = await startTestServer(await scratchFolder());
    const mode = async () =>
      ((await (await fetch(`${server.url}/api/v1/organisation`)).json()) as { mode: string }).mode;
    expect(await mode()).toBe("new");
    expect((await foundingBy(server, "AAAA-BBBB-CCCC-DDDD")).ok).toBe(false);
    expect(await mode()).toBe("new");
    const typed = server.server.setupCode.toLowerCase().replaceAll("-", " ");
    expect(await foundingBy(server, typed)).toMatchObject({ ok: true });
    expect(await mode()).toBe("ready");
    expect(await foundingBy(server, typed)).toEqual({ ok: false, refusal: "already-founded" });
  });

  test("guesses are counted, and wrong ones all look the same", async () => {
    const server = await startTestServer(await scratchFolder());
    const answers = new Map<number, number>();
    for (let guess = 0; guess < 30; guess++) {
      const code = newPairingCode(server.platform.random);
      const { status } = await fetch(`${server.url}/api/v1/setup?code=${code}`);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect([...answers.keys()].sort()).toEqual([403, 429]);
    expect(answers.get(403)).toBeLessThanOrEqual(21);
  });

  test("is refused in another server's name, or in a time zone that there is not", async () => {
    const server = await startTestServer(await scratchFolder());
    const other = await startTestServer(await scratchFolder());
    const { httpApi } = server.platform;
    const api = httpApi(server.url);
    const crossed = {
      ...server,
      platform: {
        ...server.platform,
        httpApi: () => ({ ...api, get: httpApi(other.url).get }),
      },
    };
    expect((await foundingBy(crossed, other.server.setupCode)).ok).toBe(false);
    expect(server.data.relay.authority).toBeUndefined();
    expect(other.data.relay.authority).toBeUndefined();
  });
});

async function inviteEntry(server: FoundedServer, code: PairingCode, expires: number) {
  const state = server.data.relay.ledger.log;
  const store = [...state.stores.keys()][0] ?? "";
  const key = pairingSigner(code).publicKey;
  return signEntry(
    state,
    { kind: "DeviceInvited", body: { key, store, ceiling: "cashier", till: true, expires } },
    [{ by: "recovery", signer: recoverySigner(server.recovery) }],
    Date.now(),
  );
}

describe("the authority log", () => {
  test("takes entries by compare-and-swap, and tells the late one what is newer", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const { random } = server.platform;
    const [first, second] = [newPairingCode(random), newPairingCode(random)];
    const later = Date.now() + 60_000;
    const entries = [
      await inviteEntry(server, first, later),
      await inviteEntry(server, second, later),
    ];
    const [won, lost] = entries;
    expect((await post(server, "/api/v1/authority/entries", { entry: won })).status).toBe(200);
    const late = await post(server, "/api/v1/authority/entries", { entry: lost });
    expect(late.status).toBe(409);
    expect(late.headers.get("content-type")).toBe("application/problem+json");
    expect(await late.json()).toMatchObject({ code: "not-next", status: 409, entries: [won] });
    const stranger = (lost ?? "").replace(/"sig":"./, '"sig":"_');
    const told = await post(server, "/api/v1/authority/entries", { entry: stranger });
    expect(await told.json()).toMatchObject({ code: "not-next", entries: [] });
  });

  test("an expired, used or invented pairing code enrols nobody", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const { random } = server.platform;
    const expired = newPairingCode(random);
    const entry = await inviteEntry(server, expired, Date.now() - 1);
    expect((await post(server, "/api/v1/authority/entries", { entry })).status).toBe(200);
    await expect(enrolRaw(server, expired)).rejects.toThrow("not-accepted");
    // Nor does who knows the log by other means.
    const state = server.data.relay.ledger.log;
    const key = seedSigner(random.bytes(32)).publicKey;
    const store = [...state.stores.keys()][0] ?? "";
    const body = {
      device: "late",
      name: "late",
      key,
      store,
      ceiling: "cashier",
      till: true,
    } as const;
    const signer = pairingSigner(expired);
    const by = `invitation:${signer.publicKey}`;
    const enrolment = await signEntry(
      state,
      { kind: "DeviceEnrolled", body },
      [{ by, signer }],
      Date.now(),
    );
    const answer = await post(server, "/api/v1/authority/entries", { entry: enrolment });
    expect(await answer.json()).toMatchObject({ code: "invitation-expired" });
    await expect(enrolRaw(server, newPairingCode(random))).rejects.toThrow("not-accepted");
    await enrolRaw(server, server.ownerCode);
    await expect(enrolRaw(server, server.ownerCode)).rejects.toThrow("not-accepted");
  });

  test("is read only with a key that is entitled", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const device = await enrolRaw(server, server.ownerCode);
    const read = async (signer: { publicKey: string; sign: (bytes: never) => Promise<string> }) => {
      const { challenge } = (await (await post(server, "/api/v1/challenge", {})).json()) as {
        challenge: string;
      };
      const signature = await signer.sign(pairingBytes(challenge) as never);
      const request = { challenge, key: signer.publicKey, signature };
      const first = await post(server, "/api/v1/authority/read", request);
      const again = await post(server, "/api/v1/authority/read", request);
      expect(again.status).toBe(403);
      return first.status;
    };
    expect(await read(device.signer)).toBe(200);
    expect(await read(recoverySigner(server.recovery))).toBe(200);
    expect(await read(seedSigner(new Uint8Array(32).fill(9)))).toBe(403);
    const expired = newPairingCode(server.platform.random);
    const entry = await inviteEntry(server, expired, Date.now() - 1);
    await post(server, "/api/v1/authority/entries", { entry });
    expect(await read(pairingSigner(expired))).toBe(403);
  });

  test("a wiped device is enrolled again as its successor, at the cut that the server holds", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const device = await enrolRaw(server, server.ownerCode);
    const socket = await device.connect("authority");
    const run = await device.author([
      () => ({
        kind: "MemberEdited",
        body: { member: "x@y:1", cites: {}, sealed: "x".repeat(24) },
      }),
    ]);
    socket.say({ type: "submit", id: 1, run });
    await socket.answer(1);
    const journal = server.data.relay.documents().find(({ name }) => name !== "authority");
    const following = await device.connect(journal?.name ?? "");
    const { httpApi, signatures, random, clock } = server.platform;
    const deviceSigner = seedSigner(random.bytes(32));
    const enrolled = await enrolByRecovery(
      {
        api: httpApi(server.url),
        signatures,
        random,
        clock,
        deviceName: "新平板",
        deviceSigner,
      },
      recoveryWords(server.recovery, "zh").join(" "),
      () => ({ replaces: device.identity.device, till: true }),
    );
    expect(enrolled.ok).toBe(true);
    const closed = server.data.relay.ledger.log.devices.get(device.identity.device)?.closed;
    expect(closed?.cut[chainOf(device.identity)]?.next).toBe(1);
    // The old one is let go, and gets no ticket any more.
    expect([await socket.closed, await following.closed]).toEqual([4403, 4403]);
    await expect(device.ticket()).rejects.toThrow("not-accepted");
  });

  test("a cut that is not what the server holds is refused", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const device = await enrolRaw(server, server.ownerCode);
    const code = await inviteByRecovery(server, { replaces: device.identity.device });
    const { httpApi, signatures, random, clock } = server.platform;
    const real = httpApi(server.url);
    const hash = "A".repeat(43);
    const lying = {
      get: real.get,
      post: async (path: string, body: unknown) => {
        const answer = await real.post(path, body);
        if (path !== "/api/v1/authority/read") return answer;
        const heads = [[chainOf(device.identity), 7, hash]];
        return { ...answer, body: { ...(answer.body as object), heads } };
      },
    };
    const deviceSigner = seedSigner(random.bytes(32));
    const deps = { api: lying, signatures, random, clock, deviceName: "x", deviceSigner };
    expect((await enrolByCode(deps, code)).ok).toBe(false);
    expect(server.data.relay.ledger.log.devices.get(device.identity.device)?.closed).toBe(
      undefined,
    );
  });

  test("nobody but recovery opens a term, and not through the network", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const state = server.data.relay.ledger.log;
    const key = seedSigner(new Uint8Array(32).fill(3)).publicKey;
    const entry = await signEntry(
      state,
      {
        kind: "TermOpened",
        body: { term: 2, server: { device: "thief", key }, closes: state.server, cut: {} },
      },
      [{ by: "recovery", signer: recoverySigner(server.recovery) }],
      Date.now(),
    );
    const answer = await post(server, "/api/v1/authority/entries", { entry });
    expect(await answer.json()).toMatchObject({ code: "not-entitled" });
    expect(server.data.relay.ledger.log.term).toBe(1);
  });
});

describe("requests", () => {
  test.each([
    ["no JSON", "{"],
    ["not what is asked for", { device: 1 }],
    ["more than is asked for", { device: "d", challenge: "c", signature: "s", count: 1, more: 1 }],
    ["a null", "null"],
  ])("with %s are told so", async (_what, body) => {
    const server = await startFoundedServer(await scratchFolder());
    for (const path of ["tickets", "authority/read", "authority/entries"]) {
      const answer = await post(server, `/api/v1/${path}`, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(await answer.json()).toMatchObject({ code: "malformed", title: expect.any(String) });
    }
  });

  test("above their size are refused without being read", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const answer = await post(server, "/api/v1/tickets", "x".repeat(300 * 1024));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: "too-large" });
  });

  test("tickets are given to devices in use, sixteen at most", async () => {
    const server = await startFoundedServer(await scratchFolder());
    const device = await enrolRaw(server, server.ownerCode);
    const api = server.platform.httpApi(server.url);
    const { org, device: id } = device.identity;
    const tickets = await askTickets(api, { org, device: id, signer: device.signer }, 16);
    expect(tickets.ok && new Set(tickets.value).size).toBe(16);
    const many = await askTickets(api, { org, device: id, signer: device.signer }, 17);
    expect(many.ok).toBe(false);
    const stranger = { org, device: id, signer: seedSigner(new Uint8Array(32).fill(1)) };
    expect(await askTickets(api, stranger, 1)).toEqual({ ok: false, refusal: "not-accepted" });
  });

  test("every answer keeps browsers from doing what we do not mean", async () => {
    const server = await startTestServer(await scratchFolder());
    for (const path of ["/", "/api/v1/organisation", "/healthz", "/nowhere"]) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(headers.get("content-security-policy")).not.toContain("script-src 'unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("strict-transport-security")).toBeNull();
    }
    expect((await fetch(`${server.url}/api/v1/nowhere`)).status).toBe(404);
  });

  test("the description names every endpoint that answers", async () => {
    const server = await startTestServer(await scratchFolder());
    const description = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    expect(description.openapi).toBe("3.1.0");
    for (const [path, methods] of Object.entries(description.paths))
      for (const method of Object.keys(methods)) {
        const answer = await fetch(server.url + path, { method: method.toUpperCase() });
        expect([path, answer.status === 404]).toEqual([path, false]);
      }
  });
});

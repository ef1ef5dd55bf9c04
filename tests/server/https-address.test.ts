import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { candidatesOf } from "../../server/https/origins.ts";
import { nothingStands } from "../../server/https/standing.ts";
import { seedSigner } from "../../shared/access/recovery-key.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { enrolByCode } from "../../shared/replica/enrol-device.ts";
import { type AddressFacts, addressBytes, readAddressFacts } from "../../shared/sync/address.ts";
import { freePort } from "../services/free-port.ts";
import { type Answered, ask, inShop, makeOwnFiles, post, shopMachine } from "./https-harness.ts";
import { enrolRaw, inviteByRecovery } from "./raw-device.ts";
import {
  type FoundedServer,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

test("before there is an owner the set-up code chooses the address, and https is there for it [HT9]", async () => {
  const https = { host: "127.0.0.1", port: await freePort() };
  const server = await startTestServer(await scratchFolder(), { ...inShop(), https });
  const { setupCode: code } = server.server;
  const path = "/api/v1/setup/address";
  expect((await ask(`${server.url}${path}?code=AAAA-BBBB-CCCC-DDDD`)).status).toBe(403);
  const seen = facts(await ask(`${server.url}${path}?code=${code}`));
  expect(seen).toMatchObject({ kind: "off", devices: {} });
  const origin = seen.candidates[0]?.origin ?? "";
  expect(origin).toMatch(/^https:\/\/192\.168\.1\.20:\d+$/);
  expect((await post(server.url, path, { code: "AAAA-BBBB-CCCC-DDDD", origin })).status).toBe(403);
  for (const odd of ["http://192.168.1.20", "https://x/path", "https://u@x", "javascript:1", "x"])
    expect((await post(server.url, path, { code, origin: odd })).status, odd).toBe(400);
  expect(server.server.address.origin()).toBeUndefined();
  const chosen = facts(await post(server.url, path, { code, origin: `${origin}/` }));
  const { port } = https;
  expect(chosen).toMatchObject({
    kind: "local",
    origin: `https://192.168.1.20:${port}`,
    join: `http://192.168.1.20:${server.server.port}/join`,
  });
  const told = JSON.parse((await ask(`${server.url}/api/v1/organisation`)).text);
  expect(told).toMatchObject({ origin: chosen.origin, join: chosen.join });
  const ca = server.server.https.standing.authority?.certificate ?? "";
  expect((await ask(`https://localhost:${port}/healthz`, { ca })).status).toBe(200);
  // At somebody else's address there is nothing of ours to trust.
  const foreign = facts(await post(server.url, path, { code, origin: "https://shop.example" }));
  expect(foreign).toMatchObject({ origin: "https://shop.example", kind: "local" });
  expect(foreign.join).toBeUndefined();
  expect((await ask(`${server.url}/join`)).text).not.toContain("root.crt");
});

test("later only the owner's key chooses, once for each challenge; it survives a restart and any proxy may be named [HT9]", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir, inShop());
  const owner = await ownersKey(server);
  const read = facts(await signed(server, owner, undefined));
  expect(read.kind).toBe("off");
  const stranger = seedSigner(server.platform.random.bytes(32));
  expect((await signed(server, stranger, "https://evil.example")).status).toBe(403);
  const device = await enrolRaw(server, await inviteByRecovery(server, { ceiling: "owner" }));
  expect((await signed(server, device.signer, "https://evil.example")).status).toBe(403);
  const challenge = await challengeOf(server);
  const org = server.data.relay.authority?.org ?? "";
  const signature = await owner.sign(addressBytes(org, challenge, "https://shop.example"));
  const request = { challenge, key: owner.publicKey, signature };
  const other = { ...request, origin: "https://evil.example" };
  expect((await post(server.url, "/api/v1/address", other)).status).toBe(403);
  const late = { ...request, origin: "https://shop.example" };
  expect((await post(server.url, "/api/v1/address", late)).status).toBe(403);
  expect(server.server.address.origin()).toBeUndefined();
  const chosen = facts(await signed(server, owner, "https://shop.example"));
  // Somebody else answers there: nothing is turned on here.
  expect(chosen).toMatchObject({ origin: "https://shop.example", kind: "off" });
  await server.stop();
  const again = await startTestServer(dir, inShop());
  const told = JSON.parse((await ask(`${again.url}/api/v1/organisation`)).text);
  expect(told.origin).toBe("https://shop.example");
});

test("the permanent address is accepted as an origin of sockets, and where each device came from is kept [HT9]", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir, inShop());
  const owner = await ownersKey(server);
  const device = await enrolRaw(server, await inviteByRecovery(server));
  const origin = "https://shop.example";
  const before = await device.connect("authority", { origin });
  expect(await before.closed).toBe(403);
  await signed(server, owner, origin);
  const after = await device.connect("authority", { origin });
  expect(after.socket.readyState).toBe(WebSocket.OPEN);
  const { devices } = facts(await signed(server, owner, undefined));
  expect(devices).toEqual({ [device.identity.device]: origin });
});

test("addresses of the shop's network are offered first, those of virtual networks never [HT9]", () => {
  const machine = shopMachine();
  machine.at = [
    { address: "172.17.0.1", network: "docker0" },
    { address: "100.101.1.2", network: "tailscale0" },
    { address: "203.0.113.7", network: "eth1" },
    { address: "169.254.3.4", network: "eth2" },
    { address: "fd12::7", network: "eth0" },
    { address: "192.168.1.20", network: "eth0" },
  ];
  const standing = { ...nothingStands, names: ["desktop-1", "shop.example"] };
  const offered = () =>
    candidatesOf(standing, machine, 443, ["https://proxy.example", "http://plain.example"]).map(
      ({ origin, kind }) => `${kind} ${origin}`,
    );
  expect(offered()).toEqual([
    "name https://proxy.example",
    "address https://192.168.1.20",
    "vpn https://100.101.1.2",
    "local-name https://desktop-1.local",
    "name https://desktop-1",
    "name https://shop.example",
  ]);
  machine.at = [{ address: "fd12::7", network: "eth0" }];
  expect(offered().at(-1)).toBe("address https://[fd12::7]");
});

test("a host that this machine's certificate cannot cover is refused, and nothing changes [HT9]", async () => {
  const server = await startTestServer(await scratchFolder(), inShop());
  const own = await makeOwnFiles(await scratchFolder());
  const used = await server.server.https.use(own);
  expect(used.ok).toBe(true);
  const { candidates } = server.server.address.facts();
  expect(candidates.map(({ kind }) => kind)).toEqual(["name"]);
  const { port } = new URL(candidates[0]?.origin ?? "");
  expect(await server.server.address.choose(`https://192.168.1.20:${port}`)).toEqual({
    ok: false,
    refusal: "not-covered",
  });
  expect(await server.server.address.choose(`https://shop.example:${port}`)).toMatchObject({
    ok: true,
  });
});

function facts({ status, text }: Answered): AddressFacts {
  const read = readAddressFacts(JSON.parse(text));
  if (status !== 200 || !read) throw new Error(`${status} ${text}`);
  return read;
}

async function challengeOf(server: TestServer): Promise<string> {
  const answer = await post(server.url, "/api/v1/challenge", {});
  return (JSON.parse(answer.text) as { challenge: string }).challenge;
}

async function signed(
  server: FoundedServer,
  signer: Signer,
  origin: string | undefined,
): Promise<Answered> {
  const challenge = await challengeOf(server);
  const org = server.data.relay.authority?.org ?? "";
  const signature = await signer.sign(addressBytes(org, challenge, origin ?? ""));
  const request = { challenge, key: signer.publicKey, signature, origin };
  return post(server.url, "/api/v1/address", request);
}

/** The owner's personal key, bound by enrolling the owner's first device. */
async function ownersKey(server: FoundedServer): Promise<Signer> {
  const { random, clock, signatures, httpApi } = server.platform;
  const staffSigner = seedSigner(random.bytes(32));
  const enrolled = await enrolByCode(
    {
      api: httpApi(server.url),
      signatures,
      random,
      clock,
      deviceName: "owner's",
      deviceSigner: seedSigner(random.bytes(32)),
      staffSigner,
    },
    server.ownerCode,
  );
  if (!enrolled.ok) throw new Error(enrolled.refusal);
  return staffSigner;
}

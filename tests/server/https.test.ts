import { writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startHttpServer } from "../../server/adapters/http-server.ts";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { isLoopback } from "../../server/https/private-networks.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import {
  ask,
  bytesOf,
  dayMs,
  elsewhere,
  hourMs,
  inShop,
  makeOwnFiles,
  shopMachine,
  turnOn,
} from "./https-harness.ts";
import { ManualTimers } from "./manual-timers.ts";
import { enrolRaw } from "./raw-device.ts";
import {
  atEnd,
  eventually,
  memoryLog,
  scratchFolder,
  startFoundedServer,
  startTestServer,
} from "./server-harness.ts";

/** @returns what a socket without a good ticket is closed with */
function openSocket(url: string, options: { ca?: string } = {}): Promise<number> {
  const address = `${url.replace(/^http/, "ws")}/sync/authority?ticket=x`;
  const socket = new WebSocket(address, options);
  atEnd(async () => socket.terminate());
  return new Promise<number>((resolve) => {
    socket.on("close", resolve);
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => {});
  });
}

test("with https on the app and its sockets are served over it, and localhost goes on as before [HT8]", async () => {
  const server = await startFoundedServer(await scratchFolder(), inShop());
  const before = await ask(`${server.url}/api/v1/organisation`);
  const { url, ca } = await turnOn(server);
  const { headers, status } = await ask(`${url}/api/v1/organisation`, { ca });
  expect(status).toBe(200);
  // The join page is on the same host over http; a browser must not be told to forget http.
  expect(headers["strict-transport-security"]).toBeUndefined();
  expect(await openSocket(url, { ca })).toBe(closeCodes.badTicket);
  expect((await ask(`${server.url}/api/v1/organisation`)).status).toBe(before.status);
  expect(await openSocket(server.url)).toBe(closeCodes.badTicket);
  const device = await enrolRaw(server, server.ownerCode);
  const socket = await device.connect("authority", { origin: "http://localhost:5" });
  expect(await socket.closed).toBe(403);
});

test("without its authority nobody trusts the server, with it every name and address does [HT1]", async () => {
  const server = await startTestServer(await scratchFolder(), inShop());
  const { url, ca } = await turnOn(server);
  await expect(ask(`${url}/healthz`)).rejects.toThrow(/unable to verify|self-signed/);
  const { port } = new URL(url);
  for (const servername of ["localhost", "desktop-1.local", "desktop-1"]) {
    const socket = connectTls({ host: "127.0.0.1", port: Number(port), servername, ca });
    await new Promise((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
});

test("over plain http other machines get the join page and nothing else: no API, no sockets, no app [HT7]", async () => {
  const server = await startFoundedServer(await scratchFolder(), inShop());
  const free = await ask(`${server.url}/api/v1/organisation`, { from: elsewhere });
  expect(free.status).toBe(200);
  await turnOn(server);
  const from = elsewhere;
  for (const path of [
    ...["/api/v1/organisation", "/api/v1/openapi.json", "/api/v1/setup?code=x", "/api", "/api/"],
    ...["/healthz", "/readyz", "/metrics", "/sync/authority", "//api/v1/organisation"],
  ]) {
    const { status, text } = await ask(server.url + path, { from });
    expect([403, 302], path).toContain(status);
    expect(text, path).not.toContain("有备小店");
  }
  for (const path of ["/api/v1/challenge", "/api/v1/tickets", "/api/v1/setup", "/join", "/"]) {
    const { status, text } = await ask(server.url + path, { from, method: "POST", body: "{}" });
    expect(status, path).toBe(403);
    expect(text, path).not.toContain('challenge":');
  }
  for (const path of ["/", "/index.html", "/members", "/assets/main.js", "/service-worker.js"]) {
    const { status, headers } = await ask(server.url + path, { from });
    expect([status, headers["location"]], path).toEqual([302, "/join"]);
  }
  const device = await enrolRaw(server, server.ownerCode);
  const ticket = await device.ticket();
  const socket = new WebSocket(
    `${server.url.replace("http", "ws")}/sync/authority?ticket=${ticket}`,
    {
      localAddress: from,
    },
  );
  atEnd(async () => socket.terminate());
  const refused = await new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    socket.on("open", () => resolve("open"));
    socket.on("error", () => {});
  });
  expect(refused).toBe(403);
  expect((await ask(`${server.url}/api/v1/organisation`)).status).toBe(200);
});

test("the machine itself is known by its loopback addresses, and by no others [HT7]", () => {
  for (const address of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
    expect(isLoopback(address), address).toBe(true);
  for (const address of [
    "",
    "192.168.1.20",
    "::ffff:192.168.1.20",
    "1.127.0.0",
    "::ffff:1270",
    "fe80::1",
  ])
    expect(isLoopback(address), address).toBe(false);
});

test("a renewed certificate is served at once, and sockets that are open stay open [HT3]", async () => {
  const timers = new ManualTimers();
  const clock = { now: Date.now(), nowMs: () => clock.now };
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir, {
    platform: { machine: shopMachine(), clock, timers },
  });
  const { url, ca } = await turnOn(server);
  const device = await enrolRaw(server, server.ownerCode);
  const socket = new WebSocket(
    `${url.replace("https", "wss")}/sync/authority?ticket=${await device.ticket()}`,
    { ca },
  );
  atEnd(async () => socket.terminate());
  await new Promise((resolve) => socket.once("open", resolve));
  const first = await serialAt(url);
  expect(await serialAt(url)).toBe(first);
  clock.now = (server.server.https.standing.leaf?.facts.untilMs ?? 0) - 29 * dayMs;
  await timers.pass(hourMs);
  await server.server.https.look();
  expect(await serialAt(url)).not.toBe(first);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  const answered = new Promise((resolve) => socket.once("pong", resolve));
  socket.ping();
  await answered;
});

/** @returns the serial number of the certificate that a new connection is answered with, good or not */
function serialAt(url: string): Promise<string> {
  const port = Number(new URL(url).port);
  const options = { host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const socket = connectTls(options, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("certificate files that were named by the environment are taken over when they are replaced [HT4]", async () => {
  const timers = new ManualTimers();
  const folder = await scratchFolder();
  const own = await makeOwnFiles(folder);
  const tls = { cert: await bytesOf(own.cert), key: await bytesOf(own.key) };
  const server = await startTestServer(await scratchFolder(), {
    platform: { timers },
    tls,
    tlsPaths: own,
  });
  expect(server.url).toMatch(/^https:/);
  const first = await serialAt(server.url);
  await makeOwnFiles(folder);
  await timers.pass(hourMs);
  await server.server.https.look();
  expect(await serialAt(server.url)).not.toBe(first);
  const { headers } = await ask(`${server.url.replace("127.0.0.1", "localhost")}/healthz`, {
    ca: await bytesOf(own.cert),
  });
  expect(headers["strict-transport-security"]).toContain("max-age");
});

test("listening is widened and moved without dropping what is open, and goes back where that fails [HT8]", async () => {
  const answer = {
    fetch: async (request: Request) => new Response(`here ${await request.text()}`),
    upgrade: () => {},
  };
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, ...answer });
  atEnd(() => server.close());
  const { port } = server;
  const slow = plainRequest({
    host: "127.0.0.1",
    port,
    method: "POST",
    headers: { "content-length": 2 },
  });
  slow.write("a");
  const answered = new Promise<string>((resolve, reject) => {
    slow.on("response", (response) => resolve(text(response)));
    slow.on("error", reject);
  });
  await eventually(() => slow.socket?.connecting === false, "it is connected");
  await server.widen("127.0.0.2");
  expect((await ask(`http://127.0.0.2:${port}/`)).text).toBe("here ");
  await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toThrow(/ECONNREFUSED/);
  slow.end("b");
  expect(await answered).toBe("here ab");
  const taken = await startHttpServer({ host: "127.0.0.3", port, ...answer });
  atEnd(() => taken.close());
  await expect(server.widen("127.0.0.3")).rejects.toThrow(/EADDRINUSE/);
  expect((await ask(`http://127.0.0.2:${port}/`)).text).toBe("here ");
});

test("a port that is taken keeps https off and the shop open, and says so [HT5]", async () => {
  const holder = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    fetch: () => new Response("other"),
    upgrade: () => {},
  });
  atEnd(() => holder.close());
  const server = await startTestServer(await scratchFolder(), {
    ...inShop(),
    https: { host: "127.0.0.1", port: holder.port },
  });
  expect(await server.server.address.choose(`https://192.168.1.20:${holder.port}`)).toEqual({
    ok: false,
    refusal: "https-failed",
  });
  expect(server.server.address.origin()).toBeUndefined();
  expect(server.log.lines).toContainEqual(
    expect.objectContaining({ level: "error", message: "https is not served" }),
  );
  expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  // Whoever held it has gone: the next look finds the port free.
  await holder.close();
  const { authority } = await server.server.https.look();
  const ca = authority?.certificate ?? "";
  expect((await ask(`https://localhost:${holder.port}/healthz`, { ca })).status).toBe(200);
});

test("damaged certificates keep no server from starting for its own machine; the log names the file [HT5]", async () => {
  const dir = await scratchFolder();
  const first = await startTestServer(dir, inShop());
  await turnOn(first);
  await first.stop();
  for (const name of ["authority.pem", "server.pem"])
    await writeFile(join(dir, "https", name), "rust");
  const again = await startTestServer(dir, inShop());
  expect((await ask(`${again.url}/healthz`)).status).toBe(200);
  const named = again.log.lines.filter(({ level }) => level === "error").map(({ where }) => where);
  expect(named).toEqual([join(dir, "https", "authority.pem"), join(dir, "https", "server.pem")]);
  // It was on: other machines are not given the shop over plain http because its certificate is gone.
  const { status } = await ask(`${again.url}/api/v1/organisation`, { from: elsewhere });
  expect(status).toBe(403);
});

interface Ran {
  exit: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  json: any;
}

async function youbei(
  args: readonly string[],
  stop: Promise<string> = new Promise(() => {}),
  onOut: (text: string) => void = () => {},
): Promise<Ran> {
  let out = "";
  const exit = await runProgram([...args, "--json"], {
    platform: { ...createNodePlatform(memoryLog()), machine: shopMachine() },
    control: unixControlSocket,
    signals: { first: () => stop, forceAfter: () => {} },
    env: {},
    folder: "/nowhere",
    typed: async () => "",
    out(text) {
      out += text;
      onOut(text);
    },
    err: () => {},
  });
  return { exit, json: out === "" ? undefined : JSON.parse(out) };
}

test("on the command line: made, shown, chosen, renewed, and made again only when asked [HT2] [HT9]", async () => {
  const dir = await scratchFolder();
  const https = (...args: string[]) => youbei(["https", ...args, "--data", dir]);
  expect(await https("status")).toMatchObject({ exit: 0, json: { kind: "off" } });
  expect(await https("renew")).toMatchObject({
    exit: 1,
    json: { error: { code: "no-authority" } },
  });
  const made = await https("create", "--name", "shop.example");
  expect(made).toMatchObject({ exit: 0, json: { kind: "local", trouble: [] } });
  expect(JSON.stringify(made.json)).not.toContain("PRIVATE");
  expect(await https("create")).toMatchObject({
    exit: 1,
    json: { error: { code: "already-there" } },
  });
  expect((await https("status")).json.authority.fingerprint).toBe(made.json.authority.fingerprint);
  expect(await https("origin")).toMatchObject({ exit: 0, json: {} });
  expect(await https("origin", "set", "ftp://x")).toMatchObject({ exit: 1 });
  expect(await https("origin", "set", "https://192.168.9.9:8443/")).toMatchObject({
    exit: 0,
    json: { origin: "https://192.168.9.9:8443", covered: true },
  });
  expect((await https("status")).json.certificate.hosts[0]).toBe("192.168.9.9");
  expect(await https("renew", "--name", "bank.example")).toMatchObject({
    exit: 1,
    json: { error: { code: "not-permitted" } },
  });
  const replaced = await https("create", "--replace");
  expect(replaced.exit).toBe(0);
  expect(replaced.json.authority.fingerprint).not.toBe(made.json.authority.fingerprint);
  expect(await https("use", "--cert", "gone.pem", "--key", "gone.pem")).toMatchObject({ exit: 1 });
  expect(await https("use", "--cert", "gone.pem")).toMatchObject({ exit: 3 });
  await writeFile(join(dir, "https", "authority.pem"), "rust");
  const status = await https("status");
  expect(status.exit).toBe(2);
  expect(status.json.trouble[0].where).toBe(join(dir, "https", "authority.pem"));
});

test("what the command line does is at once what the running server serves, also after its next start [HT8]", async () => {
  const dir = await scratchFolder();
  const serving = async () => {
    let stop = (_signal: string): void => {};
    let ready: { url: string; origin?: string; join?: string; fingerprint?: string } | undefined;
    const stopped = new Promise<string>((resolve) => {
      stop = resolve;
    });
    const place = ["--port", "0", "--https-host", "127.0.0.1", "--https-port", "0"];
    const ran = youbei(["serve", "--data", dir, ...place], stopped, (text) => {
      ready = JSON.parse(text) as typeof ready;
    });
    const end = async () => {
      stop("SIGTERM");
      await ran;
    };
    atEnd(end);
    await eventually(() => ready !== undefined, "it serves");
    return { ...(ready as NonNullable<typeof ready>), end };
  };
  const first = await serving();
  expect(first.fingerprint).toBeUndefined();
  const made = await youbei(["https", "create", "--data", dir]);
  const [candidate] = made.json.candidates as { origin: string }[];
  const ca = made.json.authority.pem as string;
  const https = `https://localhost:${new URL(candidate?.origin ?? "").port}`;
  expect((await ask(`${https}/healthz`, { ca })).status).toBe(200);
  expect((await ask(`${first.url}/api/v1/organisation`)).status).toBe(200);
  await youbei(["https", "origin", "set", candidate?.origin ?? "", "--data", dir]);
  await first.end();
  const second = await serving();
  expect(second).toMatchObject({
    origin: candidate?.origin,
    fingerprint: made.json.authority.fingerprint,
  });
});

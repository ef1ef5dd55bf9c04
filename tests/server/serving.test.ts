import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import { spawnServer } from "../faults/child-server.ts";
import { enrolRaw } from "./raw-device.ts";
import { atEnd, scratchFolder, startFoundedServer, startTestServer } from "./server-harness.ts";

/** A certificate for localhost, made for this run and forgotten with it. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const folder = await scratchFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-days", "2", "-out", cert, "-keyout", key],
  ]);
  return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}

test("https with the certificate of the shop's network: app and sockets, and no way back to http", async () => {
  const made = await makeCertificate();
  const ca = made.cert;
  const server = await startTestServer(await scratchFolder(), { tls: made });
  expect(server.url).toMatch(/^https:/);
  const { status, hsts } = await new Promise<{ status: unknown; hsts: unknown }>(
    (resolve, reject) => {
      get(`${server.url}/api/v1/organisation`, { ca }, (response) => {
        const { statusCode, headers } = response;
        response.resume();
        resolve({ status: statusCode, hsts: headers["strict-transport-security"] });
      }).on("error", reject);
    },
  );
  expect(status).toBe(200);
  expect(hsts).toContain("max-age");
  const socket = new WebSocket(`${server.url.replace("https", "wss")}/sync/authority?ticket=x`, {
    ca,
  });
  const code = await new Promise((resolve) => socket.once("close", resolve));
  expect(code).toBe(closeCodes.badTicket);
});

test("an orderly stop: sockets are asked to come again, nothing is lost, the next start finds all", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const device = await enrolRaw(server, server.ownerCode);
  const socket = await device.connect("authority");
  const run = await device.author([
    () => ({ kind: "MemberEdited", body: { member: "x@y:1", cites: {}, sealed: "x".repeat(24) } }),
  ]);
  socket.say({ type: "submit", id: 1, run });
  await socket.answer(1);
  await server.stop();
  expect(await socket.closed).toBe(closeCodes.restarting);
  const again = await startTestServer(dir);
  const chain = `${device.identity.device}@${device.identity.store}`;
  expect(again.data.relay.heads().get(chain)?.next).toBe(1);
});

test("the process ends by itself when it is asked to, well within ten seconds", async () => {
  const child = await spawnServer(await scratchFolder());
  atEnd(() => child.kill());
  expect((await fetch(`${child.url}/healthz`)).status).toBe(200);
  const { exit, stopMs } = await child.stop();
  expect(exit).toBe(0);
  expect(stopMs).toBeLessThan(10_000);
});

test("the app is served with its cache rules, and no path leads out of its folder", async () => {
  const assets = new Map([
    ["index.html", "<html>app</html>"],
    ["assets/main-abc.js", "main()"],
    ["service-worker.js", "worker()"],
  ]);
  const server = await startTestServer(await scratchFolder(), {
    platform: {
      assets: () => ({
        read: async (path) => {
          const text = assets.get(path);
          const bytes = new TextEncoder().encode(text);
          return text === undefined ? undefined : { bytes, gzipped: undefined, etag: `"${path}"` };
        },
      }),
    },
  });
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(server.url + path, { headers });
    return {
      status: answer.status,
      text: await answer.text(),
      cache: answer.headers.get("cache-control"),
    };
  };
  const page = { status: 200, text: "<html>app</html>", cache: "no-cache" };
  expect(await ask("/")).toEqual(page);
  expect(await ask("/members/new?source=pwa")).toEqual(page);
  expect(await ask("/assets/main-abc.js")).toMatchObject({
    text: "main()",
    cache: "public, max-age=31536000, immutable",
  });
  expect((await ask("/service-worker.js")).cache).toBe("no-cache");
  expect((await ask("/assets/gone.js")).status).toBe(404);
  const etag = { "if-none-match": '"index.html"' };
  expect((await ask("/", etag)).status).toBe(304);
  const real = await startTestServer(await scratchFolder());
  for (const path of [
    "/..%2fpackage.json",
    "/%2e%2e/package.json",
    "/assets/..%2f..%2fpackage.json",
  ])
    expect((await fetch(real.url + path)).status).toBe(404);
});

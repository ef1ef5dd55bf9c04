import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { request as plainRequest } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { x509Certificates } from "../../server/adapters/x509-certificates.ts";
import type { OwnPaths } from "../../server/https/https-folder.ts";
import { HttpsKeeper } from "../../server/https/https-keeper.ts";
import type { Machine, NetworkAddress } from "../../server/https/machine.ts";
import { ManualTimers } from "./manual-timers.ts";
import { atEnd, memoryLog, scratchFolder, type TestServer } from "./server-harness.ts";

export const dayMs = 24 * 60 * 60 * 1000;
export const hourMs = 60 * 60 * 1000;

/** A machine in a shop's network; what it is called and where it is can change. */
export interface ShopMachine extends Machine {
  name: string;
  at: NetworkAddress[];
}

export function shopMachine(): ShopMachine {
  const machine: ShopMachine = {
    name: "desktop-1",
    at: [{ address: "192.168.1.20", network: "eth0" }],
    hostName: () => machine.name,
    addresses: () => machine.at,
    isItself: (address) => address === "127.0.0.1",
  };
  return machine;
}

export interface Kept {
  dir: string;
  keeper: HttpsKeeper;
  machine: ShopMachine;
  timers: ManualTimers;
  log: ReturnType<typeof memoryLog>;
  clock: { now: number; nowMs(): number };
  /** another keeper of the same folder, as after a restart */
  again(): HttpsKeeper;
  path(name: string): string;
}

/** The keeper of a folder of its own, with a clock and timers that are moved by hand. */
export async function keepHttps(
  options: { chosen?: () => string | undefined; fixed?: OwnPaths } = {},
): Promise<Kept> {
  const dir = await scratchFolder();
  const machine = shopMachine();
  const timers = new ManualTimers();
  const log = memoryLog();
  const clock = { now: Date.now(), nowMs: () => clock.now };
  const make = () => {
    const keeper = new HttpsKeeper({
      dir,
      files: createNodeFiles(),
      certificates: x509Certificates,
      machine,
      clock,
      timers,
      log,
      chosenHost: options.chosen ?? (() => undefined),
      fixed: options.fixed,
    });
    atEnd(() => keeper.close());
    return keeper;
  };
  return {
    dir,
    keeper: make(),
    machine,
    timers,
    log,
    clock,
    again: make,
    path: (name) => join(dir, "https", name),
  };
}

/** What OpenSSL says to a certificate that claims to come from an authority; empty when it agrees. */
export async function opensslOn(
  certificate: string,
  authority: string,
  args: readonly string[] = [],
): Promise<string> {
  const folder = await scratchFolder();
  const [leaf, root] = [join(folder, "leaf.crt"), join(folder, "root.crt")];
  await writeFile(leaf, certificate);
  await writeFile(root, authority);
  try {
    await promisify(execFile)("openssl", [
      ...["verify", "-x509_strict", "-purpose", "sslserver", ...args],
      ...["-CAfile", root, leaf],
    ]);
    return "";
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error);
  }
}

export async function textOf(certificate: string): Promise<string> {
  const path = join(await scratchFolder(), "shown.crt");
  await writeFile(path, certificate);
  const { stdout } = await promisify(execFile)("openssl", ["x509", "-in", path, "-noout", "-text"]);
  return stdout;
}

/** A certificate for localhost from elsewhere, as two files. */
export async function makeOwnFiles(folder: string, days = 90): Promise<OwnPaths> {
  const paths = { cert: join(folder, "fullchain.pem"), key: join(folder, "privkey.pem") };
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example,DNS:localhost"],
    ...["-days", String(days), "-out", paths.cert, "-keyout", paths.key],
  ]);
  return paths;
}

export const bytesOf = (path: string): Promise<string> => readFile(path, "utf8");

export interface Answered {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  text: string;
}

/** One request; from 127.0.0.2 it comes, as far as the test's machine knows, from another machine. */
export function ask(
  url: string,
  {
    from,
    ca,
    method = "GET",
    headers = {},
    body,
  }: {
    from?: string;
    ca?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
  } = {},
): Promise<Answered> {
  const send = url.startsWith("https") ? request : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      { method, headers, agent: false, ca, ...(from ? { localAddress: from } : {}) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** From here requests come from another machine, as far as the test's machine knows. */
export const elsewhere = "127.0.0.2";

export const inShop = () => ({ platform: { machine: shopMachine() } });

/** Turns https on as `https create` does; @returns where it is served, and what to trust */
export async function turnOn({ server }: TestServer): Promise<{ url: string; ca: string }> {
  const made = await server.https.create([], { replace: false });
  if (!made.ok) throw new Error(made.refusal.code);
  const { candidates } = server.address.facts();
  const port = new URL(candidates[0]?.origin ?? "").port;
  return { url: `https://localhost:${port}`, ca: made.value.authority?.certificate ?? "" };
}

export const post = (url: string, path: string, body: object): Promise<Answered> =>
  ask(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import type { Log } from "../../server/data/log.ts";
import { type OpenData, openData } from "../../server/data/open-data.ts";
import {
  type HeadlessReplica,
  joinHeadless,
  openHeadless,
} from "../../server/headless/headless-replica.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import type { RecoveryDesk } from "../../server/recovery/recovery-desk.ts";
import { type RunningServer, startServer } from "../../server/serve/start-server.ts";
import { newRecoveryKey, type RecoveryKey } from "../../shared/access/recovery-key.ts";
import { foundFromServer } from "../../shared/replica/found-organisation.ts";

const closings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** To be closed when the test ends, the newest first. */
export const atEnd = (close: () => Promise<void>): void => {
  closings.push(close);
};

export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "youbei-test-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface LoggedLine {
  level: string;
  message: string;
  [fact: string]: unknown;
}

export function memoryLog(): Log & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at = (level: string) => (facts: object, message: string) => {
    lines.push({ ...facts, level, message });
  };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

export interface TestServer {
  platform: ServerPlatform;
  log: ReturnType<typeof memoryLog>;
  data: OpenData;
  server: RunningServer;
  url: string;
  stop(): Promise<void>;
}

/** A server on a free port of this machine, stopped when the test ends. */
export async function startTestServer(
  dir: string,
  change: {
    platform?: Partial<ServerPlatform>;
    port?: number;
    tls?: { cert: string; key: string };
    tlsPaths?: { cert: string; key: string };
    https?: { host: string; port: number };
    recovery?: (data: OpenData, platform: ServerPlatform) => RecoveryDesk;
  } = {},
): Promise<TestServer> {
  const log = memoryLog();
  const platform = { ...createNodePlatform(log), ...change.platform };
  const data = await openData({ dir }, platform);
  const recovery = change.recovery?.(data, platform);
  const { port = 0, tls, tlsPaths, https } = change;
  const options = { host: "127.0.0.1", port, origins: [], recovery, tls, tlsPaths, https };
  const server = await startServer(data, options, platform);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.close().then(() => data.close());
    return stopped;
  };
  atEnd(stop);
  return { platform, log, data, server, url: server.url, stop };
}

export interface FoundedServer extends TestServer {
  recovery: RecoveryKey;
  /** for the owner's first device */
  ownerCode: string;
}

/** A server with an organisation and an open invitation for the owner. */
export async function startFoundedServer(
  dir: string,
  change: Parameters<typeof startTestServer>[1] & { till?: boolean } = {},
): Promise<FoundedServer> {
  const started = await startTestServer(dir, change);
  const { clock, random, signatures } = started.platform;
  const recovery = newRecoveryKey(random);
  const { device, signer } = started.data.identity;
  const { entries, code } = await foundFromServer({
    clock,
    random,
    signatures,
    name: "有备小店",
    timeZone: "Asia/Shanghai",
    storeName: "总店",
    ownerName: "王",
    recovery,
    server: { device, key: signer.publicKey },
    till: change.till ?? true,
    inviteMs: 60_000,
  });
  const founded = await started.data.relay.found(entries);
  if (!founded.ok) throw new Error(founded.refusal);
  return { ...started, recovery, ownerCode: code };
}

/** Joins a headless replica and opens it; closed when the test ends. */
export async function joinDevice(
  platform: ServerPlatform,
  server: string,
  code: string,
  name = "device",
): Promise<HeadlessReplica & { folder: string }> {
  const folder = await scratchFolder();
  const joined = await joinHeadless(platform, folder, { server, code, name });
  if (!joined.ok) throw new Error(joined.refusal);
  const opened = await openHeadless(platform, folder);
  atEnd(() => opened.close());
  return { ...opened, folder };
}

/** Looks again every few milliseconds; fails when it never comes true. */
export async function eventually(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  waitMs = 10_000,
): Promise<void> {
  const until = Date.now() + waitMs;
  while (!(await isTrue())) {
    if (Date.now() > until) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

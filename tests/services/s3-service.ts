import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { S3mini } from "s3mini";
import { freePort } from "./free-port.ts";
import type { Service } from "./service.ts";
import { answers } from "./wire.ts";

export const swift = "/usr/bin/swift-proxy-server";
export const s3Login = { accessKey: "shop:backup", secretKey: "s3secretkey", region: "us-east-1" };

const script = join(import.meta.dirname, "s3-server");

/** OpenStack Swift with its S3 interface, once it stores. */
export async function startSwift(dir: string): Promise<Service> {
  const port = await fivePorts();
  run(["start", dir, String(port)]);
  try {
    await isStoring(port);
  } catch (error) {
    run(["stop", dir]);
    throw error;
  }
  return { port, kill: async () => run(["stop", dir]) };
}

/**
 * The proxy answers before the servers behind it do, and shuns for a minute those that refused it
 * some times: only when all answer is it asked for a bucket.
 * @throws {Error} not within 50 seconds
 */
async function isStoring(port: number): Promise<void> {
  const { accessKey, secretKey, region } = s3Login;
  const endpoint = `http://127.0.0.1:${port}/readiness`;
  const probe = new S3mini({
    endpoint,
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    region,
  });
  let said: unknown = "a server behind it does not answer";
  for (const end = Date.now() + 50_000; Date.now() < end; await wait(200)) {
    const up = await Promise.all([0, 1, 2, 3, 4].map((more) => answers(port + more)));
    if (up.includes(false)) continue;
    try {
      await probe.createBucket();
      return;
    } catch (error) {
      said = error;
    }
  }
  throw new Error("Swift stores nothing", { cause: said });
}

/** It takes five in a row. */
async function fivePorts(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const taken = await Promise.all([1, 2, 3, 4].map((more) => answers(first + more)));
    if (first < 65_000 && !taken.includes(true)) return first;
  }
}

function run(args: readonly string[]): void {
  const { status, stderr } = spawnSync("bash", [script, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0) throw new Error(`s3-server ${args[0]}: ${stderr}`);
}

/** Buckets can stand before this name. */
export const virtualHost = "s3.test";

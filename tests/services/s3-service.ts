import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Service } from "./service.ts";
import { answers } from "./wire.ts";

export const swift = "/usr/bin/swift-proxy-server";
export const s3Login = { accessKey: "shop:backup", secretKey: "s3secretkey", region: "us-east-1" };

const script = join(import.meta.dirname, "s3-server");

/** OpenStack Swift with its S3 interface. */
export async function startSwift(dir: string): Promise<Service> {
  const port = await fivePorts();
  run(["start", dir, String(port)]);
  return { port, kill: async () => run(["stop", dir]) };
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

import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { browserArgs } from "./browser.ts";

/** Names of the shop's network, as its router would know them. */
const names = "--host-resolver-rules=MAP *.local 127.0.0.1";

const certutil = "/usr/bin/certutil";

export interface TrustingBrowser {
  browser: Browser;
  /** whether the browser checks the certificate against an authority that it was told to trust */
  isReal: boolean;
  close(): Promise<void>;
}

/**
 * A browser with a home of its own: what it trusts is in there, and nowhere else on the machine.
 * @param authority PEM that it trusts as a person who installed it does; none without it
 * @param leaf PEM that is let through where the browser has no such home, as outside of Linux
 */
export async function launchTrusting({
  authority,
  leaf,
}: {
  authority?: string;
  leaf?: string;
} = {}): Promise<TrustingBrowser> {
  const home = await mkdtemp(join(tmpdir(), "youbei-browser-"));
  const isReal = process.platform === "linux" && existsSync(certutil);
  const args = [...browserArgs, names];
  if (authority !== undefined && isReal) await trust(home, authority);
  else if (leaf !== undefined) args.push(`--ignore-certificate-errors-spki-list=${keyHash(leaf)}`);
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args,
    env: { ...process.env, HOME: home, XDG_DATA_HOME: join(home, ".local/share") },
  });
  return {
    browser,
    isReal,
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function trust(home: string, authority: string): Promise<void> {
  const database = join(home, ".pki/nssdb");
  await mkdir(database, { recursive: true });
  const file = join(home, "root.crt");
  await writeFile(file, authority);
  const run = promisify(execFile);
  await run(certutil, ["-d", `sql:${database}`, "-N", "--empty-password"]);
  await run(certutil, ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "youbei", "-i", file]);
}

const keyHash = (certificate: string): string =>
  createHash("sha256")
    .update(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");

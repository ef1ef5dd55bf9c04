import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { browserArgs } from "./browser.ts";

/** Names of the shop's network, as its router would know them; and one of somebody else's. */
const names = "--host-resolver-rules=MAP *.local 127.0.0.1, MAP bank.example 127.0.0.1";

const certutil = "/usr/bin/certutil";

export interface TrustingBrowser {
  browser: Browser;
  /** whether the browser checks the certificate against an authority that it was told to trust */
  isReal: boolean;
  close(): Promise<void>;
}

/**
 * A browser with a home of its own: what it trusts is in there, and nowhere else on the machine. Where
 * it has no such home, as outside of Linux, it lets every certificate through instead.
 * @param authority PEM that it trusts as a person who installed it does; none without it
 */
export async function launchTrusting(authority?: string): Promise<TrustingBrowser> {
  const home = await mkdtemp(join(tmpdir(), "youbei-browser-"));
  const isReal = process.platform === "linux" && existsSync(certutil);
  const args = [...browserArgs, names];
  if (authority !== undefined && isReal) await trust(home, authority);
  else if (authority !== undefined) args.push("--ignore-certificate-errors");
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

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { browserArgs, sizes } from "../journeys/browser.ts";
import { eventually } from "../server/server-harness.ts";

/** A whole browser on a profile that outlives it. */
export interface KillableBrowser {
  page: Page;
  /** SIGKILL to all of its processes at once, as when the machine is switched off. */
  kill(): Promise<void>;
}

const startMsMax = 30_000;

export async function openKillableBrowser(profile: string): Promise<KillableBrowser> {
  const portFile = join(profile, "DevToolsActivePort");
  await rm(portFile, { force: true });
  // In a group of its own: what it starts belongs to it, and the signal goes to all of them.
  const child = spawn(
    process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    [
      ...browserArgs,
      "--headless",
      "--accept-lang=zh-CN",
      "--password-store=basic",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    {
      detached: true,
      stdio: "ignore",
      env: { ...process.env, TZ: "Asia/Shanghai" },
    },
  );
  const kill = () => killGroup(child);
  try {
    const browser = await connect(portFile);
    const page = browser.contexts()[0]?.pages()[0];
    if (!page) throw new Error("the browser has no page");
    page.setDefaultTimeout(15_000);
    await page.setViewportSize(sizes.desktop);
    return { page, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

async function connect(portFile: string): Promise<Browser> {
  let port = "";
  await eventually(
    async () => {
      const text = await readFile(portFile, "utf8").catch(() => "");
      port = text.includes("\n") ? (text.split("\n")[0] ?? "") : "";
      return port !== "";
    },
    "the browser listens",
    startMsMax,
  );
  return chromium.connectOverCDP(`http://127.0.0.1:${port}`);
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await gone;
}

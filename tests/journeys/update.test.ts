import { appendFile, cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { program, startServer } from "./running-server.ts";
import { addMember, findByTail, goHome, setUpShop, topUp } from "./shop-on-screen.ts";

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "youbei-app-"));
  const project = join(program, "../../..");
  for (const part of ["build", "dist", "package.json"])
    await cp(join(project, part), join(folder, part), { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test("a new version waits for a word, and never asks in the middle of a sale", async () => {
  const server = await startServer(join(folder, "build/server/main.js"));
  const context = await openProfile(browser);
  try {
    const page = await setUpShop(context, server);
    await addMember(page, "王小芳", "13812345678");
    await topUp(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await goHome(page, server);
    await findByTail(page, "5678", "王小芳");
    const hands = new Hands(page);
    await hands.type("35");
    await appendFile(join(folder, "dist/service-worker.js"), "\n// the next version\n");
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
    });
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
    await page.waitForTimeout(500);
    const offer = page.getByText("有新版本，更新只要几秒");
    expect(await offer.count()).toBe(0);

    await hands.tapButton("扣款 ¥35.00");
    await page.getByText("扣款成功").waitFor();
    await offer.waitFor();
    await page.evaluate(() => Object.assign(window, { before: true }));
    await hands.tapButton("立即更新");
    await page.waitForFunction(() => !("before" in window));
    await page.getByText("¥515.00").first().waitFor();
    expect(await offer.count()).toBe(0);
  } finally {
    await context.close();
    await server.dispose();
  }
});

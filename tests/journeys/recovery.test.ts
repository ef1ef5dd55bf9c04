import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addMember, allSent, charge, setUpShop, topUp } from "./at-the-counter.ts";
import { launchBrowser, openProfile } from "./browser.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { findByTail } from "./shop-on-screen.ts";
import { stateAt, youbei } from "./state-at.ts";

let server: RunningServer;
let browser: Browser;
let profile: BrowserContext;
let page: Page;
let hanzi: string;

beforeEach(async () => {
  server = await startServer();
  browser = await launchBrowser();
  profile = await openProfile(browser, { size: "desktop" });
  page = await profile.newPage();
  const shown = await setUpShop(page, server);
  hanzi = wordsOn(shown);
  await addMember(page, "李雷", "13800001001");
  await topUp(page, "1001", "李雷");
  await charge(page, "1001", "李雷", "50");
  await allSent(page);
});

afterEach(async () => {
  await browser?.close();
  await server?.dispose();
});

const owedBy = async (): Promise<number> => {
  const { liabilities } = await stateAt(server);
  return liabilities.principal + liabilities.bonus;
};

/** The twelve hanzi of the card's face, in order. */
function wordsOn(shown: string): string {
  const lines = shown.split("\n").map((line) => line.trim());
  const words = lines.filter(
    (line, index) => /^\d{1,2}$/.test(lines[index - 1] ?? "") && /^\p{Script=Han}$/u.test(line),
  );
  return words.join("");
}

async function keyFile(): Promise<string> {
  const path = join(server.dir, "card.txt");
  await writeFile(path, `${hanzi}\n`);
  return path;
}

describe("the server's live data is gone", () => {
  it("it is recovered from its newest snapshot; the device brings what is newer, to the fen [ID4]", async () => {
    await youbei(server, "snapshot", "create", "--reason", "before the fire");
    await charge(page, "1001", "李雷", "12.34");
    await allSent(page);
    await server.kill();
    await charge(page, "1001", "李雷", "0.66");
    await rm(join(server.dir, "data", "live"), { recursive: true });
    await youbei(server, "recover", "--recovery-key-file", await keyFile());
    await server.restart();
    await allSent(page);
    await expect.poll(owedBy, { timeout: 20_000 }).toBe(550_00 - 50_00 - 12_34 - 66);
    await charge(page, "1001", "李雷", "100");
    await allSent(page);
    await expect.poll(owedBy, { timeout: 20_000 }).toBe(387_00);
    const verified = (await youbei(server, "verify")) as { ok: boolean };
    expect(verified.ok).toBe(true);
  }, 120_000);

  it("it is recovered from nothing but this one device [ID4]", async () => {
    await server.kill();
    await rm(join(server.dir, "data"), { recursive: true });
    await server.restart();
    await page
      .getByText(/空的|恢复卡恢复/)
      .first()
      .waitFor({ timeout: 30_000 });
    await charge(page, "1001", "李雷", "0.34");
    await server.kill();
    await rm(join(server.dir, "data"), { recursive: true });
    await server.restart(["recover", "--empty", "--recovery-key-file", await keyFile()]);
    await allSent(page);
    await expect.poll(owedBy, { timeout: 30_000 }).toBe(550_00 - 50_00 - 34);
    await findByTail(page, "1001", "李雷");
  }, 120_000);
});

describe("a browser is wiped", () => {
  it("it is enrolled again as the successor of the old one, has everything, and sells [ID2]", async () => {
    await profile.close();
    const wiped = await openProfile(browser, { size: "desktop" });
    const fresh = await wiped.newPage();
    await fresh.goto(server.url);
    await fresh.getByText("用恢复卡").click();
    await fresh.getByLabel("恢复卡上的 12 个字").fill(`${hanzi.slice(1)}一`);
    await fresh.getByRole("button", { name: "下一步" }).click();
    await fresh.getByText(/这 12 个字不对|不是这家店的/).waitFor();
    await fresh.getByLabel("恢复卡上的 12 个字").fill(hanzi);
    await fresh.getByRole("button", { name: "下一步" }).click();
    await fresh.getByRole("button", { name: /接替“/ }).click();
    await fresh.getByRole("button", { name: "加入", exact: true }).click();
    await fresh.getByLabel("找会员").waitFor();
    await allSent(fresh);
    await charge(fresh, "1001", "李雷", "500");
    await allSent(fresh);
    await expect.poll(owedBy, { timeout: 20_000 }).toBe(0);
  }, 120_000);
});

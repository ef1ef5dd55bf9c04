import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addMember, allSent, charge, setUpShop, topUp } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { findByTail, goHome } from "./shop-on-screen.ts";
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

async function addStaff(name: string): Promise<void> {
  await page.goto(`${server.url}/settings/staff`);
  await page.getByRole("button", { name: "添加店员" }).click();
  await page.getByLabel("姓名").fill(name);
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByText(name, { exact: true }).first().waitFor();
}

/** What was decided after the version that the server came back from is asked for, and taken with one tap. */
async function takeOverWhatWasLost(what: string): Promise<void> {
  await goHome(page, server);
  const hands = new Hands(page);
  await hands.tap(page.getByRole("button", { name: "去看看" }));
  await page.getByText(what).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await hands.tapButton("都恢复");
  await page.getByText("已恢复；等着的设备会自动连上。").waitFor();
  expect(hands.taps).toBe(2);
  expect(await page.getByText(what).count()).toBe(0);
  await page.goto(`${server.url}/settings/staff`);
  await page.getByText("小李", { exact: true }).first().waitFor();
}

describe("the server's live data is gone", () => {
  it("it is recovered from its newest snapshot; the device brings what is newer, to the fen [ID4]", async () => {
    await youbei(server, "snapshot", "create", "--reason", "before the fire");
    await charge(page, "1001", "李雷", "12.34");
    await addStaff("小李");
    await allSent(page);
    await server.kill();
    await goHome(page, server);
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
    await takeOverWhatWasLost("新增店员“小李”（店员）");
  }, 120_000);

  it("it is recovered from nothing but this one device [ID4]", async () => {
    await server.kill();
    await rm(join(server.dir, "data"), { recursive: true });
    await server.restart();
    await page
      .getByText(/空的|恢复卡恢复/)
      .first()
      .waitFor({ timeout: 30_000 });
    // From the till's home screen: there, what to send, and the last word.
    await page.getByRole("link", { name: "为新服务器恢复数据" }).click();
    await page.getByLabel("新服务器的安装码").waitFor();
    await goHome(page, server);
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

describe("somebody changed what should not have been changed", () => {
  it("yesterday's version is proposed, approved with two taps, carried out, and stands in the member's passbook [VR1] [VR3]", async () => {
    await youbei(server, "snapshot", "create", "--reason", "closing time");
    await charge(page, "1001", "李雷", "12.34");
    await addMember(page, "韩梅梅", "13800001002");
    await allSent(page);
    const asked = ["--scope", "all", "--propose", "--reason", "记错了"];
    const { proposal } = (await youbei(server, "snapshot", "restore", "newest", ...asked)) as {
      proposal: string;
    };
    await goHome(page, server);
    const hands = new Hands(page);
    await hands.tap(page.getByRole("link", { name: "去审批" }));
    await page.getByText(/^回到 .+ 的样子（全部会员）$/).waitFor();
    await page.getByText("2 位会员会变：余额加回 ¥12.34，减去 ¥0.00。").waitFor();
    await page.getByText("原因：记错了").waitFor();
    await page.getByText(/^等您批准。/).waitFor();
    await hands.tapButton("批准");
    await page.getByText("已批准。").waitFor();
    expect(hands.taps).toBe(2);
    await youbei(server, "snapshot", "restore", "--carry-out", proposal);
    await page.getByText("已执行").waitFor();

    await goHome(page, server);
    await findByTail(page, "1001", "李雷");
    const line = page.getByRole("listitem").filter({ hasText: "还原到旧版本" });
    await line.getByText(/还原到 \d+\/\d+ \d+:\d+ 的版本 .* 记错了/).waitFor();
    await line.getByText("+¥12.34").waitFor();
    expect(await owedBy()).toBe(500_00);
    expect(await axeViolations(page)).toEqual([]);
  }, 60_000);
});

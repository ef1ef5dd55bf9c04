import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openProfile, watchErrors } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { balanceOnScreen, findByTail, goHome, setUpShop } from "./shop-on-screen.ts";

const fixture = (name: string) => `tests/fixtures/imports/${name}`;

let browser: Browser;
let server: RunningServer;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
  context = await openProfile(browser, { size: "tablet" });
  page = await setUpShop(context, server);
  errors = watchErrors(page);
});
afterAll(async () => {
  await context.close();
  await server.dispose();
  await browser.close();
});

const dropBoth = async () => {
  await page.goto(`${server.url}/import`);
  await page
    .locator("input[type=file]")
    .setInputFiles([fixture("members-export.csv"), fixture("purchases-export.csv")]);
  await page.getByRole("button", { name: "试算", exact: true }).click();
};

test("a shop moves in within four taps, and every total is the old system's", async () => {
  const hands = new Hands(page);
  await page.goto(`${server.url}/import`);
  const chooser = page.waitForEvent("filechooser");
  await hands.tap(page.getByRole("button", { name: /选择文件/ }));
  await (await chooser).setFiles([fixture("members-export.csv"), fixture("purchases-export.csv")]);
  await hands.tapButton("试算");
  await page.getByText("每一行都能导入").waitFor();
  for (const total of ["2,357", "¥931,618.22", "6,919", "¥244,091.94", "✓ 一致"])
    await page.getByText(total, { exact: true }).first().waitFor();
  await hands.tapButton("导入 2357 位会员");
  await page.getByText("导入完成").waitFor({ timeout: 60_000 });
  expect(hands.taps).toBeLessThanOrEqual(4);
  await page.getByRole("button", { name: "去收银" }).click();
  await page.getByText("2357 位会员").waitFor();
  await page.getByRole("button", { name: /保存状态/ }).click();
  await page.getByText("¥931,618.22", { exact: true }).waitFor();
});

test("an imported member is found by tail, name, pinyin and card, with history and a mark", async () => {
  await goHome(page, server);
  await page.getByText("2357 位会员").waitFor();
  await findByTail(page, "6801", "孟文");
  await page.getByText("到店 4 次").waitFor();
  const box = page.getByLabel("找会员");
  for (const typed of ["孟文", "mengwen", "00000001"]) {
    await goHome(page, server);
    await box.fill(typed);
    await page.getByRole("button", { name: /孟文/ }).first().waitFor();
  }
  await page.getByLabel("找会员").fill("wang");
  await page.getByRole("listitem").filter({ hasText: "¥2," }).first().getByRole("button").click();
  await page.getByText("导入余额，待核对").first().waitFor();
  expect(await balanceOnScreen(page)).toBeGreaterThan(0);
});

test("the whole batch is undone; who was served since stays and is listed", async () => {
  await goHome(page, server);
  await findByTail(page, "6801", "孟文");
  const hands = new Hands(page);
  await hands.type("20");
  await hands.tapButton(/^收款 ¥/);
  await page.getByText("收款成功").waitFor();
  await page.goto(`${server.url}/settings/imports`);
  await page.getByRole("button", { name: "撤销整批" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "撤销整批" }).click();
  await page.getByText("1 位保留").waitFor({ timeout: 30_000 });
  await page.getByText("导入后有过消费或修改").waitFor();
  await goHome(page, server);
  await page.getByText("1 位会员").waitFor();
});

test("imported again it is all there again, without doubling who stayed", async () => {
  await dropBoth();
  await page.getByText("1 行不能导入").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "下载这些行" }).first().click();
  const rejects = await readFile(await (await download).path(), "utf8");
  expect(rejects).toContain("孟文");
  await page.getByRole("button", { name: "导入 2356 位会员" }).click();
  await page.getByText("导入完成").waitFor({ timeout: 60_000 });
});

test("stopped half-way, nothing of an import is there", async () => {
  const fresh = await startServer();
  const other = await openProfile(browser, { size: "desktop" });
  try {
    const tab = await setUpShop(other, fresh);
    await tab.goto(`${fresh.url}/import`);
    await tab.locator("input[type=file]").setInputFiles([fixture("members-export.csv")]);
    await tab.getByRole("button", { name: "试算", exact: true }).click();
    await tab.getByRole("button", { name: "导入 2357 位会员" }).click();
    await tab.getByRole("button", { name: "停止" }).click();
    await tab.getByText("已停止，什么都没有导入").waitFor();
    await goHome(tab, fresh);
    await tab.getByText("还没有会员").waitFor();
  } finally {
    await other.close();
    await fresh.dispose();
  }
});

test("a file that is no list says what to do instead", async () => {
  await page.goto(`${server.url}/import`);
  await page.locator("input[type=file]").setInputFiles([
    { name: "旧系统.xls", mimeType: "", buffer: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]) },
    { name: "空.csv", mimeType: "text/csv", buffer: Buffer.from("") },
  ]);
  await page.getByText(/请先在 Excel 或 WPS 中另存为 CSV/).waitFor();
  await page.getByText(/文件是空的/).waitFor();
  expect(errors).toEqual([]);
});

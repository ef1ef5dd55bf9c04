import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpShop } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile, type Size, sizes } from "./browser.ts";
import { Hands } from "./hands.ts";
import { startServer } from "./running-server.ts";
import { goHome } from "./shop-on-screen.ts";
import { youbei } from "./state-at.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test("the owner adds a place of backups: what is wrong is said, what works is added with one tap", async () => {
  const server = await startServer();
  const context = await openProfile(browser, { size: "tablet" });
  try {
    const page = await context.newPage();
    await setUpShop(page, server);
    await mkdir(join(server.dir, "usb"));
    await goHome(page, server);
    await page.goto(`${server.url}/settings/targets`);
    const hands = new Hands(page);
    await page.getByText("还没有备份位置").waitFor();
    await hands.tapButton("添加备份位置");
    await hands.tapButton("NAS（群晖、威联通）WebDAV");
    await page.getByLabel("用户名").fill("boss");
    await page.getByLabel("密码").fill("hunter2-hunter2");
    await page.getByLabel("地址").fill("http://127.0.0.1:47998/");
    await page.getByRole("button", { name: "测试", exact: true }).click();
    await page.getByText("连接没有成功。地址对吗？").waitFor();
    await look(page, "wrong");

    await hands.tapButton("U 盘、移动硬盘或文件夹");
    await page.getByLabel("叫什么").fill("移动硬盘");
    await page.getByLabel("文件夹（服务器上的完整路径）").fill(join(server.dir, "usb", "youbei"));
    await page.getByRole("button", { name: "测试", exact: true }).click();
    await page.getByText("能用：写入、读回、删除都成功。").waitFor();
    await page.getByRole("button", { name: "添加", exact: true }).click();
    await page.getByText("已添加，马上开始第一份备份。").waitFor();
    await page.getByText(/directory .*youbei/).waitFor();
    await look(page, "added");
    await expect
      .poll(async () => JSON.stringify(await youbei(server, "target", "list")), { timeout: 10_000 })
      .toContain('"lastBackup"');
    const { proposals } = (await youbei(server, "approve", "list", "--all")) as {
      proposals: { standing: string; proposedBy: string; approvedBy: string }[];
    };
    expect(proposals).toMatchObject([
      { standing: "done", proposedBy: "server", approvedBy: "陈老板" },
    ]);

    await page.getByRole("button", { name: "移除 移动硬盘" }).click();
    await page.getByText(/已提出移除/).waitFor();
    const { targets } = (await youbei(server, "target", "list")) as { targets: unknown[] };
    expect(targets.length).toBe(1);
  } finally {
    await context.close();
    await server.dispose();
  }
});

/** On every size, light and dark, without leaving the page; pictures go where the environment says. */
async function look(page: Page, name: string): Promise<void> {
  const folder = process.env["YOUBEI_PICTURES"];
  for (const [size, dark] of [
    ["phone", true],
    ["desktop", false],
    ["tablet", false],
  ] as [Size, boolean][]) {
    await page.setViewportSize(sizes[size]);
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    expect(await axeViolations(page), `${name}, ${size}, dark: ${dark}`).toEqual([]);
    if (folder)
      await page.screenshot({ path: `${folder}/targets-${name}-${size}.png`, fullPage: true });
  }
}

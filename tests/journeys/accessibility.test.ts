import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { addMember, findByTail, goHome, setUpShop, topUp } from "./shop-on-screen.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function expectNoViolations(page: Page, screen: string): Promise<void> {
  expect.soft(await axeViolations(page), screen).toEqual([]);
}

test.each([
  ["phone", false],
  ["phone", true],
  ["tablet", false],
  ["desktop", true],
] as const)("axe finds nothing on a %s, dark: %s", async (size, dark) => {
  const server: RunningServer = await startServer();
  const context = await openProfile(browser, { size, dark });
  try {
    const arriving = await context.newPage();
    await arriving.goto(server.url);
    await arriving.getByLabel("安装码").waitFor();
    await expectNoViolations(arriving, "set-up");
    await arriving.close();

    const page = await setUpShop(context, server);
    const hands = new Hands(page);
    await expectNoViolations(page, "an empty till");
    await page.goto(`${server.url}/start/card`);
    await page.getByText("已经打印或抄好").waitFor();
    await expectNoViolations(page, "the recovery card");
    await goHome(page, server);
    await addMember(page, "王小芳", "13812345678");
    await expectNoViolations(page, "a member");
    await topUp(page);
    await expectNoViolations(page, "the till");
    await findByTail(page, "5678", "王小芳");
    await hands.type("35");
    await expectNoViolations(page, "an amount");
    await hands.tapButton("扣款 ¥35.00");
    await page.getByText("扣款成功").waitFor();
    await expectNoViolations(page, "a receipt");
    await hands.tapButton("撤销这一笔");
    await page.getByRole("dialog").waitFor();
    await expectNoViolations(page, "undoing");
    for (const [path, words] of [
      ["/members/new", "手机号和卡号至少填一项"],
      ["/today", "这台设备今天记的账"],
      ["/import", "选择文件"],
      ["/start", "已完成"],
      ["/safety", "账存在哪里"],
      ["/safety/server-dead", "先别做"],
      ["/settings", "充值方案"],
      ["/settings/devices", "添加设备"],
      ["/settings/staff", "添加店员"],
      ["/settings/stores", "门店名称"],
      ["/settings/presets", "充值时一点就选中"],
      ["/settings/imports", "还没有导入过"],
      ["/settings/records", "没有待处理的记录"],
      ["/settings/device", "小票纸宽"],
    ] as const) {
      await page.goto(server.url + path);
      await page.getByText(words).first().waitFor();
      await expectNoViolations(page, path);
    }
  } finally {
    await context.close();
    await server.dispose();
  }
});

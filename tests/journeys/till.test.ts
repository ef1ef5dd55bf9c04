import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openProfile, watchErrors } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import {
  addMember,
  balanceOnScreen,
  findByTail,
  goHome,
  setUpShop,
  topUp,
} from "./shop-on-screen.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Taps are counted from the till's home screen; digits are typing. The limits are the shop's own. */
describe.each([
  ["phone", "online"],
  ["phone", "offline"],
  ["tablet", "online"],
  ["tablet", "offline"],
  ["desktop", "online"],
] as const)("on a %s, %s", (size, network) => {
  let server: RunningServer;
  let context: BrowserContext;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    server = await startServer();
    context = await openProfile(browser, { size });
    page = await setUpShop(context, server);
    errors = watchErrors(page);
    await addMember(page, "王小芳", "13812345678");
    await topUp(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    if (network === "offline") await server.kill();
  });
  afterAll(async () => {
    await context.close();
    await server.dispose();
  });
  /** what the member has, fen, as the tests go on */
  let balance = 550_00;
  const startAtHome = () => goHome(page, server);
  const expectChange = async (fen: number) => {
    balance += fen;
    expect(await balanceOnScreen(page)).toBe(balance);
  };
  afterEach(() => expect(errors).toEqual([]));

  test("the last four digits and an amount make a receipt in two taps", async () => {
    await startAtHome();
    const hands = new Hands(page);
    await findByTail(page, "5678", "王小芳");
    await hands.type("35");
    await hands.tapButton("扣款 ¥35.00");
    await page.getByText("扣款成功").waitFor();
    expect(hands.taps).toBeLessThanOrEqual(2);
    await expectChange(-35_00);
    await page.getByText(network === "offline" ? "联网后自动上传" : "全部已上传").waitFor();
  });

  test("a new member takes two taps and the fields", async () => {
    await startAtHome();
    const hands = new Hands(page);
    await hands.tap(page.getByRole("button", { name: "新会员" }).first());
    await page.getByLabel("姓名").fill("李雷");
    await page.getByLabel("手机号").fill("13900001111");
    await hands.tapButton("保存");
    await page.getByRole("heading", { name: "李雷" }).waitFor();
    expect(hands.taps).toBeLessThanOrEqual(2);
  });

  test("500 and 50 by preset takes four taps", async () => {
    await startAtHome();
    const hands = new Hands(page);
    await findByTail(page, "5678", "王小芳");
    await hands.tap(page.getByRole("link", { name: "充值" }));
    await hands.tapButton(/^500/);
    await hands.tapButton("现金");
    await hands.tapButton(/^收款 ¥500\.00/);
    await page.getByText("充值成功").waitFor();
    expect(hands.taps).toBeLessThanOrEqual(4);
    await expectChange(550_00);
  });

  test("the last operation is undone in two taps", async () => {
    await startAtHome();
    const hands = new Hands(page);
    await hands.tapButton("撤销");
    await hands.tapButton("撤销 ¥500.00");
    await page.getByText("已撤销 ¥500.00").waitFor();
    expect(hands.taps).toBeLessThanOrEqual(2);
    await findByTail(page, "5678", "王小芳");
    await expectChange(-550_00);
  });

  test("a tap that comes twice charges once", async () => {
    await startAtHome();
    await findByTail(page, "5678", "王小芳");
    await new Hands(page).type("35");
    await page.getByRole("button", { name: "扣款 ¥35.00" }).dblclick();
    await page.getByText("扣款成功").waitFor();
    await expectChange(-35_00);
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("what the balance lacks is paid otherwise at one tap more", async () => {
    await startAtHome();
    const hands = new Hands(page);
    await findByTail(page, "5678", "王小芳");
    await hands.type(String(balance / 100 + 100));
    await hands.tap(
      page.getByRole("group", { name: /还差/ }).getByRole("button", { name: "支付宝" }),
    );
    await hands.tapButton(/^扣款 ¥/);
    await page.getByText("扣款成功").waitFor();
    expect(hands.taps).toBeLessThanOrEqual(3);
    expect(await balanceOnScreen(page)).toBe(0);
    await page.getByText("支付宝 ¥100.00").first().waitFor();
  });
});

test("a morning without network: cold start, sales, and everything arrives by itself", async () => {
  const server = await startServer();
  const context = await openProfile(browser, { size: "tablet" });
  try {
    const page = await setUpShop(context, server);
    await addMember(page, "王小芳", "13812345678");
    await topUp(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await server.kill();
    await goHome(page, server);
    const hands = new Hands(page);
    for (const amount of ["35", "12.5", "40"]) {
      hands.rest();
      await findByTail(page, "5678", "王小芳");
      await hands.type(amount);
      await hands.tap(page.getByRole("button", { name: /^扣款 ¥/ }));
      await page.getByText("扣款成功").waitFor();
      expect(hands.taps).toBeLessThanOrEqual(2);
      await hands.tapButton("完成");
    }
    await addMember(page, "李雷", "13900001111");
    await page.getByText("4 笔未上传").waitFor();
    await server.restart();
    await page.getByText("全部已上传").waitFor({ timeout: 40_000 });
    await goHome(page, server);
    await findByTail(page, "5678", "王小芳");
    expect(await balanceOnScreen(page)).toBe(462_50);
  } finally {
    await context.close();
    await server.dispose();
  }
});

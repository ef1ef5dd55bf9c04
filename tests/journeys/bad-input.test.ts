import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
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
let server: RunningServer;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
  context = await openProfile(browser, { size: "desktop" });
  page = await setUpShop(context, server);
  errors = watchErrors(page);
  await addMember(page, "王小芳", "13812345678");
  await topUp(page);
});
afterAll(async () => {
  await context.close();
  await server.dispose();
  await browser.close();
});

test.each([
  ["0", "请输入大于 0 的金额"],
  ["-5", "请输入大于 0 的金额"],
  ["1.234", "金额最多两位小数"],
  ["90071992547409930", "金额太大"],
  ["三十五", "金额要写成数字"],
])("an amount of %s is not taken, and the screen says why", async (typed, words) => {
  await goHome(page, server);
  await findByTail(page, "5678", "王小芳");
  const field = page.getByLabel("消费金额");
  await field.fill(typed);
  await field.press("Enter");
  await page.getByText(new RegExp(words)).waitFor();
  expect(await page.getByText("扣款成功").count()).toBe(0);
  expect(await balanceOnScreen(page)).toBe(550_00);
});

test("an amount beyond any card is refused by the books, in words", async () => {
  await goHome(page, server);
  await findByTail(page, "5678", "王小芳");
  await page.getByRole("button", { name: "现金" }).click();
  await page.getByLabel("消费金额").fill("2000000000");
  await page.getByLabel("消费金额").press("Enter");
  await page.getByRole("button", { name: /^确认扣款/ }).click();
  await page.getByText(/金额太大，一笔最多/).waitFor();
});

test.each([
  ["a name of 10,000 characters", "长".repeat(10_000), /“姓名”太长/],
  ["no name", "", /请填姓名/],
])("%s is refused and nothing is written", async (_, name, words) => {
  await page.goto(`${server.url}/members/new`);
  await page.getByLabel("姓名").fill(name);
  await page.getByLabel("手机号").fill("13900002222");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByText(words).waitFor();
  await goHome(page, server);
  await page.getByText("1 位会员").waitFor();
});

test("markup, emoji and control characters are text like any other", async () => {
  await page.goto(`${server.url}/members/new`);
  await page.getByLabel("姓名").fill('<img src=x onerror="alert(1)">😀\u0007');
  await page.getByLabel("手机号").fill("13900003333");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByRole("heading", { name: '<img src=x onerror="alert(1)">😀' }).waitFor();
  expect(await page.locator("main img").count()).toBe(0);
});

test("a wrong phone and a card that somebody has are told apart", async () => {
  await page.goto(`${server.url}/members/new`);
  await page.getByLabel("姓名").fill("李雷");
  await page.getByLabel("手机号").fill("12ab");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByText(/手机号“12ab”不对/).waitFor();
  await page.getByLabel("手机号").fill("");
  await page.getByLabel("卡号").fill("A1");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByRole("heading", { name: "李雷" }).waitFor();
  await page.goto(`${server.url}/members/new`);
  await page.getByLabel("姓名").fill("韩梅梅");
  await page.getByLabel("卡号").fill("A1");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByText("这个卡号已经是 李雷 的").waitFor();
});

test("a scanner's card opens its member wherever the focus is", async () => {
  await page.goto(`${server.url}/members/new`);
  await page.getByLabel("姓名").fill("扫码");
  await page.getByLabel("卡号").fill("88880001");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByRole("heading", { name: "扫码" }).waitFor();
  await goHome(page, server);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.evaluate(() => {
    const codes = [..."88880001"].map((digit) => `Digit${digit}`);
    for (const code of [...codes, "Enter"])
      document.body.dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true }));
  });
  await page.getByRole("heading", { name: "扫码" }).waitFor();
});

test("an Enter that ends a Chinese composition opens nobody", async () => {
  await goHome(page, server);
  const box = page.getByLabel("找会员");
  await box.fill("王小芳");
  await box.dispatchEvent("keydown", {
    key: "Enter",
    code: "Enter",
    keyCode: 229,
    isComposing: true,
  });
  await page.waitForTimeout(300);
  expect(new URL(page.url()).pathname).toBe("/");
  await box.press("Enter");
  await page.getByRole("heading", { name: "王小芳" }).waitFor();
});

test("a full disk: nothing is shown as saved, and the screen says so", async () => {
  await goHome(page, server);
  await findByTail(page, "5678", "王小芳");
  const before = await balanceOnScreen(page);
  await page.evaluate(() => {
    const add = IDBObjectStore.prototype.add;
    Object.assign(window, { mend: () => Object.assign(IDBObjectStore.prototype, { add }) });
    IDBObjectStore.prototype.add = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  const hands = new Hands(page);
  await hands.type("35");
  await hands.tapButton("扣款 ¥35.00");
  await page.getByText(/存储空间满了/).waitFor();
  expect(await page.getByText("扣款成功").count()).toBe(0);
  expect(await balanceOnScreen(page)).toBe(before);
  await page.evaluate(() => (window as unknown as { mend(): void }).mend());
  await hands.tapButton("扣款 ¥35.00");
  await page.getByText("扣款成功").waitFor();
  expect(await balanceOnScreen(page)).toBe(before - 35_00);
  expect(errors).toEqual([]);
});

test("an answer that gets lost while a shop is founded loses neither the shop nor its card", async () => {
  const fresh = await startServer();
  const other = await openProfile(browser);
  try {
    const tab = await other.newPage();
    await tab.route("**/api/v1/setup", async (route) => {
      if (route.request().method() === "POST") await route.fetch();
      await (route.request().method() === "POST" ? route.abort() : route.continue());
    });
    await tab.goto(fresh.url);
    await tab.getByLabel("安装码").fill(fresh.setupCode);
    await tab.getByLabel("店名").fill("和悦美发");
    await tab.getByLabel("您的称呼").fill("陈老板");
    await tab.getByRole("button", { name: "开张" }).click();
    await tab.getByText(/连不上服务器，还没有建好/).waitFor();
    await tab.reload();
    await tab.getByRole("button", { name: "已经打印或抄好" }).waitFor();
    await goHome(tab, fresh);
    await addMember(tab, "王小芳", "13812345678");
    await tab.getByText("全部已上传").waitFor();
  } finally {
    await other.close();
    await fresh.dispose();
  }
});

test("a wrong set-up code says which one is meant", async () => {
  const fresh = await startServer();
  const other = await openProfile(browser);
  try {
    const tab = await other.newPage();
    await tab.goto(fresh.url);
    await tab.getByLabel("安装码").fill("AAAA-BBBB-CCCC-DDDD");
    await tab.getByLabel("店名").fill("和悦美发");
    await tab.getByRole("button", { name: "开张" }).click();
    await tab.getByText(/请填店名、门店和您的称呼/).waitFor();
    await tab.getByLabel("您的称呼").fill("陈老板");
    await tab.getByRole("button", { name: "开张" }).click();
    await tab.getByText(/安装码不对，或者已经用过/).waitFor();
  } finally {
    await other.close();
    await fresh.dispose();
  }
});

test("a clock in 1970 records nothing and says what to switch on", async () => {
  const other = await openProfile(browser, { size: "desktop" });
  const fresh = await startServer();
  try {
    const tab = await setUpShop(other, fresh);
    await addMember(tab, "王小芳", "13812345678");
    await tab.clock.install({ time: 0 });
    await goHome(tab, fresh);
    await tab.clock.resume();
    await tab.getByRole("button", { name: "新会员" }).first().click();
    await tab.getByLabel("姓名").fill("李雷");
    await tab.getByLabel("手机号").fill("13900001111");
    await tab.getByRole("button", { name: "保存", exact: true }).click();
    await tab.getByText(/这台设备的时间不对/).waitFor();
  } finally {
    await other.close();
    await fresh.dispose();
  }
});

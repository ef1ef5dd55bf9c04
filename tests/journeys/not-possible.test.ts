import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserArgs, launchBrowser, openProfile } from "./browser.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let browser: Browser;
let server: RunningServer;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterAll(async () => {
  await browser.close();
  await server.dispose();
});

test("inside WeChat it asks for a browser and offers the address", async () => {
  const context = await browser.newContext({
    userAgent: "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0.50",
    locale: "zh-CN",
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole("heading", { name: "请换浏览器打开" }).waitFor();
  await page.getByText(/在浏览器打开/).waitFor();
  await page.getByRole("button", { name: "复制地址" }).waitFor();
  await context.close();
});

test("over plain http it says how to get a safe address", async () => {
  const port = new URL(server.url).port;
  const mapped = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: [...browserArgs, "--host-resolver-rules=MAP shop.test 127.0.0.1"],
  });
  const page = await mapped.newPage({ locale: "zh-CN" });
  await page.goto(`http://shop.test:${port}`);
  await page.getByRole("heading", { name: /这个地址不安全/ }).waitFor();
  expect(await page.getByRole("link", { name: "改用 https 打开" }).getAttribute("href")).toBe(
    `https://shop.test:${port}/`,
  );
  await mapped.close();
});

test("where the browser refuses storage it says what to allow", async () => {
  const context = await openProfile(browser);
  const page = await context.newPage();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  });
  await page.goto(server.url);
  await page.getByRole("heading", { name: "浏览器不让保存数据" }).waitFor();
  await context.close();
});

test("a browser that is too old is told so, and that nothing is lost", async () => {
  const context = await openProfile(browser);
  const page = await context.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "locks", { value: undefined });
  });
  await page.goto(server.url);
  await page.getByRole("heading", { name: "浏览器太旧了" }).waitFor();
  await page.getByText(/数据没有丢失/).waitFor();
  await context.close();
});

test("without the server a new device says so and tries again", async () => {
  const context = await openProfile(browser, { language: "en-GB" });
  const page = await context.newPage();
  await page.route("**/api/**", (route) => route.abort());
  await page.goto(server.url);
  await page.getByRole("heading", { name: "The server is out of reach" }).waitFor();
  await page.unroute("**/api/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Welcome to Youbei" }).waitFor();
  await context.close();
});

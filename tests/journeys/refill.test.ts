import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addMember, allSent, charge, setUpShop, topUp } from "./at-the-counter.ts";
import { launchBrowser, openProfile, watchErrors } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { findByTail } from "./shop-on-screen.ts";
import { stateAt } from "./state-at.ts";

let old: RunningServer;
let fresh: RunningServer;
let browser: Browser;
let tablet: BrowserContext;

beforeEach(async () => {
  [old, fresh] = await Promise.all([startServer(), startServer()]);
  browser = await launchBrowser();
  tablet = await openProfile(browser, { size: "tablet" });
});

afterEach(async () => {
  await browser?.close();
  await Promise.all([old?.dispose(), fresh?.dispose()]);
});

/** The twelve hanzi of the card's face, in order. */
const wordsOn = (shown: string): string =>
  shown
    .split("\n")
    .map((line) => line.trim())
    .filter((line, index, lines) => {
      const isNumbered = /^\d{1,2}$/.test(lines[index - 1] ?? "");
      return isNumbered && /^\p{Script=Han}$/u.test(line);
    })
    .join("");

/** The app opens without its server. */
const isKept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const isWhole = async () => (await caches.keys()).length > 0;
    for (let tries = 0; tries < 50 && !(await isWhole()); tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
  });

const figure = (page: Page, name: string): Promise<string[]> =>
  page
    .getByRole("row", { name: new RegExp(name) })
    .getByRole("cell")
    .allInnerTexts();

it("server dead, a new empty one at another address: a tablet refills it in three taps and the card's words, both sides agree, and it sells [LO7]", async () => {
  const page = await tablet.newPage();
  const errors = watchErrors(page);
  const words = wordsOn(await setUpShop(page, old));
  await addMember(page, "李雷", "13800001001");
  await topUp(page, "1001", "李雷");
  await allSent(page);
  await isKept(page);
  await old.kill();
  await charge(page, "1001", "李雷", "50");

  const screen = await (await openProfile(browser, { size: "desktop" })).newPage();
  await screen.goto(fresh.url);
  await screen.getByLabel("安装码").fill(fresh.setupCode);
  await screen.getByRole("button", { name: "恢复已有的店" }).click();
  await screen.getByText("等一台设备送来数据").waitFor();
  const link = await screen
    .getByRole("img", { name: /settings\/refill/ })
    .getAttribute("aria-label");
  expect(link).toBe(`${fresh.url}/settings/refill#${fresh.setupCode}`);

  await page.goto(`${old.url}/settings`);
  const hands = new Hands(page);
  await hands.tapButton(/为新服务器恢复数据/);
  await page.getByLabel("新服务器的地址").fill(link ?? "");
  await page.getByLabel("恢复卡上的 12 个字").fill(words);
  // A wrong code goes nowhere.
  await page.getByLabel("新服务器的安装码").fill("AAAA-BBBB-CCCC-DDDD");
  await page.getByRole("button", { name: "下一步" }).click();
  await page.getByText(/安装码和这台服务器对不上/).waitFor();
  await page.getByLabel("新服务器的安装码").fill("");
  await hands.tapButton("下一步");
  await page.getByText(/恢复到 localhost/).waitFor();
  await hands.tapButton("开始恢复");
  // From the settings; where the new server has the old address, a notice at the till leads here.
  expect(hands.taps).toBe(3);
  await page.getByText("两边完全一致").waitFor({ timeout: 20_000 });
  expect(await figure(page, "会员")).toEqual(["1", "1"]);
  expect(await figure(page, "储值本金")).toEqual(["¥454.55", "¥454.55"]);
  await screen.getByText("已经恢复到这台服务器").waitFor();
  expect(await figure(screen, "储值本金")).toEqual(["¥454.55"]);

  await page.getByRole("button", { name: "去收银" }).click();
  await charge(page, "1001", "李雷", "100");
  await allSent(page);
  const { liabilities } = await stateAt(fresh);
  expect(liabilities.principal + liabilities.bonus).toBe(550_00 - 150_00);
  // Opened anew, it finds the server where it is now.
  await page.reload();
  await findByTail(page, "1001", "李雷");
  await allSent(page);
  expect(errors).toEqual([]);
}, 60_000);

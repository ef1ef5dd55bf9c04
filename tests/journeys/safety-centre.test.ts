import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runbookNames } from "../../client/ui/runbook-names.ts";
import type { SafetyFacts } from "../../shared/safety/safety-facts.ts";
import { addMember, allSent, charge, setUpShop, topUp } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { goHome, makePairingCode, pairDevice } from "./shop-on-screen.ts";
import { youbei } from "./state-at.ts";

let server: RunningServer;
let browser: Browser;
let profile: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  profile = await openProfile(browser, { size: "desktop" });
  page = await profile.newPage();
  await setUpShop(page, server);
  await addMember(page, "李雷", "13800001001");
  await topUp(page, "1001", "李雷");
  await charge(page, "1001", "李雷", "50");
  await allSent(page);
  const second = await openProfile(browser, { size: "tablet" });
  await pairDevice(second, server, await makePairingCode(page, server), "前台平板");
  const usb = join(server.dir, "usb");
  await mkdir(usb);
  await youbei(server, "target", "add", "移动硬盘", "--directory", usb, "--offline");
  await youbei(server, "backup", "run");
  await youbei(server, "drill");
  await goHome(page, server);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const factsAt = async (): Promise<SafetyFacts> =>
  ((await youbei(server, "status")) as { safety: SafetyFacts }).safety;

/** What the page shows, in the same shape as the facts behind it. */
async function shownOn(shown: Page) {
  const lights = await shown
    .locator("li[data-rule]")
    .evaluateAll((items) =>
      items.map((item) => [item.getAttribute("data-rule"), item.getAttribute("data-lit")]),
    );
  const places = await shown
    .locator("li[data-place]")
    .evaluateAll((items) =>
      items.map((item) => [
        item.getAttribute("data-place"),
        /(\d+) 笔/.exec(item.textContent ?? "")?.[1],
        item.getAttribute("data-full"),
      ]),
    );
  const losses = await shown
    .locator("[data-loss]")
    .evaluateAll((items) =>
      items.map((item) => [item.getAttribute("data-loss"), item.textContent]),
    );
  const thin = await shown.locator("[data-thin]").getAttribute("data-thin");
  return { lights, places, losses, thin: Number(thin) };
}

function expectedOf({ rules, places, losses, operations, thin }: SafetyFacts) {
  const inOrder = [
    ...places.filter(({ inShop }) => inShop),
    ...places.filter(({ inShop }) => !inShop),
  ];
  return {
    lights: rules.map(({ rule, ok }) => [rule, String(ok)]),
    places: inOrder.map((place) => {
      const lacks = operations - place.operations;
      return [place.id, String(lacks > 0 ? lacks : operations), String(lacks <= 0)];
    }),
    losses: losses.map(({ what, id, lost }) => [
      id ?? what,
      lost === 0 ? "不丢" : lost >= operations ? "全部丢失" : `丢 ${lost} 笔`,
    ]),
    thin: thin?.operations ?? 0,
  };
}

/** Both go on meanwhile: a tablet that was just paired is still fetching. */
const shownAsAtTheServer = (timeout: number) =>
  vi.waitFor(async () => expect(await shownOn(page)).toEqual(expectedOf(await factsAt())), {
    timeout,
    interval: 200,
  });

test("one tap from the till shows what `status` says: lights, places, losses [SC6]", async () => {
  const hands = new Hands(page);
  await hands.tap(page.getByRole("link", { name: "安全" }));
  await page.getByRole("heading", { name: "安全中心" }).waitFor();
  expect(hands.taps).toBe(1);
  await shownAsAtTheServer(30_000);
  const facts = await factsAt();
  expect(facts.operations).toBeGreaterThan(2);
  expect(facts.places.filter(({ kind }) => kind === "device")).toHaveLength(2);
  expect(facts.losses[0]).toMatchObject({ what: "shop", lost: facts.operations });
  await page.getByText("最近一次真的恢复成功").waitFor();
  await page.getByText(/从“移动硬盘”完整恢复出 1 位会员/).waitFor();
  expect(await axeViolations(page)).toEqual([]);
});

test("without the server it shows the last known facts, since when, and what is only here [SC7]", async () => {
  const before = await shownOn(page);
  await server.kill();
  await goHome(page, server);
  await addMember(page, "韩梅梅", "13800001002");
  await page.getByRole("link", { name: "安全" }).click();
  await page.getByText(/现在连不上服务器。下面是 .+的情况/).waitFor();
  await page.getByText("本机还有 1 笔没有上传，只存在这台设备上。").waitFor();
  expect(await shownOn(page)).toEqual(before);
});

test("the runbooks open without the server, each beginning with what not to do", async () => {
  for (const [nth] of runbookNames.entries()) {
    await page.getByRole("link", { name: "安全" }).click();
    const rows = page.locator("section", { has: page.getByRole("heading", { name: "应急手册" }) });
    await rows.getByRole("button").nth(nth).click();
    await page.locator("h2").first().waitFor();
    expect(await page.locator("h2").allInnerTexts()).toEqual(["先别做", "一步一步来"]);
    expect(await page.locator("ol > li").count()).toBeGreaterThan(4);
    expect(await axeViolations(page)).toEqual([]);
  }
});

test("the server is back: the page is brought up to date by itself [SC7]", async () => {
  await page.getByRole("link", { name: "安全" }).click();
  await server.restart();
  await allSent(page);
  await shownAsAtTheServer(40_000);
});

test("a cashier is not shown it", async () => {
  await goHome(page, server);
  const tablet = browser.contexts()[1]?.pages()[0];
  if (!tablet) throw new Error("no second device");
  await tablet.getByRole("link", { name: "收银" }).waitFor();
  // Paired as a till for cashiers: its ceiling caps whoever stands there.
  await expect.poll(() => tablet.getByRole("link", { name: "安全" }).count()).toBe(0);
});

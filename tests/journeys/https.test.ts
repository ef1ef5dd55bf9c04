import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { startHttpServer } from "../../server/adapters/http-server.ts";
import { x509Certificates } from "../../server/adapters/x509-certificates.ts";
import { axeViolations } from "./axe-violations.ts";
import { openProfile, watchErrors } from "./browser.ts";
import {
  chooseAtSetUp,
  chooseOrigin,
  found,
  type HttpsShop,
  joinAt,
  proveCard,
  startHttpsShop,
} from "./https-shop.ts";
import { addMember, balanceOnScreen, charge, findByTail, topUp } from "./shop-on-screen.ts";
import { launchTrusting } from "./trusting-browser.ts";

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});
const atEnd = (close: () => Promise<void>) => closings.push(close);

async function openShop(): Promise<HttpsShop> {
  const shop = await startHttpsShop();
  atEnd(() => shop.server.dispose());
  return shop;
}

async function openBrowser(launched: ReturnType<typeof launchTrusting>) {
  const opened = await launched;
  atEnd(() => opened.close());
  return opened;
}

const pairingCode = /^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/;

test("chosen at set-up, trusted by way of the join page, then a tablet works over https like any other [HT9] [HT11]", async () => {
  const shop = await openShop();
  const origin = shop.at("till");
  const { browser: bare } = await openBrowser(launchTrusting());
  const owner = await (await openProfile(bare, { size: "desktop" })).newPage();
  await chooseAtSetUp(owner, shop, origin);
  const joinUrl = `${shop.server.url.replace("localhost", "till.local")}/join`;
  await owner.getByRole("img", { name: joinUrl }).waitFor();
  await owner.getByText(/它的数据就属于 localhost/).waitFor();
  await found(owner);

  // A device that trusts nothing is kept out by its browser, and the join page says why.
  const strangers = await openProfile(bare);
  const refused = await strangers.newPage();
  await expect(refused.goto(origin)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
  const stranger = await strangers.newPage();
  await stranger.goto(joinUrl);
  await stranger.getByText("还没有信任").waitFor();
  const print = await stranger.locator(".print").innerText();

  const { browser, isReal } = await openBrowser(shop.trusting());
  if (!isReal) console.warn("no certutil: the browser lets the certificate through unchecked");
  const tablet = await (await openProfile(browser)).newPage();
  const errors = watchErrors(tablet);
  await tablet.goto(joinUrl);
  await tablet.getByText("已信任").waitFor();
  await tablet.getByRole("link", { name: "打开有备" }).click();
  await tablet.getByRole("textbox", { name: "配对码" }).waitFor();
  expect(new URL(tablet.url()).origin).toBe(origin);
  expect(await tablet.evaluate(() => isSecureContext)).toBe(true);

  await owner.goto(`${shop.server.url}/settings/address`);
  await owner.getByRole("img", { name: joinUrl }).waitFor();
  expect(print.replace(/\s/g, "")).toBe(
    (await owner.locator("[class*=print]").first().innerText()).replace(/\s/g, ""),
  );
  await owner.goto(`${shop.server.url}/settings/devices`);
  await owner.getByRole("button", { name: "添加设备" }).click();
  await owner.getByRole("button", { name: "生成配对码" }).click();
  const code = await owner.getByText(pairingCode).innerText();
  // Whoever scans it lands at the address for the whole shop, not at localhost.
  await owner.getByRole("img", { name: `${origin}/pair#${code}` }).waitFor();

  const sockets: string[] = [];
  tablet.on("websocket", (socket) => sockets.push(socket.url()));
  await joinAt(tablet, code, "前台平板");
  await owner.getByText("“前台平板”已加入").waitFor();
  await addMember(tablet, "王小芳", "13812345678");
  await tablet.getByText("全部已上传").waitFor();
  expect(sockets.length).toBeGreaterThan(0);
  for (const socket of sockets) expect(socket).toMatch(origin.replace("https", "wss"));
  await owner.goto(shop.server.url);
  await owner.getByText("1 位会员").waitFor();
  const worker = await tablet.evaluate(async () => {
    const ready = await navigator.serviceWorker.ready;
    return `${ready.active?.state} ${navigator.storage !== undefined} ${"locks" in navigator}`;
  });
  expect(worker).toMatch(/^activat(ed|ing) true true$/);
  expect(errors).toEqual([]);
});

/** A shop of two devices, both at an address that is then given up. */
async function shopAtOldAddress() {
  const shop = await openShop();
  const { browser: bare } = await openBrowser(launchTrusting());
  const first = await (await openProfile(bare)).newPage();
  await chooseAtSetUp(first, shop, shop.at("old"));
  await first.close();
  const { browser } = await openBrowser(shop.trusting());
  const profile = await openProfile(browser);
  const owner = await profile.newPage();
  await owner.goto(`${shop.at("old")}/#${shop.server.setupCode}`);
  await found(owner);
  await owner.getByRole("button", { name: "先去收银，回头再做" }).click();
  await owner.goto(`${shop.at("old")}/`);
  await addMember(owner, "王小芳", "13812345678");
  await topUp(owner);
  await owner.getByText("全部已上传").waitFor();
  return { shop, browser, profile, owner };
}

async function chooseNew(owner: Page, shop: HttpsShop): Promise<void> {
  await owner.goto(`${shop.at("old")}/settings/address`);
  await owner.getByText("这台设备就在这个地址上").waitFor();
  await owner.getByRole("button", { name: "换一个地址" }).click();
  await chooseOrigin(owner, shop.at("new"));
  await owner.getByRole("button", { name: "用这个地址" }).click();
  await owner.getByRole("button", { name: "再按一次，全店换到这个地址" }).click();
  await owner.getByText("请搬到全店用的地址").waitFor();
}

/** Steps of the move that are done. */
const done = (page: Page) => page.locator('[data-state="done"]');

test("a device moves to another address as its own successor, may be broken off anywhere, and loses nothing [HT10]", async () => {
  const { shop, profile, owner } = await shopAtOldAddress();
  await chooseNew(owner, shop);
  await owner.goto(`${shop.at("old")}/`);
  await owner
    .getByText(/这台设备打开的是 old\.local:\d+，全店用的地址是 https:\/\/new\.local/)
    .waitFor();
  await owner.getByRole("link", { name: "去搬家" }).click();

  // The recovery key is nowhere else yet: there is no way on before it is on paper.
  await owner.getByText("恢复密钥还只在这台设备上").waitFor();
  await owner.getByText("新地址在这台设备上打得开").waitFor();
  expect(await owner.getByRole("button", { name: "生成搬家码" }).count()).toBe(0);
  await owner.getByRole("button", { name: "去打印恢复卡" }).click();
  await proveCard(owner);

  // What was recorded here and is not sent would stay behind: no code before it is.
  let isCut = true;
  await owner.routeWebSocket(/\/sync\//, (socket) => {
    if (isCut) void socket.close();
    else socket.connectToServer();
  });
  await owner.goto(`${shop.at("old")}/`);
  await findByTail(owner, "5678", "王小芳");
  await charge(owner, "0.5");
  await owner.getByText("扣款成功").waitFor();
  await owner.goto(`${shop.at("old")}/settings/address/move`);
  await owner.getByText("现在连不上服务器").waitFor();
  await owner.locator("li", { hasText: "新地址在这台设备上打得开" }).and(done(owner)).waitFor();
  expect(await owner.getByRole("button", { name: "生成搬家码" }).count()).toBe(0);
  isCut = false;
  await owner.getByRole("button", { name: "生成搬家码" }).click();
  await owner.getByText(pairingCode).waitFor();
  // Broken off: the device is what it was, and sells.
  await owner.goto(`${shop.at("old")}/`);
  await findByTail(owner, "5678", "王小芳");
  await charge(owner, "50");
  await owner.getByText("扣款成功").waitFor();
  await owner.goto(`${shop.at("old")}/settings/address/move`);
  await owner.getByRole("button", { name: "生成搬家码" }).click();
  const code = await owner.getByText(pairingCode).innerText();
  const link = owner.getByRole("link", { name: "打开新地址并加入" });
  expect(await link.getAttribute("href")).toBe(`${shop.at("new")}/pair#${code}`);

  // The answer to joining is lost on its way: the page finds itself enrolled when it is opened again.
  const fresh = await profile.newPage();
  let lost = 0;
  await fresh.route("**/api/v1/authority/entries", async (route) => {
    const body = route.request().postData() ?? "";
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(`${shop.server.url}/api/v1/authority/entries`, {
      method: "POST",
      headers,
      body,
    });
    if (status === 200) lost++;
    await route.abort();
  });
  await fresh.goto(`${shop.at("new")}/pair#${code}`);
  await fresh.getByLabel("这台设备叫什么").fill("前台平板");
  await fresh.getByRole("button", { name: "加入", exact: true }).click();
  await expect.poll(() => lost).toBeGreaterThan(0);
  await fresh.getByText(/连不上服务器/).waitFor();
  await fresh.unroute("**/api/v1/authority/entries");
  await fresh.reload();
  await fresh.getByText("1 位会员").waitFor();
  await findByTail(fresh, "5678", "王小芳");
  expect(await balanceOnScreen(fresh)).toBe(499_50);
  await charge(fresh, "100");
  await fresh.getByText("扣款成功").waitFor();
  expect(await balanceOnScreen(fresh)).toBe(399_50);
  // It is the owner's device as before.
  await fresh.goto(`${shop.at("new")}/settings/address`);
  await fresh.getByText("已在全店用的地址上").waitFor();
  await fresh.getByText("这台设备就在这个地址上").waitFor();
});

test("the old page says that it has moved and where, sells nothing more, and can be erased [HT10]", async () => {
  const { shop, browser, owner } = await shopAtOldAddress();
  // A second device, which is nobody's in particular.
  await owner.goto(`${shop.at("old")}/settings/devices`);
  await owner.getByRole("button", { name: "添加设备" }).click();
  await owner.getByRole("button", { name: "生成配对码" }).click();
  const joining = await owner.getByText(pairingCode).innerText();
  const second = await (await openProfile(browser, { size: "phone" })).newPage();
  await second.goto(`${shop.at("old")}/pair`);
  await joinAt(second, joining, "前台手机");
  await second.getByText("1 位会员").waitFor();
  await chooseNew(owner, shop);

  await second.goto(`${shop.at("old")}/settings/address/move`);
  await second.getByText(/请老板在自己的设备上打开/).waitFor();
  const link = second.getByRole("link", { name: "打开新地址" });
  expect(await link.getAttribute("href")).toBe(`${shop.at("new")}/pair`);
  const row = owner.getByText("前台手机").first();
  await row.waitFor();
  await owner.getByRole("button", { name: "生成搬家码" }).click();
  const code = await owner.getByText(pairingCode).innerText();
  await owner.getByRole("img", { name: `${shop.at("new")}/pair#${code}` }).waitFor();

  const [fresh] = await Promise.all([second.context().waitForEvent("page"), link.click()]);
  await joinAt(fresh, code, "前台手机（新）");
  await fresh.getByText("1 位会员").waitFor();
  await second.getByText("这台设备已经搬走了").waitFor();
  await second.getByText("“前台手机（新）”已在新地址上接替它").waitFor();
  const go = second.getByRole("link", { name: /^打开 new\.local/ });
  expect(await go.getAttribute("href")).toBe(`${shop.at("new")}/`);
  await owner.getByText("“前台手机（新）”已加入").waitFor();
  await owner.getByText("前台手机（新）").first().waitFor();
  await owner.getByText("已在全店用的地址上").waitFor();

  await second.reload();
  await second.getByText("这台设备已经搬走了").waitFor();
  await second.getByRole("button", { name: "清除这里的数据" }).click();
  await second.getByRole("button", { name: "再按一次，清除" }).click();
  await second.getByText("已清除").waitFor();
  const left = await second.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    settings: Object.keys(localStorage).filter((name) => name.startsWith("youbei")),
    caches: await caches.keys(),
  }));
  expect(left).toEqual({ databases: [], settings: [], caches: [] });
  await second.goto(`${shop.at("old")}/`);
  await second.getByText("请用全店用的地址打开").waitFor();
  await second.getByRole("link", { name: /^打开 new\.local/ }).click();
  await second.getByText("1 位会员").waitFor();
});

test("a device of the server's own computer may stay at localhost, and is told whose its data is [HT9]", async () => {
  const shop = await openShop();
  const { browser } = await openBrowser(launchTrusting());
  const owner = await (await openProfile(browser, { size: "desktop" })).newPage();
  await chooseAtSetUp(owner, shop, shop.at("till"));
  await found(owner);
  await owner.goto(`${shop.server.url}/`);
  await owner.getByLabel("找会员").waitFor();
  expect(await owner.getByText(/全店用的地址是/).count()).toBe(0);
  await owner.goto(`${shop.server.url}/settings/address`);
  await owner.getByText(/数据属于这个地址，请一直用它打开/).waitFor();
  const other = await (await openProfile(browser, { size: "desktop" })).newPage();
  await other.goto(shop.server.url);
  await other.getByText("请用全店用的地址打开").waitFor();
  await other.getByText(/这台电脑可以留在这里/).waitFor();
  await other.getByRole("button", { name: "留在这个地址" }).click();
  await other.getByRole("textbox", { name: "配对码" }).waitFor();
});

test("who stole the authority is no bank to a browser that trusts it [HT1]", async () => {
  const shop = await openShop();
  const { browser: bare } = await openBrowser(launchTrusting());
  const owner = await (await openProfile(bare, { size: "desktop" })).newPage();
  await chooseAtSetUp(owner, shop, shop.at("till"));
  const { browser, isReal } = await openBrowser(shop.trusting());
  const authority = await shop.stolen();
  const visit = async (host: string) => {
    const now = Date.now();
    const wish = { subject: "thief", hosts: [host], fromMs: now - 60_000, untilMs: now + 60_000 };
    const { certificate: cert, key } = await x509Certificates.issue(authority, wish);
    const thief = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      tls: { cert, key },
      fetch: () => new Response("welcome"),
      upgrade: () => {},
    });
    atEnd(() => thief.close());
    const page = await (await openProfile(browser)).newPage();
    await page.goto(`https://${host}:${thief.port}/`);
    return page.locator("body").innerText();
  };
  expect(await visit("other.local")).toBe("welcome");
  // Where the browser lets everything through there is nothing to see.
  if (isReal) await expect(visit("bank.example")).rejects.toThrow(/ERR_CERT_INVALID/);
});

test("an iPad, which calls itself a Mac, is shown the way for an iPad [HT11]", async () => {
  const shop = await openShop();
  const { browser } = await openBrowser(launchTrusting());
  const owner = await (await openProfile(browser, { size: "desktop" })).newPage();
  await chooseAtSetUp(owner, shop, shop.at("till"));
  const context = await browser.newContext({
    userAgent:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
    hasTouch: true,
    locale: "zh-CN",
  });
  await context.addInitScript(() => {
    Object.defineProperty(navigator, "maxTouchPoints", { get: () => 5 });
  });
  const page = await context.newPage();
  await page.goto(`${shop.server.url}/join`);
  await page.getByText("用 Safari 打开本页").waitFor();
  await page.getByRole("link", { name: "Mac", exact: true }).click();
  await page.getByText("钥匙串访问").first().waitFor();
  expect(page.url()).toContain("device=mac");
});

test.each([
  ["phone", false],
  ["tablet", true],
  ["desktop", true],
] as const)("axe finds nothing on the way to https, on a %s, dark: %s", async (size, dark) => {
  const expectNoViolations = async (page: Page, screen: string) =>
    expect.soft(await axeViolations(page), screen).toEqual([]);
  const shop = await openShop();
  const { browser: bare } = await openBrowser(launchTrusting());
  const first = await (await openProfile(bare, { size, dark })).newPage();
  await chooseAtSetUp(first, shop, shop.at("old"));
  await expectNoViolations(first, "the address at set-up");
  for (const device of ["android", "ios", "windows", "mac"]) {
    await first.goto(`${shop.server.url}/join?device=${device}&lang=${dark ? "en" : "zh"}`);
    await first.locator("#trust.warning").waitFor();
    await expectNoViolations(first, `the join page for ${device}`);
  }
  const { browser } = await openBrowser(shop.trusting());
  const owner = await (await openProfile(browser, { size, dark })).newPage();
  await owner.goto(`${shop.at("old")}/#${shop.server.setupCode}`);
  await found(owner);
  await proveCard(owner);
  await owner.goto(`${shop.at("old")}/settings/address`);
  await owner.getByText("已在全店用的地址上").waitFor();
  await expectNoViolations(owner, "the address");
  await owner.getByRole("button", { name: "换一个地址" }).click();
  await expectNoViolations(owner, "another address");
  await chooseNew(owner, shop);
  await expectNoViolations(owner, "the wrong address");
  await owner.goto(`${shop.at("old")}/settings/address/move`);
  await owner.getByRole("button", { name: "生成搬家码" }).click();
  const code = await owner.getByText(pairingCode).innerText();
  await expectNoViolations(owner, "moving");
  const fresh = await owner.context().newPage();
  await fresh.goto(`${shop.at("old")}/join`);
  await fresh.locator("#trust.good").waitFor();
  await expectNoViolations(fresh, "the join page, trusted");
  await fresh.goto(`${shop.at("new")}/pair#${code}`);
  await joinAt(fresh, code, "新地址");
  await owner.getByText("这台设备已经搬走了").waitFor();
  await expectNoViolations(owner, "moved");
  const late = await (await openProfile(browser, { size, dark })).newPage();
  await late.goto(`${shop.at("old")}/pair`);
  await late.getByText("请用全店用的地址打开").waitFor();
  await expectNoViolations(late, "arriving at the wrong address");
});

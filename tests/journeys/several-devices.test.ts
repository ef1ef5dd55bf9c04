import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import {
  addMember,
  balanceOnScreen,
  charge,
  findByTail,
  goHome,
  makePairingCode,
  pairDevice,
  setUpShop,
  topUp,
} from "./shop-on-screen.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const withServer = async (work: (server: RunningServer) => Promise<void>) => {
  const server = await startServer();
  try {
    await work(server);
  } finally {
    for (const context of browser.contexts()) await context.close();
    await server.dispose();
  }
};

/** Whether the device's own store holds an operation of that kind. */
const storeHolds = (page: Page, kind: string): Promise<boolean> =>
  page.evaluate(async (wanted) => {
    const opening = indexedDB.open("youbei");
    const db = await new Promise<IDBDatabase>((opened) => {
      opening.onsuccess = () => opened(opening.result);
    });
    const reading = db.transaction("pages").objectStore("pages").getAll();
    await new Promise((read) => {
      reading.onsuccess = read;
    });
    db.close();
    const decoder = new TextDecoder("latin1");
    return reading.result.some(({ bytes }) => decoder.decode(bytes).includes(wanted));
  }, kind);

test("a second till joins by its code, charges what lies at the server, counts as a copy, and is stopped by the owner", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    await addMember(owner, "王小芳", "13812345678");
    await topUp(owner);
    const code = await makePairingCode(owner, server);
    const phone = await openProfile(browser, { size: "phone" });
    const second = await pairDevice(phone, server, code, "前台手机");
    await owner.getByText("“前台手机”已加入").waitFor();
    await findByTail(second, "5678", "王小芳");
    await charge(second, "35");
    await second.getByText("扣款成功").waitFor({ timeout: 20_000 });
    await second.getByText("1 份副本").waitFor({ timeout: 20_000 });
    await goHome(owner, server);
    await findByTail(owner, "5678", "王小芳");
    await expect.poll(() => balanceOnScreen(owner)).toBe(515_00);
    await owner.goto(`${server.url}/settings/devices`);
    await owner.getByRole("button", { name: /前台手机/ }).click();
    await owner.getByText(/从现在起它记的账一律不算/).waitFor();
    await owner.getByRole("button", { name: "停用", exact: true }).click();
    await owner.getByText("已停用").first().waitFor();
    await second.getByText(/服务器不再接受这台设备，它已被接替或停用/).waitFor({ timeout: 20_000 });
  }));

test("without network a till says where the value is and what can be done; other tenders go on", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    await addMember(owner, "王小芳", "13812345678");
    await topUp(owner);
    const code = await makePairingCode(owner, server);
    const phone = await openProfile(browser, { size: "phone" });
    const second = await pairDevice(phone, server, code, "前台手机");
    await second.getByText("1 位会员").waitFor();
    await server.kill();
    await second.getByText("离线").waitFor();
    await findByTail(second, "5678", "王小芳");
    await charge(second, "300");
    await second.getByText(/会员余额 ¥550\.00 在服务器上/).waitFor();
    expect(await balanceOnScreen(second)).toBe(550_00);
    const hands = new Hands(second);
    await hands.tapButton("现金");
    await hands.tapButton("收款 ¥300.00");
    await second.getByText("收款成功").waitFor();
  }));

test("a used code is refused in plain words, and a wrong one as well", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    const code = await makePairingCode(owner, server, { office: true });
    await pairDevice(await openProfile(browser, { size: "phone" }), server, code, "办公室");
    const page = await (await openProfile(browser, { size: "phone" })).newPage();
    await page.goto(`${server.url}/pair#${code}`);
    const join = page.getByRole("button", { name: "加入", exact: true });
    await join.click();
    await page.getByText(/配对码不对、已用过或过期了/).waitFor();
    await page.getByRole("textbox", { name: "配对码" }).fill("1234");
    await join.click();
    await page.getByText(/配对码应该是 16 位/).waitFor();
  }));

test("the recovery card is proved once; with it a wiped browser succeeds the old one and sells", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    await addMember(owner, "王小芳", "13812345678");
    await topUp(owner);
    await owner.getByText("全部已上传").waitFor();
    await owner.goto(`${server.url}/start/card`);
    await owner.getByRole("button", { name: "已经打印或抄好" }).waitFor();
    const words = await owner.locator("[lang=zh-CN][class*=hanzi]").allInnerTexts();
    expect(words).toHaveLength(12);
    await owner.getByRole("button", { name: "已经打印或抄好" }).click();
    const asked = await owner.locator("label").allInnerTexts();
    for (const label of asked) await owner.getByLabel(label).fill("错");
    await owner.getByRole("button", { name: "核对" }).click();
    await owner.getByText(/和恢复卡对不上/).waitFor();
    for (const label of asked)
      await owner.getByLabel(label).fill(words[Number(/\d+/.exec(label)?.[0]) - 1] ?? "");
    await owner.getByRole("button", { name: "核对" }).click();
    await owner.getByText("已完成").waitFor();
    await owner.goto(`${server.url}/start/card`);
    await owner.getByText("已完成").waitFor();

    const page = await (await openProfile(browser, { size: "phone" })).newPage();
    await page.goto(server.url);
    await page.getByRole("button", { name: "用恢复卡" }).click();
    const box = page.getByLabel("恢复卡上的 12 个字");
    await box.fill("一二三四五六七八九十百千");
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByText(/这 12 个字不对/).waitFor();
    await box.fill(words.join(" "));
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByRole("button", { name: /接替“/ }).click();
    await page.getByRole("button", { name: "加入", exact: true }).click();
    await page.getByText("1 位会员").waitFor();
    await findByTail(page, "5678", "王小芳");
    expect(await balanceOnScreen(page)).toBe(550_00);
    await charge(page, "50");
    await page.getByText("扣款成功").waitFor();
    expect(await balanceOnScreen(page)).toBe(500_00);

    await goHome(owner, server);
    await owner.getByText(/服务器不再接受这台设备/).waitFor();
    await owner.goto(`${server.url}/settings/device`);
    await owner.getByRole("button", { name: "重新配对这台设备" }).click();
    await owner.getByRole("button", { name: "再按一次确认" }).click();
    await owner.getByRole("textbox", { name: "配对码" }).waitFor();
  }));

test("a top-up that has gone home to the server is undone where it was taken", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    await addMember(owner, "王小芳", "13812345678");
    const code = await makePairingCode(owner, server);
    const phone = await openProfile(browser, { size: "phone" });
    const second = await pairDevice(phone, server, code, "前台手机");
    await second.getByText("1 位会员").waitFor();
    await findByTail(second, "5678", "王小芳");
    await topUp(second);
    await expect.poll(() => storeHolds(second, "ValueMoved"), { timeout: 20_000 }).toBe(true);
    const hands = new Hands(second);
    await hands.tapButton("撤销");
    await hands.tapButton("撤销 ¥500.00");
    await second.getByText("已撤销 ¥500.00").waitFor({ timeout: 20_000 });
    expect(hands.taps).toBeLessThanOrEqual(2);
    await findByTail(second, "5678", "王小芳");
    expect(await balanceOnScreen(second)).toBe(0);
  }));

test("a field that two devices changed at the same time keeps both until somebody chooses", () =>
  withServer(async (server) => {
    const owner = await setUpShop(await openProfile(browser), server);
    await addMember(owner, "王小芳", "13812345678");
    const code = await makePairingCode(owner, server);
    const phone = await openProfile(browser, { size: "phone" });
    const second = await pairDevice(phone, server, code, "前台手机");
    await second.getByText("1 位会员").waitFor();
    await server.kill();
    for (const [page, name] of [
      [owner, "王晓芳"],
      [second, "汪小芳"],
    ] as const) {
      await goHome(page, server);
      await findByTail(page, "5678", "王小芳");
      await page.getByRole("link", { name: "资料" }).click();
      await page.getByRole("button", { name: "修改资料" }).click();
      await page.getByLabel("姓名").fill(name);
      await page.getByRole("button", { name: "保存", exact: true }).click();
      await page.getByRole("heading", { name }).waitFor();
    }
    await server.restart();
    await owner.getByText("资料待核对").waitFor({ timeout: 40_000 });
    await owner.getByRole("button", { name: /“王晓芳”/ }).click();
    await owner.getByText("资料待核对").waitFor({ state: "hidden" });
    await second.getByRole("heading", { name: "王晓芳" }).waitFor({ timeout: 40_000 });
  }));

test("a second tab follows the first, sells through it, and takes over when it is closed", () =>
  withServer(async (server) => {
    const profile = await openProfile(browser);
    const first = await setUpShop(profile, server);
    await addMember(first, "王小芳", "13812345678");
    await topUp(first);
    const second = await profile.newPage();
    await goHome(second, server);
    await second.getByText(/另一个标签页正在使用有备/).waitFor();
    await findByTail(second, "5678", "王小芳");
    await charge(second, "20");
    await second.getByText("扣款成功").waitFor();
    await first.getByText("¥530.00").first().waitFor();
    await first.close();
    await second.getByText(/另一个标签页正在使用有备/).waitFor({ state: "hidden" });
    await goHome(second, server);
    await findByTail(second, "5678", "王小芳");
    await charge(second, "30");
    await second.getByText("扣款成功").waitFor();
    expect(await balanceOnScreen(second)).toBe(500_00);
  }));

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { addMember, allSent, fingerprint, setUpShop } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile, type Size, watchErrors } from "./browser.ts";
import { type Cable, layCable } from "./cable.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { goHome, makePairingCode } from "./shop-on-screen.ts";

/** A device with a cable of its own. */
interface Device {
  page: Page;
  cable: Cable;
  hands: Hands;
  name: string;
}

let browser: Browser;
let server: RunningServer;
let devices: Device[];
let errors: string[][];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  server = await startServer();
  devices = [];
  errors = [];
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  for (const { cable } of devices) await cable.cut();
  await server.dispose();
});

async function plugIn(size: Size, name: string): Promise<Device> {
  const page = await (await openProfile(browser, { size })).newPage();
  errors.push(watchErrors(page));
  const device = { page, cable: await layCable(server.url), hands: new Hands(page), name };
  devices.push(device);
  return device;
}

/** The owner's tablet knows 王小芳; every further device belongs to 小王. */
async function shopWith(...others: [Size, string][]): Promise<Device[]> {
  const owner = await plugIn("desktop", "");
  await setUpShop(owner.page, { url: owner.cable.url, setupCode: server.setupCode });
  await owner.page.goto(`${owner.cable.url}/settings/staff`);
  await owner.hands.tapButton("添加店员");
  await owner.page.getByLabel("姓名").fill("小王");
  await owner.hands.tapButton("保存");
  await owner.page.getByRole("dialog").waitFor({ state: "hidden" });
  for (const [size, name] of others) {
    const code = await makePairingCode(owner.page, owner.cable);
    const { page, cable } = await plugIn(size, name);
    await page.goto(`${cable.url}/pair#${code}`);
    await page.getByLabel("这台设备叫什么").fill(name);
    await page.getByRole("button", { name: "加入", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "小王" }).click();
    await page.getByLabel("找会员").waitFor();
  }
  await goHome(owner.page, owner.cable);
  await addMember(owner.page, "王小芳", "13812345678");
  for (const { page } of devices) await page.getByText("1 位会员").waitFor();
  return devices;
}

async function openDetails({ page, hands, cable }: Device): Promise<void> {
  await goHome(page, cable);
  await page.getByText("王小芳").first().waitFor();
  await hands.tap(page.getByRole("button", { name: /王小芳/ }));
  await hands.tap(page.getByRole("link", { name: "资料", exact: true }));
}

/** As the cashier does it: the member, its details, change, save. */
async function edit(device: Device, fields: Record<string, string>): Promise<void> {
  const { page, hands } = device;
  await openDetails(device);
  await hands.tapButton("修改资料");
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await hands.tapButton("保存");
  await page.getByRole("button", { name: "修改资料" }).waitFor();
}

async function cutOff(...which: Device[]): Promise<void> {
  for (const { cable } of which) await cable.cut();
  for (const { page } of which) await page.getByText("离线").first().waitFor();
}

async function meet(...which: Device[]): Promise<void> {
  for (const { cable } of which) await cable.plug();
  for (const { page } of which) await allSent(page);
}

const field = (page: Page, name: string): Locator => page.getByRole("group", { name });
const use = (page: Page, value: string): Locator =>
  page.getByRole("button", { name: new RegExp(`(用|保留)“${value}”`) });
const badge = (page: Page): Locator => page.getByRole("link", { name: /今日.*1 位待核对/ });
const stamp = (page: Page): Locator => page.getByText("资料待核对");
const markInList = (page: Page): Locator => page.getByRole("button", { name: /王小芳.*待核对/ });

async function expectNothingToDecide(...which: Device[]): Promise<void> {
  for (const device of which) {
    await openDetails(device);
    for (const mark of [badge, stamp, markInList])
      await expect.poll(() => mark(device.page).count(), { timeout: 20_000 }).toBe(0);
  }
}

test("two tills that were cut off change the same phone and birthday: both values with who and when, one tap each [ME3]", async () => {
  const [owner, till] = (await shopWith(["tablet", "前台平板"])) as [Device, Device];
  await cutOff(owner, till);
  await edit(owner, { 手机号: "13811110001", 生日: "1990-08-15" });
  await edit(till, { 手机号: "13822220002", 生日: "1990-05-18" });
  await meet(owner, till);

  for (const device of [owner, till]) {
    const { page } = device;
    await badge(page).waitFor({ timeout: 20_000 });
    await goHome(page, device.cable);
    await markInList(page).waitFor();
    await openDetails(device);
    await stamp(page).waitFor();
    for (const [name, ours, theirs] of [
      ["手机号", "138 1111 0001", "138 2222 0002"],
      ["生日", "1990-08-15", "1990-05-18"],
    ] as const) {
      const group = field(page, name);
      await expect.poll(() => group.getByRole("button").count()).toBe(2);
      const texts = await group.getByRole("button").allInnerTexts();
      const [shown = "", other = ""] = texts;
      expect(shown).toContain(theirs);
      expect(shown).toMatch(/小王 · 前台平板 · \d\d:\d\d/);
      expect(shown).toContain("现在显示");
      expect(other).toContain(ours);
      expect(other).toMatch(/陈老板 · .+ · \d\d:\d\d/);
      expect(other).not.toContain("现在显示");
    }
  }

  for (const device of [owner, till]) {
    expect(await axeViolations(device.page), `details, ${device.name}`).toEqual([]);
    await device.page.goto(`${device.cable.url}/today/review`);
    await field(device.page, "手机号").waitFor();
    expect(await axeViolations(device.page), `review, ${device.name}`).toEqual([]);
  }
  await openDetails(owner);

  // One tap decides; the other field by keyboard alone.
  owner.hands.rest();
  await owner.hands.tap(use(owner.page, "138 1111 0001"));
  expect(owner.hands.taps).toBe(1);
  await owner.page.getByText("手机号已选定“138 1111 0001”").waitFor();
  await use(owner.page, "1990-08-15").focus();
  await owner.page.keyboard.press("Shift+Tab");
  await owner.page.keyboard.press("Enter");
  await owner.page.getByText("生日已选定“1990-05-18”").waitFor();

  await expectNothingToDecide(owner, till);
  for (const { page } of [owner, till]) {
    const main = page.getByRole("main");
    await main.getByText("13811110001", { exact: true }).waitFor();
    await main.getByText("1990-05-18", { exact: true }).waitFor();
    expect(await main.getByText("13822220002").count()).toBe(0);
  }
  for (const device of [owner, till]) await allSent(device.page);
  await expect
    .poll(async () => new Set([await fingerprint(owner.page), await fingerprint(till.page)]).size)
    .toBe(1);
  expect(errors.flat()).toEqual([]);
});

test("three values are decided in the review list, without network and in a following tab [ME3]", async () => {
  const [owner, till, phone] = (await shopWith(["tablet", "前台平板"], ["phone", "手机"])) as [
    Device,
    Device,
    Device,
  ];
  await cutOff(owner, till, phone);
  await edit(owner, { 手机号: "13811110001" });
  await edit(till, { 手机号: "13822220002" });
  await edit(phone, { 手机号: "13833330003" });
  await meet(owner, till, phone);
  await badge(phone.page).waitFor({ timeout: 20_000 });

  await cutOff(phone);
  const follower = await phone.page.context().newPage();
  errors.push(watchErrors(follower));
  await follower.goto(`${phone.cable.url}/`);
  await follower.getByText(/另一个标签页正在使用有备/).waitFor();
  const hands = new Hands(follower);
  await hands.tap(badge(follower));
  await hands.tap(follower.getByRole("button", { name: /1 位会员的资料待核对/ }));
  const values = field(follower, "手机号").getByRole("button");
  await expect.poll(() => values.count()).toBe(3);
  hands.rest();
  await hands.tap(use(follower, "138 2222 0002"));
  expect(hands.taps).toBe(1);
  await follower.getByText("手机号已选定“138 2222 0002”").waitFor();
  await expect.poll(() => badge(phone.page).count()).toBe(0);

  // A slip of the finger: another tap, and the values stay where they were meanwhile.
  await hands.tap(use(follower, "138 1111 0001"));
  await follower.getByText("手机号已选定“138 1111 0001”").waitFor();
  expect(await values.count()).toBe(3);
  await meet(phone);
  await expectNothingToDecide(owner, till, phone);
  for (const { page } of devices)
    await page.getByRole("main").getByText("13811110001", { exact: true }).waitFor();
  expect(errors.flat()).toEqual([]);
});

test("an edit after the decision is nothing to decide; one that did not know of it is [ME2] [ME3]", async () => {
  const [owner, till] = (await shopWith(["phone", "手机"])) as [Device, Device];
  await cutOff(owner, till);
  await edit(owner, { 手机号: "13811110001" });
  await edit(till, { 手机号: "13822220002" });
  await meet(owner, till);
  await badge(owner.page).waitFor({ timeout: 20_000 });
  await openDetails(owner);
  await use(owner.page, "138 1111 0001").click();
  await owner.page.getByText("手机号已选定“138 1111 0001”").waitFor();
  await expectNothingToDecide(owner, till);

  await edit(till, { 手机号: "13833330003" });
  await owner.page.getByRole("main").getByText("13833330003", { exact: true }).waitFor();
  await expectNothingToDecide(owner, till);

  await cutOff(till);
  await edit(till, { 手机号: "13844440004" });
  await edit(owner, { 手机号: "13855550005" });
  await meet(till);
  for (const device of [owner, till]) {
    await badge(device.page).waitFor({ timeout: 20_000 });
    await openDetails(device);
    for (const value of ["138 4444 0004", "138 5555 0005"]) await use(device.page, value).waitFor();
  }
  expect(errors.flat()).toEqual([]);
});

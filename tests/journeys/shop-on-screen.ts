import type { BrowserContext, Page } from "playwright-core";
import { Hands } from "./hands.ts";
import type { RunningServer } from "./running-server.ts";

/** A shop set up in a browser, standing at the till's home screen. */
export async function setUpShop(context: BrowserContext, server: RunningServer): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel("安装码").fill(server.setupCode);
  await page.getByLabel("店名").fill("和悦美发");
  await page.getByLabel("您的称呼").fill("陈老板");
  await page.getByRole("button", { name: "开张" }).click();
  await page.getByRole("button", { name: "先去收银，回头再做" }).click();
  await goHome(page, server);
  return page;
}

export async function goHome(page: Page, server: Pick<RunningServer, "url">): Promise<void> {
  await page.goto(`${server.url}/`);
  await page.getByLabel("找会员").waitFor();
}

export async function addMember(page: Page, name: string, phone: string): Promise<void> {
  const hands = new Hands(page);
  await hands.tap(page.getByRole("button", { name: "新会员" }).first());
  await page.getByLabel("姓名").fill(name);
  await page.getByLabel("手机号").fill(phone);
  await hands.tapButton("保存");
  await page.getByRole("heading", { name }).waitFor();
}

/** By a preset, from the open member. */
export async function topUp(page: Page, preset: RegExp = /^500/): Promise<void> {
  const hands = new Hands(page);
  await hands.tap(page.getByRole("link", { name: "充值" }));
  await hands.tapButton(preset);
  await hands.tap(page.getByRole("button", { name: /^收款 ¥/ }));
  await page.getByText("充值成功").waitFor();
  await hands.tapButton("完成");
  await page.getByLabel("找会员").waitFor();
}

export async function findByTail(page: Page, tail: string, name: string): Promise<void> {
  await new Hands(page).type(tail);
  await page.getByRole("heading", { name }).waitFor();
}

export async function charge(page: Page, amount: string): Promise<void> {
  const hands = new Hands(page);
  await hands.type(amount);
  await hands.tap(page.getByRole("button", { name: /^(扣款|收款) ¥/ }));
}

/** What the open member comes to, fen. */
export async function balanceOnScreen(page: Page): Promise<number> {
  const shown = await page
    .getByRole("main")
    .locator("header")
    .getByText(/^¥[\d,]+\.\d\d$/)
    .first()
    .innerText();
  return Math.round(Number(shown.replace(/[¥,]/g, "")) * 100);
}

/** Makes a pairing code on the owner's device. */
export async function makePairingCode(
  page: Page,
  server: Pick<RunningServer, "url">,
  options: { office?: boolean } = {},
): Promise<string> {
  await page.goto(`${server.url}/settings/devices`);
  await page.getByRole("button", { name: "添加设备" }).click();
  if (options.office) await page.getByRole("button", { name: /办公、查看/ }).click();
  await page.getByRole("button", { name: "生成配对码" }).click();
  const code = page.getByText(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
  return code.innerText();
}

export async function pairDevice(
  context: BrowserContext,
  server: RunningServer,
  code: string,
  name: string,
  staff?: string,
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/pair#${code}`);
  await page.getByLabel("这台设备叫什么").fill(name);
  await page.getByRole("button", { name: "加入", exact: true }).click();
  await page.getByLabel("找会员").waitFor();
  if (staff !== undefined)
    await page.getByRole("dialog").getByRole("button", { name: staff }).click();
  return page;
}

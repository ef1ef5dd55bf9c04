import type { Page } from "playwright-core";

/** What people do in the app, by what they see; a keyboard at hand. */
export async function setUpShop(page: Page, url: string, setupCode: string): Promise<string> {
  await page.goto(url);
  await page.getByLabel("安装码").fill(setupCode);
  await page.getByLabel("店名").fill("和悦美发");
  await page.getByLabel("您的称呼").fill("陈老板");
  await page.getByRole("button", { name: "开张" }).click();
  await page.getByText("它只显示这一次").waitFor();
  const words = await page.locator("main, body").first().innerText();
  await page.getByRole("button", { name: "先去收银" }).click();
  await page.goto(`${url}/`);
  await page.getByLabel("找会员").waitFor();
  return words;
}

export async function addMember(page: Page, name: string, phone: string): Promise<void> {
  await page.getByRole("button", { name: "新会员" }).first().click();
  await page.getByLabel("姓名").fill(name);
  await page.getByLabel("手机号").fill(phone);
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByRole("heading", { name }).waitFor();
  await backHome(page);
}

export async function findByTail(page: Page, tail: string, name: string): Promise<void> {
  await page.keyboard.type(tail);
  await page.getByRole("heading", { name }).waitFor();
}

/** 500 + 50 by preset. */
export async function topUp(page: Page, tail: string, name: string): Promise<void> {
  await findByTail(page, tail, name);
  await page.getByRole("link", { name: "充值" }).click();
  await page.getByRole("button", { name: /500/ }).first().click();
  await page.getByRole("button", { name: /收款/ }).last().click();
  await page.getByText("充值成功").waitFor();
  await page.getByRole("button", { name: "完成", exact: true }).click();
}

export async function charge(page: Page, tail: string, name: string, yuan: string): Promise<void> {
  await findByTail(page, tail, name);
  await page.keyboard.type(yuan);
  await page.getByRole("button", { name: /扣款 ¥/ }).click();
  await page.getByText("扣款成功").waitFor();
  await page.getByRole("button", { name: "完成", exact: true }).click();
}

export async function backHome(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByLabel("找会员").waitFor();
}

/** The state's fingerprint as the status panel shows it. */
export async function fingerprint(page: Page): Promise<string> {
  await page.getByRole("button", { name: /保存状态/ }).click();
  const text = await page.locator("code").first().innerText();
  await page.keyboard.press("Escape");
  return text;
}

/** Invites a further till from the settings, as the owner; returns the code shown. */
export async function inviteTill(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/settings/devices`);
  await page.getByRole("button", { name: "添加设备" }).click();
  await page.getByRole("button", { name: "生成配对码" }).click();
  const code = page.getByText(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/).first();
  return code.innerText();
}

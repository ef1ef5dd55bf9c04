import type { Page } from "playwright-core";
import type { RunningServer } from "./running-server.ts";
import * as screen from "./shop-on-screen.ts";

/** Whole deeds, each from the till's home screen and back to it, with a keyboard at hand. */

/** @returns what the recovery card's page showed */
export async function setUpShop(
  page: Page,
  server: Pick<RunningServer, "url" | "setupCode">,
): Promise<string> {
  await page.goto(server.url);
  await page.getByLabel("安装码").fill(server.setupCode);
  await page.getByLabel("店名").fill("和悦美发");
  await page.getByLabel("您的称呼").fill("陈老板");
  await page.getByRole("button", { name: "开张" }).click();
  await page.getByText("它只显示这一次").waitFor();
  const shown = await page.locator("body").innerText();
  await page.getByRole("button", { name: "先去收银" }).click();
  await screen.goHome(page, server);
  return shown;
}

export async function addMember(page: Page, name: string, phone: string): Promise<void> {
  await screen.addMember(page, name, phone);
  await backHome(page);
}

/** 500 + 50 by preset. */
export async function topUp(page: Page, tail: string, name: string): Promise<void> {
  await screen.findByTail(page, tail, name);
  await screen.topUp(page);
}

export async function charge(page: Page, tail: string, name: string, yuan: string): Promise<void> {
  await screen.findByTail(page, tail, name);
  await screen.charge(page, yuan);
  await page.getByText("扣款成功").waitFor();
  await page.getByRole("button", { name: "完成", exact: true }).click();
}

async function backHome(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByLabel("找会员").waitFor();
}

/** The header says so once the server has acknowledged everything. */
export const allSent = (page: Page): Promise<void> =>
  page.getByText("全部已上传").first().waitFor({ timeout: 30_000 });

/** The state's fingerprint as the status panel shows it. */
export async function fingerprint(page: Page): Promise<string> {
  await page.getByRole("button", { name: /保存状态/ }).click();
  const text = await page.locator("code").first().innerText();
  await page.keyboard.press("Escape");
  return text;
}

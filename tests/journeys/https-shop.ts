import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { freePort } from "../services/free-port.ts";
import { program, type RunningServer, startServer } from "./running-server.ts";
import { launchTrusting, type TrustingBrowser } from "./trusting-browser.ts";

/** A shop's server that can serve https, on this machine only. */
export interface HttpsShop {
  server: RunningServer;
  /** `https://<name>.local:<port>`, a name of the shop's network */
  at(name: string): string;
  /** what lies in the server's data folder: certificate and key */
  stolen(): Promise<{ certificate: string; key: string }>;
  /** a browser whose owner had it trust this shop */
  trusting(): Promise<TrustingBrowser>;
}

export async function startHttpsShop(): Promise<HttpsShop> {
  const port = await freePort();
  const server = await startServer(program, {
    YOUBEI_HTTPS_HOST: "127.0.0.1",
    YOUBEI_HTTPS_PORT: String(port),
  });
  const stolen = async () => {
    const text = await readFile(join(server.dir, "data/https/authority.pem"), "utf8");
    const at = text.indexOf("-----BEGIN PRIVATE");
    return { certificate: text.slice(0, at), key: text.slice(at) };
  };
  return {
    server,
    at: (name) => `https://${name}.local:${port}`,
    stolen,
    trusting: async () => launchTrusting((await stolen()).certificate),
  };
}

/** Types the set-up code and chooses the address for the whole shop. */
export async function chooseAtSetUp(page: Page, shop: HttpsShop, origin: string): Promise<void> {
  await page.goto(shop.server.url);
  await page.getByLabel("安装码").fill(shop.server.setupCode);
  await chooseOrigin(page, origin);
  await page.getByRole("button", { name: "用这个地址" }).click();
  await page.getByText("证书指纹（SHA-256）").waitFor();
}

/** In the list where it is there, else by typing it. */
export async function chooseOrigin(page: Page, origin: string): Promise<void> {
  await page.getByRole("radio", { name: "其他 https 地址" }).check();
  await page.getByRole("textbox", { name: "其他 https 地址" }).fill(origin);
}

/** Founds the shop on the page that `chooseAtSetUp` left, or on a fresh one with the code in it. */
export async function found(page: Page): Promise<void> {
  await page.getByLabel("店名").fill("和悦美发");
  await page.getByLabel("您的称呼").fill("陈老板");
  await page.getByRole("button", { name: "开张" }).click();
  await page.getByRole("button", { name: "已经打印或抄好" }).waitFor();
}

/** Copies the card that is on screen and proves two of its words. */
export async function proveCard(page: Page): Promise<void> {
  await page.getByRole("button", { name: "已经打印或抄好" }).waitFor();
  const words = await page.locator("[lang=zh-CN][class*=hanzi]").allInnerTexts();
  await page.getByRole("button", { name: "已经打印或抄好" }).click();
  for (const label of await page.locator("label").allInnerTexts())
    await page.getByLabel(label).fill(words[Number(/\d+/.exec(label)?.[0]) - 1] ?? "");
  await page.getByRole("button", { name: "核对" }).click();
  await page.getByText("已完成").waitFor();
}

/** A device joins at the shop's address with a code. */
export async function joinAt(page: Page, code: string, name: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "配对码" });
  await box.waitFor();
  if ((await box.inputValue()) === "") await box.fill(code);
  await page.getByLabel("这台设备叫什么").fill(name);
  await page.getByRole("button", { name: "加入", exact: true }).click();
  await page.getByLabel("找会员").waitFor();
}

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpShop } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile, type Size, sizes } from "./browser.ts";
import { Hands } from "./hands.ts";
import { startServer } from "./running-server.ts";
import { goHome } from "./shop-on-screen.ts";
import { youbei } from "./state-at.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** The twelve hanzi of the card's face, in order. */
function wordsOn(shown: string): string {
  const lines = shown.split("\n").map((line) => line.trim());
  return lines
    .filter(
      (line, index) => /^\d{1,2}$/.test(lines[index - 1] ?? "") && /^\p{Script=Han}$/u.test(line),
    )
    .join("");
}

test("the owner replaces the recovery card: a new one is shown and proved, the old one makes it count at once", async () => {
  const server = await startServer();
  const context = await openProfile(browser, { size: "tablet" });
  try {
    const page = await context.newPage();
    const old = wordsOn(await setUpShop(page, server));
    await goHome(page, server);
    await page.goto(`${server.url}/settings/recovery-card`);
    const hands = new Hands(page);
    await hands.tapButton("更换恢复卡");
    await page.getByRole("heading", { name: "新的恢复卡" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const fresh = wordsOn(await page.getByLabel("恢复卡", { exact: true }).innerText());
    expect([...fresh].length).toBe(12);
    await hands.tapButton("已经打印或抄好");
    await proveCard(page, fresh);
    await hands.tapButton("核对");
    await page.getByText("新卡已核对，还没有生效").waitFor();
    expect(hands.taps).toBe(3);
    await page.getByText(/没有旧卡：.*自动生效/).waitFor();
    await look(page, `${server.url}/settings/recovery-card`, "waiting", "新卡已核对，还没有生效");
    const field = page.getByLabel("旧恢复卡上的 12 个字");
    await field.fill(fresh);
    await hands.tapButton("用旧卡确认");
    await page.getByText("这不是现在有效的那张卡").waitFor();
    await field.fill(old);
    await hands.tapButton("用旧卡确认");
    await page.getByText(/现在用的是第 2 张/).waitFor();
    await look(page, `${server.url}/settings/recovery-card`, "done", "现在用的是第 2 张");
    expect(await youbei(server, "recovery-key", "status")).toMatchObject({ cards: 2, waiting: [] });

    // Without the old card: begun, said with its time, and withdrawn with one tap.
    await page.goto(`${server.url}/settings/recovery-card/new`);
    const third = wordsOn(await page.getByLabel("恢复卡", { exact: true }).innerText());
    await page.getByRole("button", { name: "已经打印或抄好" }).click();
    await proveCard(page, third);
    await page.getByRole("button", { name: "核对" }).click();
    await page.getByRole("button", { name: "去审批" }).click();
    await page.getByText(/起新卡生效，旧卡作废/).waitFor();
    await look(page, `${server.url}/settings/approvals`, "approvals", "起新卡生效，旧卡作废");
    await page.getByRole("button", { name: "撤回" }).click();
    await page.getByText("已撤回，不会执行。").waitFor();
    expect(await youbei(server, "recovery-key", "status")).toMatchObject({ cards: 2, waiting: [] });
  } finally {
    await context.close();
    await server.dispose();
  }
});

async function proveCard(page: Page, words: string): Promise<void> {
  const fields = page.getByLabel(/^第 \d+ 个$/);
  await fields.first().waitFor();
  for (const label of await page.locator("label").allInnerTexts()) {
    const [, number] = /第 (\d+) 个/.exec(label) ?? [];
    if (number) await page.getByLabel(`第 ${number} 个`).fill([...words][Number(number) - 1] ?? "");
  }
}

/** On every size, light and dark; pictures go where the environment says. */
async function look(page: Page, url: string, name: string, text: string): Promise<void> {
  const folder = process.env["YOUBEI_PICTURES"];
  for (const [size, dark] of [
    ["phone", true],
    ["tablet", false],
    ["desktop", true],
  ] as [Size, boolean][]) {
    await page.setViewportSize(sizes[size]);
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(url);
    await page.getByText(new RegExp(text)).first().waitFor();
    expect(await axeViolations(page), `${name}, ${size}, dark: ${dark}`).toEqual([]);
    if (folder) await page.screenshot({ path: `${folder}/card-${name}-${size}.png` });
  }
  await page.setViewportSize(sizes.tablet);
  await page.emulateMedia({ colorScheme: "light" });
}

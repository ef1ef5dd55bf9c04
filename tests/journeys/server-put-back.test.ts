import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addMember, allSent, charge, fingerprint, setUpShop, topUp } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import {
  balanceOnScreen,
  findByTail,
  goHome,
  makePairingCode,
  pairDevice,
} from "./shop-on-screen.ts";
import { stateAt } from "./state-at.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** The folder of a server that is not running, as a copy of the disk would have it. */
const folderOf = (server: RunningServer, name = "data") => join(server.dir, name);

async function copyFolder(server: RunningServer): Promise<void> {
  await server.kill();
  const isFile = (path: string) => !path.endsWith(".sock");
  await cp(folderOf(server), folderOf(server, "older"), { recursive: true, filter: isFile });
  await server.restart();
}

async function putBack(server: RunningServer): Promise<void> {
  await rm(folderOf(server), { recursive: true });
  await cp(folderOf(server, "older"), folderOf(server), { recursive: true });
}

async function expectAgreement(page: Page, server: RunningServer): Promise<void> {
  await goHome(page, server);
  await allSent(page);
  const { hash, counts } = await stateAt(server);
  expect(await fingerprint(page)).toBe(hash.slice(0, 16));
  expect(counts.waiting + counts.quarantined + counts.refused).toBe(0);
}

test("an older copy of the server's folder put back: the till says so, refills it, and says when all is well [LO2]", async () => {
  const server = await startServer();
  try {
    const profile = await openProfile(browser, { size: "desktop" });
    const page = await profile.newPage();
    await setUpShop(page, server);
    await addMember(page, "王小芳", "13812345678");
    await topUp(page, "5678", "王小芳");
    await allSent(page);
    await copyFolder(server);
    await allSent(page);
    await charge(page, "5678", "王小芳", "12.34");
    await charge(page, "5678", "王小芳", "50");
    await allSent(page);

    await server.kill();
    await charge(page, "5678", "王小芳", "0.66");
    await putBack(server);
    await server.restart();
    await page.getByText(/服务器曾?退回到较早的状态/).waitFor({ timeout: 40_000 });
    await page.getByText(/少的记录已全部补回/).waitFor({ timeout: 40_000 });
    expect(await axeViolations(page)).toEqual([]);
    await expectAgreement(page, server);
    await findByTail(page, "5678", "王小芳");
    expect(await balanceOnScreen(page)).toBe(550_00 - 12_34 - 50_00 - 66);

    await goHome(page, server);
    const hands = new Hands(page);
    await hands.tapButton("知道了");
    await page.getByText(/服务器曾退回/).waitFor({ state: "hidden" });
    expect(hands.taps).toBe(1);
    await page.reload();
    await page.getByLabel("找会员").waitFor();
    expect(await page.getByText(/服务器曾退回/).count()).toBe(0);
    await charge(page, "5678", "王小芳", "7");
    await expectAgreement(page, server);
  } finally {
    await server.dispose();
  }
}, 180_000);

test("a server put back to before a tablet was paired lets it in again, with everything that it sold [LO2]", async () => {
  const server = await startServer();
  try {
    const owner = await openProfile(browser, { size: "desktop" });
    const page = await owner.newPage();
    await setUpShop(page, server);
    await addMember(page, "王小芳", "13812345678");
    await topUp(page, "5678", "王小芳");
    await allSent(page);
    await copyFolder(server);
    await allSent(page);
    const code = await makePairingCode(page, server);
    const second = await openProfile(browser, { size: "tablet" });
    const tablet = await pairDevice(second, server, code, "吧台平板");
    await goHome(page, server);
    await allSent(page);
    await allSent(tablet);
    await owner.close();

    await server.kill();
    await putBack(server);
    await server.restart();
    await goHome(tablet, server);
    await tablet
      .getByText(/少的记录已全部补回|全部已上传/)
      .first()
      .waitFor({ timeout: 60_000 });
    await addMember(tablet, "李雷", "13900001001");
    await topUp(tablet, "1001", "李雷");
    await allSent(tablet);
    await expectAgreement(tablet, server);
    expect(await axeViolations(tablet)).toEqual([]);
  } finally {
    await server.dispose();
  }
}, 180_000);

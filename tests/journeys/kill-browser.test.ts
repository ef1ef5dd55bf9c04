import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { type KillableBrowser, openKillableBrowser } from "../faults/killable-browser.ts";
import { effort, patience } from "../harness/effort.ts";
import { allSent, fingerprint, setUpShop } from "./at-the-counter.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { addMember, balanceOnScreen, charge, findByTail, goHome } from "./shop-on-screen.ts";

const killsEach = effort(10, 50);
const distanceMsMost = 50;

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

interface Counter {
  server: RunningServer;
  profile: string;
  browser: KillableBrowser;
  /** what the member must have, fen */
  balance: number;
  /** sales and top-ups that were shown as done */
  done: number;
}

/** A shop in a browser of its own, with one member who has nothing yet. */
async function openCounter(): Promise<Counter> {
  const server = await startServer();
  closings.push(() => server.dispose());
  const profile = await mkdtemp(join(tmpdir(), "youbei-profile-"));
  closings.push(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const browser = await openKillableBrowser(profile);
  const counter = { server, profile, browser, balance: 0, done: 0 };
  closings.push(() => counter.browser.kill());
  await setUpShop(browser.page, server);
  await addMember(browser.page, "王小芳", "13812345678");
  await browser.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return counter;
}

/** A deed, and the power is gone a moment after the receipt said that it is saved on this device. */
async function dieAfterReceipt(counter: Counter): Promise<void> {
  const { page } = counter.browser;
  const isTopUp = counter.done % 3 === 0;
  await goHome(page, counter.server);
  await findByTail(page, "5678", "王小芳");
  if (isTopUp) {
    const hands = new Hands(page);
    await hands.tap(page.getByRole("link", { name: "充值" }));
    await hands.tapButton(/^500/);
    await hands.tap(page.getByRole("button", { name: /^收款 ¥/ }));
    await page.getByText("充值成功").waitFor();
  } else {
    await charge(page, "12.5");
    await page.getByText("扣款成功").waitFor();
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * distanceMsMost));
  await counter.browser.kill();
  counter.balance += isTopUp ? 550_00 : -12_50;
  counter.done += 1;
}

/** The same profile again: everything is there, once, and nothing is damaged. */
async function openAgain(counter: Counter): Promise<Page> {
  counter.browser = await openKillableBrowser(counter.profile);
  const { page } = counter.browser;
  await goHome(page, counter.server);
  await findByTail(page, "5678", "王小芳");
  expect(await balanceOnScreen(page)).toBe(counter.balance);
  expect(await page.getByText("数据损坏").count()).toBe(0);
  return page;
}

const stateOf = async ({ server }: Counter): Promise<StateSummary> =>
  (await unixControlSocket.ask(join(server.dir, "data"), "state-hash", {}))?.json as StateSummary;

/** What server and browser come to is the same, and what was done. */
async function expectAgreement(counter: Counter, page: Page): Promise<void> {
  await allSent(page);
  const state = await stateOf(counter);
  const topUps = Math.ceil(counter.done / 3);
  expect({
    owed: state.liabilities.principal + state.liabilities.bonus,
    lots: state.counts.lots,
    sales: state.counts.sales,
    uncounted: state.counts.waiting + state.counts.quarantined + state.counts.refused,
  }).toEqual({
    owed: counter.balance,
    lots: topUps,
    sales: counter.done - topUps,
    uncounted: 0,
  });
  expect(await fingerprint(page)).toBe(state.hash.slice(0, 16));
}

test(`online, the browser is killed ${killsEach} times right after a receipt: each is there, once [J8]`, {
  timeout: patience(240_000),
}, async () => {
  const counter = await openCounter();
  for (let killed = 0; killed < killsEach; killed++) {
    await dieAfterReceipt(counter);
    const page = await openAgain(counter);
    await expectAgreement(counter, page);
  }
});

test(`without network, the browser is killed ${killsEach} times right after a receipt: each is there, once [J8]`, {
  timeout: patience(240_000),
}, async () => {
  const counter = await openCounter();
  await allSent(counter.browser.page);
  await counter.server.kill();
  for (let killed = 0; killed < killsEach; killed++) {
    await dieAfterReceipt(counter);
    const page = await openAgain(counter);
    await page.getByText(`${counter.done} 笔未上传`).first().waitFor();
  }
  await counter.server.restart();
  await expectAgreement(counter, counter.browser.page);
});

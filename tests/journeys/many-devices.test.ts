import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addMember, allSent, charge, fingerprint, setUpShop, topUp } from "./at-the-counter.ts";
import { launchBrowser, openProfile, watchErrors } from "./browser.ts";
import { type Cable, layCable } from "./cable.ts";
import { program, type RunningServer, startServer } from "./running-server.ts";
import { makePairingCode } from "./shop-on-screen.ts";
import { stateAt } from "./state-at.ts";

let server: RunningServer;
let browser: Browser;
const pages: Page[] = [];
const errors: string[][] = [];
const cables: Cable[] = [];

async function headless(...args: string[]): Promise<Record<string, unknown>> {
  const folder = join(server.dir, "headless");
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    "replica",
    ...args,
    "--data",
    folder,
    "--json",
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  for (let index = 0; index < 3; index++) cables.push(await layCable(server.url));
  const [first, second, third] = cables as [Cable, Cable, Cable];
  for (let index = 0; index < 2; index++) {
    const profile = await openProfile(browser, { size: "desktop" });
    const page = await profile.newPage();
    errors.push(watchErrors(page));
    pages.push(page);
  }
  const [one, two] = pages as [Page, Page];
  await setUpShop(one, { url: first.url, setupCode: server.setupCode });
  const code = await makePairingCode(one, first);
  await two.goto(`${second.url}/pair#${code}`);
  await two.getByRole("button", { name: "加入", exact: true }).click();
  await two.getByLabel("找会员").waitFor();
  const another = await makePairingCode(one, first);
  await headless("join", "--server", third.url, "--code", another, "--name", "备份机");
  await one.goto(`${first.url}/`);
  await one.getByLabel("找会员").waitFor();
  await addMember(one, "李雷", "13800001001");
  for (let times = 0; times < 4; times++) await topUp(one, "1001", "李雷");
  await headless("sync");
}, 120_000);

afterAll(async () => {
  await browser?.close();
  for (const cable of cables) await cable.cut();
  await server?.dispose();
});

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

describe("two browsers and a headless replica, all cut off", () => {
  it.each(orders.map((order, round) => ({ order, round })))(
    "serve the same member, come back in the order $order, and agree with the server [J4]",
    async ({ order, round }) => {
      const [one, two] = pages as [Page, Page];
      for (const cable of cables) await cable.cut();
      await addMember(one, `甲${round}`, `1391111770${round}`);
      await topUp(one, "1001", "李雷");
      await charge(one, "1001", "李雷", "12.34");
      await addMember(two, `乙${round}`, `1392222880${round}`);
      await topUp(two, "1001", "李雷");
      await charge(two, "1001", "李雷", "5");
      const member = await memberOf(one);
      for (const command of [
        { command: "AddMember", fields: { name: `丙${round}`, phone: `1393333990${round}` } },
        {
          command: "TopUp",
          member,
          principal: 100_00,
          tenders: [{ tender: "cash", amount: 100_00 }],
        },
        {
          command: "RecordSale",
          member,
          items: [{ name: "x", quantity: 1, list: 7_77, discount: 0 }],
          tenders: [{ tender: "stored-value", amount: 7_77 }],
        },
      ])
        await headless("do", JSON.stringify(command), "--offline");
      for (const index of order) {
        await cables[index]?.plug();
        if (index === 2) await headless("sync");
        else await allSent(pages[index] as Page);
      }
      await headless("sync");
      await expect.poll(() => allHashes(), { timeout: 30_000 }).toHaveLength(1);
      const summary = await headless("state-hash");
      const { trialBalance, counts } = summary as {
        trialBalance: Record<string, number>;
        counts: { waiting: number; refused: number; quarantined: number; members: number };
      };
      expect(Object.values(trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
      expect(counts).toMatchObject({ waiting: 0, refused: 0, quarantined: 0 });
      expect(counts.members).toBe(1 + 3 * (round + 1));
      expect(errors.flat()).toEqual([]);
    },
    120_000,
  );
});

/** Distinct fingerprints of the three replicas and the server. */
async function allHashes(): Promise<string[]> {
  await headless("sync");
  const own = await headless("state-hash");
  const ofServer = (await stateAt(server)).hash;
  const shown = [];
  for (const page of pages) shown.push(await fingerprint(page));
  return [...new Set([String(own["hash"]).slice(0, 16), ofServer.slice(0, 16), ...shown])];
}

/** The member that everybody serves: the first that the first browser added. */
async function memberOf(page: Page): Promise<string> {
  await page.keyboard.type("1001");
  await page.getByRole("heading", { name: "李雷" }).waitFor();
  const reference = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await page.keyboard.press("Escape");
  await page.getByLabel("找会员").waitFor();
  return decodeURIComponent(reference);
}

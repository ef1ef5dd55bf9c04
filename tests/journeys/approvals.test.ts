import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { memoryLog } from "../server/server-harness.ts";
import { addMember, setUpShop } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { launchBrowser, openProfile, type Size, sizes } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { goHome } from "./shop-on-screen.ts";
import { stateAt, youbei } from "./state-at.ts";

const dayMs = 24 * 3_600_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A command on the folder of a server that is off, by a clock of another day. */
async function atNight(server: RunningServer, nowMs: number, ...args: string[]): Promise<void> {
  const exit = await runProgram([...args, "--json", "--data", join(server.dir, "data")], {
    platform: { ...createNodePlatform(memoryLog()), clock: { nowMs: () => nowMs } },
    control: unixControlSocket,
    signals: { first: () => new Promise(() => {}), forceAfter: () => {} },
    env: {},
    folder: server.dir,
    typed: async () => "",
    out: () => {},
    err: () => {},
  });
  expect(exit, args.join(" ")).toBe(0);
}

/** Tuesday to Thursday of one week and month, some ten weeks ago. */
function threeNights(): number[] {
  for (let weeks = 10; ; weeks++) {
    const week = Math.floor((Date.now() / dayMs - 4) / 7) - weeks;
    const nights = [1, 2, 3].map((day) => (week * 7 + 4 + day) * dayMs + 3_600_000);
    const months = [...nights, (nights[2] ?? 0) + dayMs].map((ms) => new Date(ms).getUTCMonth());
    if (new Set(months).size === 1) return nights;
  }
}

/** A disk with three backups of ten weeks ago, one of today, and a drill of today. */
async function oldBackups(page: Page, server: RunningServer): Promise<void> {
  const disk = join(server.dir, "usb");
  await mkdir(disk);
  await server.kill();
  for (const [night, nowMs] of threeNights().entries()) {
    if (night === 0) await atNight(server, nowMs, "target", "add", "U盘", "--directory", disk);
    const members = join(server.dir, `members-${night}.csv`);
    await writeFile(members, `姓名,手机号\n会员${night},1381234567${night}\n`);
    await atNight(server, nowMs, "import", "--members", members, "--staff", "陈老板");
    await atNight(server, nowMs, "backup", "run", "--kind", "full");
  }
  await server.restart();
  await goHome(page, server);
  await addMember(page, "今天", "13912345678");
  await expect
    .poll(async () => (await stateAt(server)).counts.members, { timeout: 20_000 })
    .toBe(4);
  await youbei(server, "backup", "run", "--kind", "full");
  await youbei(server, "drill");
}

/** The twelve hanzi of the card's face, in order. */
function wordsOn(shown: string): string {
  const lines = shown.split("\n").map((line) => line.trim());
  return lines
    .filter(
      (line, index) => /^\d{1,2}$/.test(lines[index - 1] ?? "") && /^\p{Script=Han}$/u.test(line),
    )
    .join("");
}

const propose = (server: RunningServer) =>
  youbei(server, "backup", "prune", "--target", "U盘", "--propose") as Promise<{
    proposal: string;
    items: { name: string }[];
  }>;

test("the admin asks to prune old backups, the owner approves with one tap, and withdraws what the card approved", async () => {
  const server = await startServer();
  const context = await openProfile(browser, { size: "desktop" });
  try {
    const page = await context.newPage();
    const card = wordsOn(await setUpShop(page, server));
    await oldBackups(page, server);
    const { items } = await propose(server);
    expect(items.length).toBeGreaterThanOrEqual(2);

    await goHome(page, server);
    await page.getByText("1 项待审批").first().waitFor();
    await page.goto(`${server.url}/settings/approvals`);
    await page.getByText("U盘：").waitFor();
    await page.getByText("服务器管理员 提出").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const hands = new Hands(page);
    await hands.tapButton("批准");
    await page.getByText("已批准。").waitFor();
    expect(hands.taps).toBe(1);
    const marked = (await youbei(server, "backup", "prune", "--target", "U盘", "--mark")) as {
      marked: { name: string }[];
    };
    expect(marked.marked).toEqual(items);
    await page.getByText("已执行").waitFor();
    await youbei(server, "backup", "prune", "--target", "U盘", "--unmark");

    const again = await propose(server);
    const file = join(server.dir, "card.txt");
    await writeFile(file, card);
    await youbei(server, "approve", "give", again.proposal, "--recovery-key-file", file);
    await page.getByText(/只用恢复卡批准/).waitFor();
    await expect(youbei(server, "backup", "prune", "--target", "U盘", "--mark")).rejects.toThrow();
    await look(page, server);
    await page.getByText(/只用恢复卡批准/).waitFor();
    await hands.tapButton("撤回");
    await page.getByText("已撤回，不会执行。").waitFor();
    const { proposals } = (await youbei(server, "approve", "list", "--all")) as {
      proposals: { id: string; standing: string }[];
    };
    expect(proposals.map(({ standing }) => standing)).toEqual(["done", "withdrawn"]);
  } finally {
    await context.close();
    await server.dispose();
  }
});

/** On every size, light and dark; pictures go where the environment says. */
async function look(page: Page, server: RunningServer): Promise<void> {
  const folder = process.env["YOUBEI_PICTURES"];
  for (const [size, dark] of [
    ["phone", false],
    ["phone", true],
    ["tablet", false],
    ["desktop", true],
  ] as [Size, boolean][]) {
    await page.setViewportSize(sizes[size]);
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(`${server.url}/settings/approvals`);
    await page.getByText(/只用恢复卡批准/).waitFor();
    expect(await axeViolations(page), `${size}, dark: ${dark}`).toEqual([]);
    if (folder) await page.screenshot({ path: `${folder}/approvals-${size}-${dark}.png` });
  }
  await page.setViewportSize(sizes.desktop);
  await page.emulateMedia({ colorScheme: "light" });
}

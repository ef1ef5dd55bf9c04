import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { yuan } from "../../client/ui/money.tsx";
import { addMember, allSent, charge, fingerprint, setUpShop, topUp } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { browserArgs, sizes } from "./browser.ts";
import { Hands } from "./hands.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { balanceOnScreen, findByTail, goHome } from "./shop-on-screen.ts";
import { stateAt } from "./state-at.ts";

let server: RunningServer;
let folder: string;
const open = new Set<BrowserContext>();

beforeEach(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "youbei-profiles-"));
});
afterEach(async () => {
  for (const context of open) await context.close();
  open.clear();
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** A browser on a profile that stays on the disk when it is closed. */
async function openBrowser(profile: string): Promise<Page> {
  const context = await chromium.launchPersistentContext(join(folder, profile), {
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: [...browserArgs],
    viewport: sizes.desktop,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(20_000);
  open.add(context);
  return context.pages()[0] ?? (await context.newPage());
}

async function closeBrowser(page: Page): Promise<void> {
  open.delete(page.context());
  await page.context().close();
}

const copyProfile = (from: string, to: string): Promise<void> =>
  cp(join(folder, from), join(folder, to), { recursive: true });

/** 王小芳 with 550.00, everything at the server. */
async function openShop(profile: string): Promise<{ page: Page; card: string }> {
  const page = await openBrowser(profile);
  const card = await setUpShop(page, server);
  await addMember(page, "王小芳", "13812345678");
  await topUp(page, "5678", "王小芳");
  await allSent(page);
  return { page, card };
}

async function balance(page: Page): Promise<number> {
  await goHome(page, server);
  await findByTail(page, "5678", "王小芳");
  return balanceOnScreen(page);
}

/** Topping up goes on at once; what the old identity holds waits for the owner's tap. */
async function goOnSelling(page: Page, before: number): Promise<void> {
  await goHome(page, server);
  expect(await balance(page)).toBe(before);
  await goHome(page, server);
  await topUp(page, "5678", "王小芳");
  expect(await axeViolations(page)).toEqual([]);
  const hands = new Hands(page);
  await hands.tapButton("去确认");
  await page.getByText(`冻结的余额 ${yuan(before)}`).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await hands.tapButton("确认，解冻余额");
  await page.getByText("已确认，余额可以用了。").waitFor();
  expect(hands.taps).toBe(2);
  await goHome(page, server);
  await page.getByText(/换了新身份/).waitFor({ state: "hidden" });
  await charge(page, "5678", "王小芳", "600");
  expect(await balance(page)).toBe(before + 550_00 - 600_00);
}

async function expectAgreement(page: Page): Promise<void> {
  await goHome(page, server);
  await allSent(page);
  const { hash, counts } = await stateAt(server);
  expect(await fingerprint(page)).toBe(hash.slice(0, 16));
  expect(counts.waiting + counts.quarantined + counts.refused).toBe(0);
}

test("a copied profile is recognised at first contact, goes on by itself, and one tap frees its value [J6]", async () => {
  const { page: first } = await openShop("a");
  await closeBrowser(first);
  await copyProfile("a", "b");
  const again = await openBrowser("a");
  await goHome(again, server);
  await charge(again, "5678", "王小芳", "30");
  await allSent(again);
  await closeBrowser(again);

  await server.kill();
  const copy = await openBrowser("b");
  await goHome(copy, server);
  await charge(copy, "5678", "王小芳", "50");
  await copy.getByText("1 笔未上传").first().waitFor();
  await server.restart();
  await copy.getByText(/数据被复制过.*起换了新身份继续记账/).waitFor({ timeout: 40_000 });
  await goOnSelling(copy, 520_00);
  await expectAgreement(copy);

  await copy.goto(`${server.url}/settings/records`);
  await copy.getByText("另一份历史：设备的数据被复制过").waitFor();
  await copy.getByText("¥50.00").first().waitFor();
  expect(await axeViolations(copy)).toEqual([]);

  const other = await openBrowser("a");
  await goHome(other, server);
  await other.getByText(/服务器不再接受这台设备.*请重新配对/).waitFor({ timeout: 40_000 });
}, 240_000);

test("an old profile copied back is recognised at first contact and loses nothing [ID1]", async () => {
  const { page } = await openShop("a");
  await closeBrowser(page);
  await copyProfile("a", "old");
  const later = await openBrowser("a");
  await goHome(later, server);
  await charge(later, "5678", "王小芳", "30");
  await allSent(later);
  await closeBrowser(later);
  await rm(join(folder, "a"), { recursive: true });
  await copyProfile("old", "a");

  const back = await openBrowser("a");
  await goHome(back, server);
  await back.getByText(/换回过旧的一份，.*起换了新身份继续记账/).waitFor({ timeout: 40_000 });
  await goOnSelling(back, 520_00);
  await expectAgreement(back);
}, 240_000);

test("a cleared site still knows which device it was, and the recovery card brings it back [ID2]", async () => {
  const { page, card } = await openShop("a");
  await page.goto(`${server.url}/favicon.ico`);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase("youbei");
        deleting.onsuccess = resolve;
        deleting.onerror = reject;
      }),
  );
  await page.goto(server.url);
  await page.getByText(/^这台设备原来是“/).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  const hands = new Hands(page);
  await hands.tapButton("用恢复卡");
  await page.getByLabel("恢复卡上的 12 个字").fill(wordsOf(card));
  await hands.tapButton("下一步");
  await page.getByText("这台设备接替谁？").waitFor();
  await hands.tapButton("加入");
  await page.getByText("1 位会员").first().waitFor();
  expect(hands.taps).toBe(3);
  expect(await balance(page)).toBe(550_00);
  await goHome(page, server);
  await charge(page, "5678", "王小芳", "50");
  await expectAgreement(page);
});

/** Something flips in the first row of the journal, of members' keys, or of the log of devices. */
async function damage(
  page: Page,
  parts: readonly ("pages" | "keyring" | "authority")[],
): Promise<void> {
  await page.goto(`${server.url}/favicon.ico`);
  await page.evaluate(async (wanted) => {
    const opening = indexedDB.open("youbei");
    const db = await new Promise<IDBDatabase>((opened) => {
      opening.onsuccess = () => opened(opening.result);
    });
    for (const part of wanted) {
      const table = part === "authority" ? "pages" : part;
      const rows = db.transaction(table, "readwrite").objectStore(table);
      await new Promise<void>((edited) => {
        rows.openCursor().onsuccess = (event) => {
          const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
          if (!cursor) return edited();
          const row = cursor.value as { name?: string; bytes?: Uint8Array; text?: string };
          const isOther =
            table === "pages" && (row.name === "authority") !== (part === "authority");
          if (isOther) return cursor.continue();
          const { bytes, text } = row;
          if (bytes) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
          if (text) row.text = `${text} `;
          cursor.update(row).onsuccess = () => edited();
        };
      });
    }
    db.close();
  }, parts);
}

test("a damaged page of storage is skipped, fetched again, and both are told [LO2]", async () => {
  const { page } = await openShop("a");
  await damage(page, ["pages", "keyring"]);
  await server.kill();
  await goHome(page, server);
  await page.getByText(/有部分数据损坏，已跳过/).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await server.restart();
  await page.getByText(/损坏过的数据已全部补回/).waitFor({ timeout: 40_000 });
  expect(await balance(page)).toBe(550_00);
  await goHome(page, server);
  await charge(page, "5678", "王小芳", "50");
  await expectAgreement(page);
});

test("a damaged list of devices is asked for in words, and fetched once the server answers [LO2]", async () => {
  const { page } = await openShop("a");
  await damage(page, ["authority"]);
  await server.kill();
  await page.goto(`${server.url}/`);
  await page.getByText("本机的设备名册损坏了").waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await server.restart();
  const hands = new Hands(page);
  await hands.tapButton("重新打开");
  await page.getByLabel("找会员").waitFor();
  expect(hands.taps).toBe(1);
  expect(await balance(page)).toBe(550_00);
  await goHome(page, server);
  await charge(page, "5678", "王小芳", "50");
  await expectAgreement(page);
});

test("a rescue file brings back what storage lost while there is no server [LO2]", async () => {
  const { page } = await openShop("a");
  const hands = new Hands(page);
  await page.goto(`${server.url}/settings`);
  await hands.tapButton("救援文件");
  expect(await axeViolations(page)).toEqual([]);
  const downloading = page.waitForEvent("download");
  await hands.tapButton("导出救援文件");
  const file = join(folder, "shop.youbei-rescue");
  await (await downloading).saveAs(file);
  await page.getByText(/已导出 2 条记录/).waitFor();
  expect(hands.taps).toBe(2);
  await server.kill();
  await damage(page, ["pages"]);
  await page.goto(`${server.url}/settings/rescue`);
  await page.getByText(/有部分数据损坏/).waitFor();
  await page.getByLabel("放入救援文件").setInputFiles(file);
  await page.getByText(/文件里有 2 条记录，新补回 2 条/).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await page.getByLabel("放入救援文件").setInputFiles(file);
  await page.getByText(/文件里的 2 条记录，本机都已经有了/).waitFor();
  expect(await balance(page)).toBe(550_00);
  await server.restart();
  await expectAgreement(page);
});

/** The twelve hanzi among everything that the card's page shows. */
function wordsOf(card: string): string {
  const lines = card.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => /^\p{Script=Han}$/u.test(line))
    .slice(0, 12)
    .join(" ");
}

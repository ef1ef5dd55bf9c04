import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { freePort } from "../services/free-port.ts";
import { addMember, allSent, charge, fingerprint, topUp } from "./at-the-counter.ts";
import { axeViolations } from "./axe-violations.ts";
import { openProfile, watchErrors } from "./browser.ts";
import { type HttpsShop, joinAt, startHttpsShop } from "./https-shop.ts";
import { program } from "./running-server.ts";
import { balanceOnScreen, findByTail, goHome, makePairingCode } from "./shop-on-screen.ts";

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A command on a data folder, in a process of its own. */
async function youbei(dir: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    ...["--json", "--data", dir],
    ...args,
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The second machine: its own folder with the shop's authority, its own ports, its own name. */
async function startStandby({ server }: HttpsShop, code: string) {
  const dir = join(server.dir, "spare");
  await mkdir(dir);
  await cp(join(server.dir, "data/https"), join(dir, "https"), { recursive: true });
  const [port, httpsPort] = [await freePort(), await freePort()];
  const address = `https://spare.local:${httpsPort}`;
  const asked = ["--of", server.url, "--code", code, "--name", "备用机", "--address", address];
  const child = spawn(process.execPath, [program, "standby", ...asked], {
    env: {
      ...process.env,
      YOUBEI_DATA: dir,
      YOUBEI_PORT: String(port),
      YOUBEI_HTTPS_HOST: "127.0.0.1",
      YOUBEI_HTTPS_PORT: String(httpsPort),
      YOUBEI_LOG: "warn",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  closings.push(async () => {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  });
  await once(child.stdout, "data");
  return { dir, address };
}

test("the server dies: a tablet finds the promoted standby by itself, and sells on [SB1] [SB3]", async () => {
  const shop = await startHttpsShop();
  const { server } = shop;
  closings.push(() => server.dispose());
  const data = join(server.dir, "data");
  const names = ["--org", "和悦美发", "--store", "总店", "--owner", "陈老板"];
  const { pairingCode, recoveryKey } = (await youbei(data, "init", ...names)) as {
    pairingCode: string;
    recoveryKey: { zh: string[] };
  };
  const card = join(server.dir, "words.txt");
  await writeFile(card, recoveryKey.zh.join(""));
  const home = shop.at("till");
  await youbei(data, "https", "origin", "set", home);

  const { browser, close } = await shop.trusting();
  closings.push(close);
  const page = await (await openProfile(browser)).newPage();
  const errors = watchErrors(page);
  await page.goto(`${home}/pair`);
  await joinAt(page, pairingCode, "前台平板");
  const standby = await startStandby(
    shop,
    await makePairingCode(page, { url: home }, { office: true }),
  );
  await youbei(data, "standby", "name", "备用机", "--at", standby.address);
  await goHome(page, { url: home });
  await addMember(page, "王小芳", "13812345678");
  await topUp(page, "5678", "王小芳");
  await charge(page, "5678", "王小芳", "12.34");
  await allSent(page);
  await expect
    .poll(async () => (await youbei(data, "status"))["safety"], { timeout: 10_000 })
    .toMatchObject({ standby: { name: "备用机", standing: "following", behind: 0 } });
  await page.goto(`${home}/safety`);
  await page.getByText("“备用机”随时可以顶上，一笔不差。").waitFor();
  await goHome(page, { url: home });

  await server.kill();
  await charge(page, "5678", "王小芳", "50");
  const promoted = await youbei(standby.dir, "promote", "--card", card);
  expect(promoted).toMatchObject({ term: 2, lacking: { operations: [] } });
  await allSent(page);
  await charge(page, "5678", "王小芳", "0.66");
  await allSent(page);
  const { hash, counts } = (await youbei(standby.dir, "state-hash")) as {
    hash: string;
    counts: Record<string, number>;
  };
  expect(await fingerprint(page)).toBe(hash.slice(0, 16));
  expect(counts).toMatchObject({ members: 1, sales: 3, waiting: 0, quarantined: 0, refused: 0 });
  await findByTail(page, "5678", "王小芳");
  expect(await balanceOnScreen(page)).toBe(550_00 - 12_34 - 50_00 - 66);
  expect(new URL(page.url()).origin).toBe(home);
  expect(await axeViolations(page)).toEqual([]);
  expect(errors).toEqual([]);
}, 60_000);

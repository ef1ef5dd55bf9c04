import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { openData } from "../../server/data/open-data.ts";
import { memoryLog, scratchFolder } from "./server-harness.ts";

const dayMs = 24 * 3_600_000;
const header = "序号,会员卡号,名称,联系方式,余额\n";
const list = (names: readonly string[], from = 1) =>
  header +
  names
    .map((name, at) => `${at + 1},0000${from + at},${name},1380000000${from + at},100.50\n`)
    .join("");

/** The program in this process, some days later than now. */
async function youbei(
  dir: string,
  args: readonly string[],
  { days = 0, version = "1.0.0" } = {},
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
): Promise<{ exit: number; text: string; json: any; log: ReturnType<typeof memoryLog> }> {
  const log = memoryLog();
  const platform = { ...createNodePlatform(log), version };
  let text = "";
  const take = (part: string) => {
    text += part;
  };
  const exit = await runProgram([...args, "--data", dir], {
    platform: { ...platform, clock: { nowMs: () => Date.now() + days * dayMs } },
    control: unixControlSocket,
    signals: { first: () => new Promise(() => {}), forceAfter: () => {} },
    env: {},
    folder: dir,
    typed: async () => "",
    out: take,
    err: take,
  });
  return { exit, text, log, json: args.includes("--json") ? JSON.parse(text) : undefined };
}

async function openShop(): Promise<string> {
  const dir = await scratchFolder();
  await youbei(dir, ["init", "--org", "有备小店", "--store", "总店", "--owner", "王", "--json"]);
  return dir;
}

async function importList(dir: string, text: string): Promise<string> {
  const file = join(dir, "members.csv");
  await writeFile(file, text);
  const { json } = await youbei(dir, ["import", "--members", file, "--json"]);
  return json.batch;
}

const idsOf = async (dir: string): Promise<string[]> =>
  (await youbei(dir, ["snapshot", "list", "--json"])).json.snapshots.map(
    ({ id }: { id: string }) => id,
  );

test("two versions are compared: members, balances, counts, who did what; and either way round [VE3]", async () => {
  const dir = await openShop();
  const batch = await importList(dir, list(["孟文", "侯娟华"]));
  const [before = ""] = await idsOf(dir);
  const { json } = await youbei(dir, ["snapshot", "diff", before, "live", "--json"]);
  expect(json).toMatchObject({
    isSame: false,
    from: { id: before, reason: "before import" },
    to: { id: "live" },
    counts: { members: [0, 2], lots: [0, 2] },
    owed: [0, 20_100],
    trialBalance: { "stored-value": [0, -20_100] },
    missing: [],
    rights: {},
  });
  expect(json.members.added.map(({ name }: { name: string }) => name)).toEqual(["孟文", "侯娟华"]);
  expect(json.balances.map(({ principal }: { principal: number[] }) => principal)).toEqual([
    [0, 10_050],
    [0, 10_050],
  ]);
  const kinds = json.since.map(({ kind, count }: { kind: string; count: number }) => [kind, count]);
  expect(Object.fromEntries(kinds)).toMatchObject({ MemberAdded: 2, ImportClosed: 1 });

  await youbei(dir, ["snapshot", "create", "--reason", "moved in"]);
  await youbei(dir, ["import", "undo", batch, "--reason", "错了"]);
  const after = (await idsOf(dir)).at(-1) ?? "";
  const undone = (await youbei(dir, ["snapshot", "diff", after, "--json"])).json;
  expect(undone.members.gone.length).toBe(2);
  expect(undone.owed).toEqual([20_100, 0]);
  const back = (await youbei(dir, ["snapshot", "diff", after, before, "--json"])).json;
  expect(back.members.gone.length).toBe(2);
  expect(back.since).toEqual([]);
  expect(back.missing.length).toBeGreaterThan(2);
  const same = await youbei(dir, ["snapshot", "diff", after, after]);
  expect(same.text).toContain("完全相同 they hold the same");
  const words = await youbei(dir, ["snapshot", "diff", before, after]);
  for (const part of ["孟文", "新增会员 member added × 2", "¥0.00 → ¥100.50", "总店", "王"])
    expect(words.text).toContain(part);
  expect((await youbei(dir, ["snapshot", "diff", "nothing"])).exit).toBe(1);
});

test("a version is shown in words; what of it is damaged ends with 2, also when compared [VE3]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  await youbei(dir, ["snapshot", "create", "--reason", "盘点之前"]);
  const shown = await youbei(dir, ["snapshot", "show", "newest"]);
  expect(shown.exit).toBe(0);
  for (const part of ["盘点之前", "有备小店", "签名有效 signed", "¥100.50", "snapshot verify"])
    expect(shown.text).toContain(part);
  expect((await youbei(dir, ["snapshot", "verify", "all"])).exit).toBe(0);
  expect((await youbei(dir, ["snapshot", "show", "newest"])).text).toContain("read back whole");

  const [, id = ""] = await idsOf(dir);
  const { json } = await youbei(dir, ["snapshot", "show", id, "--json"]);
  const [page] = json.documents[1].pages;
  await rm(join(dir, "snapshots/blobs", page.sha256));
  const damaged = await youbei(dir, ["snapshot", "show", id]);
  expect(damaged).toMatchObject({ exit: 2, text: expect.stringContaining("1 MISSING") });
  const compared = await youbei(dir, ["snapshot", "diff", id, "--json"]);
  expect(compared).toMatchObject({ exit: 2, json: { error: { code: "damaged" } } });
  const all = await youbei(dir, ["snapshot", "verify", "all", "--json"]);
  expect(all).toMatchObject({ exit: 2, json: { ok: false } });
  expect((await youbei(dir, ["status", "--json"])).json.snapshots.verified).toMatchObject({
    id,
    ok: false,
  });
});

test("a catalogue that is lost, damaged or lies is made anew at the next start, and that is said [VE2]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  await youbei(dir, ["snapshot", "create"]);
  const path = join(dir, "catalogue.json");
  const good = JSON.parse(await readFile(path, "utf8"));
  const bent = structuredClone(good);
  bent.snapshots.at(-1).members = 7;
  const texts = [
    undefined,
    '{"snapshots":[',
    JSON.stringify({ ...good, snapshots: 5 }),
    JSON.stringify({ ...good, snapshots: [] }),
    JSON.stringify({ ...good, snapshots: good.snapshots.slice(1) }),
    JSON.stringify(bent),
  ];
  for (const text of texts) {
    if (text === undefined) await rm(path);
    else await writeFile(path, text);
    const log = memoryLog();
    const data = await openData({ dir }, { ...createNodePlatform(log), version: "0" });
    await data.close();
    const said = log.lines.map(({ message }) => message);
    expect(said).toContain("catalogue made anew from manifests");
    expect(said.includes("catalogue was damaged")).toBe(text === texts[1] || text === texts[2]);
    expect(JSON.parse(await readFile(path, "utf8")).snapshots).toEqual(good.snapshots);
  }
  await writeFile(path, JSON.stringify({ ...good, snapshots: [] }));
  const log = memoryLog();
  const data = await openData({ dir }, { ...createNodePlatform(log), version: "0" });
  await data.close();
  const quiet = memoryLog();
  await (await openData({ dir }, { ...createNodePlatform(quiet), version: "0" })).close();
  expect(quiet.lines).toEqual([]);
});

test("a list that is wrong in the middle is made anew when asked [VE2]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  await youbei(dir, ["snapshot", "create"]);
  const path = join(dir, "catalogue.json");
  const good = JSON.parse(await readFile(path, "utf8"));
  const bent = structuredClone(good);
  bent.snapshots[0].members = 7;
  await writeFile(path, JSON.stringify(bent));
  expect((await youbei(dir, ["snapshot", "list", "--json"])).json.snapshots[0].members).toBe(7);
  const { json } = await youbei(dir, ["snapshot", "list", "--rebuild", "--json"]);
  expect(json.snapshots).toEqual(good.snapshots);
});

test("another version of the program keeps what the one before left, before it writes [VE1]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  const before = await idsOf(dir);
  const { json: state } = await youbei(dir, ["state-hash", "--json"]);
  expect(await idsOf(dir)).toEqual(before);
  await youbei(dir, ["state-hash"], { version: "1.1.0" });
  const { json } = await youbei(dir, ["snapshot", "list", "--json"], { version: "1.1.0" });
  const newest = json.snapshots.at(-1);
  expect(newest.reason).toBe("before update from 1.0.0 to 1.1.0");
  const { json: kept } = await youbei(dir, ["snapshot", "show", "newest", "--json"], {
    version: "1.1.0",
  });
  expect(kept.state.hash).toBe(state.hash);
  expect(json.snapshots.length).toBe(before.length + 1);
});

test("an update that cannot be kept before says so, opens the shop, and tries again [VE1]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  const before = await idsOf(dir);
  await rm(join(dir, "snapshots/blobs"), { recursive: true });
  await writeFile(join(dir, "snapshots/blobs"), "a file where a folder should be");
  const failed = await youbei(dir, ["state-hash", "--json"], { version: "1.1.0" });
  expect(failed.exit).toBe(0);
  expect(failed.log.lines).toContainEqual(
    expect.objectContaining({ level: "error", message: "not kept before update" }),
  );
  await rm(join(dir, "snapshots/blobs"));
  await youbei(dir, ["state-hash"], { version: "1.1.0" });
  const { json } = await youbei(dir, ["snapshot", "list", "--json"], { version: "1.1.0" });
  expect(json.snapshots.length).toBe(before.length + 1);
  expect(json.snapshots.at(-1).reason).toBe("before update from 1.0.0 to 1.1.0");
});

test("old versions are thinned by command; what is young, held or newest stays [VE4]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  for (const reason of ["a", "b", "c"])
    await youbei(dir, ["snapshot", "create", "--reason", reason]);
  const young = await youbei(dir, ["snapshot", "thin", "--json"]);
  expect(young).toMatchObject({ exit: 0, json: { removed: [] } });
  const [act, a, b, c] = await idsOf(dir);
  await youbei(dir, ["snapshot", "verify", a ?? ""]);
  const dry = await youbei(dir, ["snapshot", "thin", "--dry-run", "--json"], { days: 5 });
  expect(dry.json.removed).toEqual([b]);
  expect(await idsOf(dir)).toEqual([act, a, b, c]);
  const files = (await readdir(join(dir, "snapshots/blobs"))).length;
  const thinned = await youbei(dir, ["snapshot", "thin"], { days: 5 });
  expect(thinned.text).toContain("1 versions are gone, 3 stay");
  expect(await idsOf(dir)).toEqual([act, a, c]);
  expect((await readdir(join(dir, "snapshots/blobs"))).length).toBe(files);
  expect((await youbei(dir, ["snapshot", "verify", "all"])).exit).toBe(0);
});

test("what the next backup builds on stays, however old, and while somebody wants to go back all does [VE4]", async () => {
  const dir = await openShop();
  await importList(dir, list(["孟文"]));
  const usb = join(dir, "usb");
  await youbei(dir, ["target", "add", "U盘", "--directory", usb]);
  expect((await youbei(dir, ["backup", "run"])).exit).toBe(0);
  for (const reason of ["b", "c"]) await youbei(dir, ["snapshot", "create", "--reason", reason]);
  const ids = await idsOf(dir);
  const { json: points } = await youbei(dir, ["backup", "list", "--json"]);
  const base = points.targets[0].points[0].snapshot;
  const [gone] = ids.slice(-2);
  expect([ids.indexOf(base), ids.length]).toEqual([1, 4]);

  const restore = ["snapshot", "restore", ids[0] ?? "", "--scope", "all"];
  const proposed = await youbei(dir, [...restore, "--propose", "--reason", "错了", "--json"]);
  expect(proposed.exit).toBe(0);
  expect(await youbei(dir, ["snapshot", "thin", "--json"], { days: 5 })).toMatchObject({
    exit: 1,
    json: { error: { code: "restore-proposed" } },
  });
  expect((await youbei(dir, ["approve", "withdraw", proposed.json.proposal])).exit).toBe(0);
  const { json } = await youbei(dir, ["snapshot", "thin", "--json"], { days: 5 });
  expect(json.removed).toEqual([gone]);
  const next = (await youbei(dir, ["backup", "run", "--json"])).json.targets[0];
  expect(next).not.toMatchObject({ isFullBecause: "base-is-gone" });
});

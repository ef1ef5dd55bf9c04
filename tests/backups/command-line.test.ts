import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { atEnd, eventually, memoryLog, scratchFolder } from "../server/server-harness.ts";

const members = join(import.meta.dirname, "../fixtures/imports/members-export.csv");

/** The program as `main` puts it together, in this process; `--json` always. */
async function youbei(
  args: readonly string[],
  io: { typed?: string; stop?: Promise<string>; onOut?: (text: string) => void } = {},
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
): Promise<{ exit: number; json: any }> {
  let out = "";
  const exit = await runProgram([...args, "--json"], {
    platform: createNodePlatform(memoryLog()),
    control: unixControlSocket,
    signals: { first: () => io.stop ?? new Promise(() => {}), forceAfter: () => {} },
    env: {},
    folder: import.meta.dirname,
    typed: async () => io.typed ?? "",
    out(text) {
      out += text;
      io.onOut?.(text);
    },
    err: () => {},
  });
  return { exit, json: out === "" ? undefined : JSON.parse(out) };
}

interface Shop {
  dir: string;
  usb: string;
  words: string;
}

/** A shop with members, and a disk that is plugged in. */
async function shopWithDisk(): Promise<Shop> {
  const scratch = await scratchFolder();
  const [dir, usb] = [join(scratch, "data"), join(scratch, "usb", "youbei")];
  await mkdir(join(scratch, "usb"));
  const names = ["--org", "有备小店", "--store", "总店", "--owner", "王"];
  const { json } = await youbei(["init", ...names, "--data", dir]);
  await youbei(["import", "--members", members, "--staff", "王", "--data", dir]);
  const added = await youbei([
    "target",
    "add",
    "U盘",
    "--directory",
    usb,
    "--offline",
    "--data",
    dir,
  ]);
  expect(added).toMatchObject({ exit: 0, json: { name: "U盘", kind: "directory" } });
  return { dir, usb, words: json.recoveryKey.zh.join(" ") };
}

const stateOf = async (dir: string) => (await youbei(["state-hash", "--data", dir])).json;

test("a target, backups on it, verified, drilled and listed; the status says so", async () => {
  const { dir, usb } = await shopWithDisk();
  const at = ["--data", dir];
  expect((await youbei(["target", "add", "U盘", "--directory", usb, ...at])).json).toMatchObject({
    error: { code: "name-taken" },
  });
  expect(await youbei(["target", "test", "U盘", ...at])).toMatchObject({
    exit: 0,
    json: { ok: true },
  });
  const first = await youbei(["backup", "run", ...at]);
  expect(first).toMatchObject({ exit: 0, json: { targets: [{ kinds: ["full"] }] } });
  expect(await youbei(["backup", "run", ...at])).toMatchObject({
    exit: 0,
    json: { targets: [{ kinds: [] }] },
  });
  const verified = await youbei(["backup", "verify", ...at]);
  expect(verified).toMatchObject({
    exit: 0,
    json: { targets: [{ ok: true, checked: { files: 3 }, unreachable: [], unopened: 0 }] },
  });
  const drilled = await youbei(["drill", ...at]);
  expect(drilled).toMatchObject({ exit: 0, json: { targets: [{ ok: true, isAsLive: true }] } });
  expect(drilled.json.targets[0].state.hash).toBe((await stateOf(dir)).hash);
  const { json } = await youbei(["status", ...at]);
  const { id } = first.json.targets[0];
  expect(json.targets).toMatchObject([
    { name: "U盘", lastKinds: ["full"], verified: { ok: true }, drill: { ok: true, point: id } },
  ]);
  expect(json.targets[0].proven).toBeDefined();
  const listed = await youbei(["backup", "list", ...at]);
  expect(listed.json.targets[0].points).toMatchObject([{ id, restorable: true }]);
  const left = await readdir(join(dir, "backups"));
  expect(left.sort()).toEqual(
    ["drill.key", json.targets[0].id, "targets.age", "targets.key"].sort(),
  );
  expect(await readdir(join(dir, "backups", json.targets[0].id))).not.toContain("drill");
});

test("damage on the medium is found, named and told by exit code 2; the next backup is a full", async () => {
  const { dir, usb } = await shopWithDisk();
  const at = ["--data", dir];
  const { json } = await youbei(["backup", "run", ...at]);
  const name = `backups/${json.targets[0].id}-full.tar.gz.age`;
  await rm(join(usb, name));
  await writeFile(join(usb, name), "nothing of the kind");
  const verified = await youbei(["backup", "verify", ...at]);
  expect(verified).toMatchObject({ exit: 2, json: { targets: [{ damage: [{ where: name }] }] } });
  expect((await youbei(["backup", "list", ...at])).exit).toBe(2);
  expect(await youbei(["drill", ...at])).toMatchObject({
    exit: 2,
    json: { targets: [{ ok: false }] },
  });
  const to = join(usb, "..", "back");
  const restore = ["backup", "restore", "--target", "U盘", "--to", to, ...at];
  expect(await youbei(restore)).toMatchObject({
    exit: 2,
    json: { error: { code: "unreachable" } },
  });
  expect((await youbei(["backup", "run", ...at])).json.targets).toMatchObject([
    { kinds: ["full"], isFullBecause: "damaged" },
  ]);
  expect((await youbei(restore)).exit).toBe(0);
});

test("a disk that is not there is said, and noted since when", async () => {
  const { dir, usb } = await shopWithDisk();
  const at = ["--data", dir];
  await rename(usb, `${usb}-unplugged`);
  expect(await youbei(["backup", "run", ...at])).toMatchObject({
    exit: 1,
    json: { targets: [{ error: { code: "unreachable" } }] },
  });
  const { json } = await youbei(["status", ...at]);
  expect(json.targets[0].failure).toMatchObject({ code: "unreachable" });
  expect(await youbei(["backup", "run", "--target", "x", ...at])).toMatchObject({
    exit: 1,
    json: { error: { code: "no-such-target" } },
  });
  expect((await youbei(["backup", "run", "--kind", "half", ...at])).exit).toBe(3);
  expect((await youbei(["target", "remove", "U盘", ...at])).exit).toBe(0);
  expect((await youbei(["target", "apply", ...at])).json).toEqual({ changes: [] });
  expect((await youbei(["target", "list", ...at])).json.targets.length).toBe(1);
});

test("with nothing but the medium and the card there is a server again, that owes the same [BA8]", async () => {
  const { dir, usb, words } = await shopWithDisk();
  await youbei(["https", "create", "--data", dir]);
  await youbei(["https", "origin", "set", "https://shop.local:8443", "--data", dir]);
  await youbei(["backup", "run", "--data", dir]);
  const before = await stateOf(dir);
  const fresh = join(await scratchFolder(), "data");
  // What makes a folder a target may be lost with everything else.
  const marker = join(usb, "youbei-target.json");
  await rename(marker, `${marker}.lost`);
  const recover = ["recover", "--recovery-key-file", "-", "--backup", usb, "--data", fresh];
  const wrong =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
  expect(await youbei(recover, { typed: wrong })).toMatchObject({
    exit: 1,
    json: { error: { code: "wrong-key" } },
  });
  expect(await readdir(fresh).catch(() => [])).toEqual([]);
  const recovered = await youbei(recover, { typed: words });
  expect(recovered).toMatchObject({
    exit: 0,
    json: {
      term: 2,
      missingKeys: 0,
      origin: "https://shop.local:8443",
      https: true,
      targets: { again: ["U盘"], toAdd: [] },
    },
  });
  const after = await stateOf(fresh);
  expect(after.trialBalance).toEqual(before.trialBalance);
  expect(after.hash).toBe(before.hash);
  expect((await youbei(["https", "origin", "--data", fresh])).json).toEqual({
    origin: "https://shop.local:8443",
  });
  expect(await youbei(recover, { typed: words })).toMatchObject({
    exit: 1,
    json: { error: { code: "live-data" } },
  });
  const { targets } = (await youbei(["target", "list", "--data", fresh])).json;
  expect(targets, "unplugged between backups, as it was said of it").toMatchObject([
    { name: "U盘", place: { offline: true, offSite: false } },
  ]);
  // Nothing of what was fetched is left behind.
  expect((await readdir(fresh)).join()).not.toMatch(/fetched|restored|recovering/);
  // The new server goes on with the old one's disk: with a full of its own, beside what is there.
  await rename(`${marker}.lost`, marker);
  const at = ["--data", fresh];
  expect((await youbei(["backup", "run", ...at])).json.targets).toMatchObject([
    { kinds: ["full"] },
  ]);
  expect(await youbei(["backup", "verify", ...at])).toMatchObject({
    exit: 0,
    json: { targets: [{ ok: true, there: { points: 2 }, unopened: 3 }] },
  });
  expect(await youbei(["drill", ...at])).toMatchObject({
    exit: 0,
    json: { targets: [{ ok: true, isAsLive: true }] },
  });
});

test("a point is restored with the card, and a server made of the folder", async () => {
  const { dir, usb, words } = await shopWithDisk();
  await youbei(["backup", "run", "--data", dir]);
  const to = join(usb, "..", "back");
  const args = ["backup", "restore", "--target", "U盘", "--to", to, "--data", dir];
  const key = join(usb, "..", "words.txt");
  await writeFile(key, words);
  expect(await youbei([...args, "--recovery-key-file", key])).toMatchObject({
    exit: 0,
    json: { verified: { ok: true, missingKeys: 0 } },
  });
  const { json } = await youbei(["backup", "key", "--recovery-key-file", "-"], { typed: words });
  expect(json.identity).toMatch(/^AGE-SECRET-KEY-1/);
  expect((await readdir(to)).sort()).toEqual(["blobs", "keyring.json", "manifests"]);
  const fresh = join(await scratchFolder(), "data");
  const recover = ["recover", "--recovery-key-file", key, "--snapshots", to, "--data", fresh];
  expect(await youbei(recover)).toMatchObject({ exit: 0, json: { missingKeys: 0 } });
  expect((await stateOf(fresh)).hash).toBe((await stateOf(dir)).hash);
});

test("a server that runs backs up by itself, and answers commands meanwhile", async () => {
  const { dir, usb } = await shopWithDisk();
  let stop = (_signal: string): void => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let isReady = false;
  const served = youbei(["serve", "--data", dir, "--port", "0"], {
    stop: stopped,
    onOut: () => {
      isReady = true;
    },
  });
  atEnd(async () => {
    stop("SIGTERM");
    await served;
  });
  await eventually(() => isReady, "the server listens");
  const backups = async () => (await readdir(join(usb, "backups")).catch(() => [])).length;
  await eventually(async () => (await backups()) === 2, "a full is put there", 20_000);
  const listed = await youbei(["backup", "list", "--data", dir]);
  expect(listed.json.targets[0].points).toMatchObject([{ kinds: ["full"], restorable: true }]);
});

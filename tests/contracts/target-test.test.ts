import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { addDirectory, openDirectory } from "../../server/adapters/directory-target.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { type Target, TargetFault, type TargetFaultCode } from "../../server/backups/target.ts";
import { targetPresets } from "../../server/backups/target-presets.ts";
import { targetSettings } from "../../server/backups/target-settings.ts";
import { testTarget } from "../../server/backups/test-target.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
let nowMs = 0;
/** Every look at the clock is half a second later. */
const deps = { random, elapsedMs: () => (nowMs += 500) };

async function folderTarget(): Promise<{ path: string; target: Target }> {
  const path = await mkdtemp(join(tmpdir(), "youbei-target-"));
  folders.push(path);
  const files = createNodeFiles();
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  return { path, target: openDirectory(settings, { files }) };
}

/** The same target, but for what is put in the place of a method. */
const spoilt = (target: Target, changes: Partial<Target>): Target => ({
  list: (folder) => target.list(folder),
  put: (...args) => target.put(...args),
  get: (...args) => target.get(...args),
  remove: (name) => target.remove(name),
  close: () => target.close(),
  ...changes,
});

test("a target that works is measured, and nothing of the trial stays", async () => {
  const { path, target } = await folderTarget();
  expect(await testTarget(target, deps)).toEqual({
    ok: true,
    upBytesPerSecond: 2 * 1024 * 1024,
    downBytesPerSecond: 2 * 1024 * 1024,
  });
  expect(await target.list("")).toEqual([]);
  expect(await readdir(join(path, "test"))).toEqual([]);
});

test.each<[TargetFaultCode, string]>([
  ["unreachable", "check-network"],
  ["wrong-credentials", "check-password"],
  ["untrusted-certificate", "check-certificate"],
  ["not-this-target", "plug-in-disk"],
  ["wrong-clock", "check-clock"],
])("who cannot be reached for %s is told what to do: %s", async (code, advice) => {
  const { target } = await folderTarget();
  const list = async () => {
    throw new TargetFault(code, "as it says");
  };
  expect(await testTarget(spoilt(target, { list }), deps)).toEqual({
    ok: false,
    step: "reach",
    code,
    advice,
    message: "as it says",
    hostKey: undefined,
  });
});

test("the key of a server that is not known yet is shown", async () => {
  const { target } = await folderTarget();
  const list = async () => {
    throw new TargetFault("unknown-host-key", "stranger", { hostKey: "SHA256:abc" });
  };
  expect(await testTarget(spoilt(target, { list }), deps)).toMatchObject({
    advice: "check-fingerprint",
    hostKey: "SHA256:abc",
  });
});

test("who may read and not write hears at which step it failed", async () => {
  const { target } = await folderTarget();
  const put = async () => {
    throw new TargetFault("full", "no room");
  };
  const tried = await testTarget(spoilt(target, { put }), deps);
  expect(tried).toMatchObject({ ok: false, step: "write", code: "full", advice: "free-space" });
});

test("a place that changes what it is given, keeps nothing, or removes nothing is found out", async () => {
  const { target } = await folderTarget();
  async function* flipped(...args: Parameters<Target["get"]>) {
    for await (const chunk of target.get(...args)) {
      const copy = Uint8Array.from(chunk);
      copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
      yield copy;
    }
  }
  async function* short(...args: Parameters<Target["get"]>) {
    for await (const chunk of target.get(...args)) yield chunk.subarray(0, 1000);
  }
  for (const get of [flipped, short])
    expect(await testTarget(spoilt(target, { get }), deps)).toMatchObject({
      step: "read",
      code: "damaged",
    });
  const forgetful = spoilt(target, { put: async () => undefined });
  expect(await testTarget(forgetful, deps)).toMatchObject({ step: "list", code: "damaged" });
  expect(await target.list("")).toEqual([]);
  const sticky = spoilt(target, { remove: async () => undefined });
  expect(await testTarget(sticky, deps)).toMatchObject({ step: "remove", code: "refused" });
});

test("a mistake of ours is no fault of the target's", async () => {
  const { target } = await folderTarget();
  const put = async () => {
    throw new TypeError("ours");
  };
  await expect(testTarget(spoilt(target, { put }), deps)).rejects.toThrow("ours");
});

const typed = {
  path: "/media/usb/youbei",
  url: "https://nas.local:5006/backup/",
  host: "nas.local",
  port: 22,
  endpoint: "http://minio.local:9000",
  bucket: "shop-1250000000",
  user: "shop",
  password: "secret",
  privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----",
  passphrase: "secret",
  accessKey: "key",
  secretKey: "secret",
};

test.each(targetPresets.map((preset) => [preset.name.en, preset] as const))(
  "what %s asks for and what is known beforehand make settings",
  (_, { kind, defaults, asks, optional, name, hints }) => {
    for (const skipped of [[], optional]) {
      const answers = Object.fromEntries(
        Object.entries(typed).filter(
          ([field]) =>
            asks.some((asked) => asked === field) && !skipped.some((one) => one === field),
        ),
      );
      const folder = kind === "directory" ? {} : { folder: "youbei" };
      const settings = { ...folder, ...defaults, ...answers, kind };
      const login = kind === "sftp" ? { password: "secret" } : {};
      expect(targetSettings.safeParse({ ...settings, ...login }).error).toBeUndefined();
    }
    for (const text of [name.zh, name.en, hints.zh, hints.en]) expect(text).not.toBe("");
    expect(name.zh + hints.zh).toMatch(/\p{Script=Han}/u);
  },
);

test.each([
  [{ kind: "sftp", host: "nas", user: "shop", folder: "a" }, "neither password nor key"],
  [{ kind: "webdav", url: "file:///etc", user: "a", password: "b", folder: "" }, "no web address"],
  [{ kind: "webdav", url: "https://a/", user: "a", password: "b", folder: "../x" }, "way out"],
  [{ kind: "webdav", url: "https://a/", user: "a", password: "b", folder: "/x" }, "absolute"],
  [{ kind: "directory", path: "/a", password: "x" }, "what a folder does not have"],
])("settings with %j are not read: %s", (settings, _why) => {
  expect(targetSettings.safeParse(settings).success).toBe(false);
});

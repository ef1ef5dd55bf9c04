import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { addDirectory, openDirectory } from "../../server/adapters/directory-target.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import type { Files } from "../../server/storage/files.ts";
import { canMount, mountSmallDisk } from "../services/small-disk.ts";
import { sourceOf, type TargetPlace, targetContract } from "./target-contract.ts";

let counter = 0;
/** Another id for each folder. */
const random = { bytes: (length: number) => new Uint8Array(length).fill(++counter) };

const folders: string[] = [];
async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "youbei-target-"));
  folders.push(folder);
  return folder;
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Real files on a disk that can be pulled out and fill up; it counts what is written. */
function pluggedDisk(): Files & { written: number; isOut: boolean; room: number } {
  const real = createNodeFiles();
  const guard = <Answer>(answer: () => Promise<Answer>): Promise<Answer> =>
    disk.isOut ? Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" })) : answer();
  const disk = {
    written: 0,
    isOut: false,
    room: Number.POSITIVE_INFINITY,
    async open(path: string) {
      const file = await guard(() => real.open(path));
      return {
        ...file,
        read: (into: Uint8Array, position: number) => guard(() => file.read(into, position)),
        write: (bytes: Uint8Array, position: number) =>
          guard(async () => {
            if (bytes.length > disk.room)
              throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
            disk.room -= bytes.length;
            disk.written += bytes.length;
            return file.write(bytes, position);
          }),
        sync: () => guard(() => file.sync()),
      };
    },
    stat: (path: string) => guard(() => real.stat(path)),
    list: (path: string) => guard(() => real.list(path)),
    makeFolder: (path: string) => guard(() => real.makeFolder(path)),
    rename: (from: string, to: string) => guard(() => real.rename(from, to)),
    remove: (path: string) =>
      guard(async () => {
        disk.room += (await real.stat(path))?.size ?? 0;
        await real.remove(path);
      }),
    syncFolder: (path: string) => guard(() => real.syncFolder(path)),
  };
  return disk;
}

targetContract("a folder", { isInstalled: true, canFill: true }, async (): Promise<TargetPlace> => {
  const dir = await mkdtemp(join(tmpdir(), "youbei-target-"));
  const disk = pluggedDisk();
  const open = async (root: string) => {
    const draft = { kind: "directory", path: join(dir, root) } as const;
    // Opened again it is the same folder, disk or no disk.
    const settings = known.get(root) ?? (await addDirectory(draft, { files: disk, random }));
    known.set(root, settings);
    return openDirectory(settings, { files: disk });
  };
  const known = new Map<string, Awaited<ReturnType<typeof addDirectory>>>();
  return {
    open,
    sentBytes: () => disk.written,
    cut() {
      disk.isOut = true;
    },
    mend() {
      disk.isOut = false;
      disk.room = Number.POSITIVE_INFINITY;
    },
    async openFull(root) {
      const target = await open(root);
      disk.room = 16 * 1024 * 1024;
      return target;
    },
    dispose: () => rm(dir, { recursive: true }),
  };
});

const files = createNodeFiles();

const first = (chunks: AsyncIterable<Uint8Array>) => chunks[Symbol.asyncIterator]().next();

test("a disk that was pulled out does not get its backups onto the folder under its mount point", async () => {
  const mountPoint = join(await scratch(), "usb");
  const elsewhere = `${mountPoint}-elsewhere`;
  const settings = await addDirectory({ kind: "directory", path: mountPoint }, { files, random });
  const target = openDirectory(settings, { files });
  await target.put("one", sourceOf(10));
  await rename(mountPoint, elsewhere);
  await expect(target.put("two", sourceOf(10))).rejects.toMatchObject({ code: "unreachable" });
  await mkdir(mountPoint);
  await expect(target.put("a/two", sourceOf(10))).rejects.toMatchObject({
    code: "not-this-target",
  });
  await expect(target.list("")).rejects.toMatchObject({ code: "not-this-target" });
  await expect(first(target.get("one"))).rejects.toMatchObject({ code: "not-this-target" });
  await expect(target.remove("one")).rejects.toMatchObject({ code: "not-this-target" });
  expect(await readdir(mountPoint)).toEqual([]);
  await rm(mountPoint, { recursive: true });
  await rename(elsewhere, mountPoint);
  expect(await target.list("")).toEqual([{ name: "one", bytes: 10 }]);
});

test("another disk in the same place is another target, and the same disk elsewhere is the same", async () => {
  const dir = await scratch();
  const add = (name: string) =>
    addDirectory({ kind: "directory", path: join(dir, name) }, { files, random });
  const [one, other] = [await add("one"), await add("other")];
  expect(one.id).not.toBe(other.id);
  const mixed = openDirectory({ ...one, path: other.path }, { files });
  await expect(mixed.list("")).rejects.toMatchObject({ code: "not-this-target" });
  await rename(one.path, join(dir, "elsewhere"));
  expect((await add("elsewhere")).id).toBe(one.id);
  const undecided = openDirectory({ kind: "directory", path: other.path }, { files });
  await expect(undecided.list("")).rejects.toMatchObject({ code: "not-this-target" });
});

test("a folder is not made where there is nothing above it", async () => {
  const path = join(await scratch(), "usb", "backups");
  await expect(addDirectory({ kind: "directory", path }, { files, random })).rejects.toMatchObject({
    code: "unreachable",
  });
});

test("a marker that was spoilt is no marker, and is not replaced behind anybody's back", async () => {
  const path = join(await scratch(), "usb");
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  await writeFile(join(path, "youbei-target.json"), "not { json");
  const target = openDirectory(settings, { files });
  await expect(target.put("one", sourceOf(1))).rejects.toMatchObject({ code: "not-this-target" });
  expect(await readFile(join(path, "youbei-target.json"), "utf8")).toBe("not { json");
});

test("a torn partial is mended, not trusted, and none is left behind", async () => {
  const path = join(await scratch(), "usb");
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  const target = openDirectory(settings, { files });
  const source = sourceOf(300_000);
  const torn = Buffer.concat([Buffer.alloc(100_000, 0), Buffer.alloc(900_000, 1)]);
  await mkdir(join(path, "a"));
  await writeFile(join(path, "a/.one.300000.partial"), torn);
  await writeFile(join(path, "a/.one.77.partial"), "of another try");
  await writeFile(join(path, "a/老照片.jpg"), "not ours");
  await target.put("a/one", source);
  const expected: Uint8Array[] = [];
  for await (const chunk of source.read(0)) expected.push(chunk);
  expect(Buffer.compare(await readFile(join(path, "a/one")), Buffer.concat(expected))).toBe(0);
  expect((await readdir(join(path, "a"))).sort()).toEqual(["one", "老照片.jpg"]);
  expect(await target.list("")).toEqual([{ name: "a/one", bytes: 300_000 }]);
});

test("names that some disk or server would not take are refused", async () => {
  const path = join(await scratch(), "usb");
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  const target = openDirectory(settings, { files });
  for (const name of [
    "",
    "/a",
    "../a",
    "a/../b",
    "a//b",
    ".hidden",
    "会员",
    "a b",
    "a.",
    "a\\b",
    "a:b",
  ])
    expect(() => target.put(name, sourceOf(1))).toThrow("is a file's name");
});

test.skipIf(!canMount)("a disk that fills up and is pulled out, in earnest", async () => {
  const mountPoint = join(await scratch(), "usb");
  const disk = mountSmallDisk(mountPoint, 8 * 1024 * 1024);
  const path = join(mountPoint, "youbei");
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  const target = openDirectory(settings, { files });
  await target.put("one", sourceOf(1000));
  const large = sourceOf(20 * 1024 * 1024);
  await expect(target.put("large", large)).rejects.toMatchObject({ code: "full" });
  expect(await target.list("")).toEqual([{ name: "one", bytes: 1000 }]);
  disk.unmount();
  await expect(target.put("two", sourceOf(10))).rejects.toMatchObject({ code: "unreachable" });
  await mkdir(path);
  await expect(target.put("two", sourceOf(10))).rejects.toMatchObject({ code: "not-this-target" });
  expect(await readdir(path)).toEqual([]);
});

test.skipIf(!canMount)("a medium that may only be read gives back what is on it", async () => {
  const mountPoint = join(await scratch(), "usb");
  const disk = mountSmallDisk(mountPoint, 1024 * 1024);
  const path = join(mountPoint, "youbei");
  const settings = await addDirectory({ kind: "directory", path }, { files, random });
  const target = openDirectory(settings, { files });
  await target.put("a/one", sourceOf(1000));
  disk.protect();
  try {
    expect(await target.list("")).toEqual([{ name: "a/one", bytes: 1000 }]);
    expect(await buffer(target.get("a/one"))).toHaveLength(1000);
    await expect(target.put("a/two", sourceOf(1))).rejects.toMatchObject({ code: "refused" });
    await expect(target.put("b", sourceOf(0))).rejects.toMatchObject({ code: "refused" });
    await expect(target.remove("a/one")).rejects.toMatchObject({ code: "refused" });
  } finally {
    disk.unmount();
  }
});

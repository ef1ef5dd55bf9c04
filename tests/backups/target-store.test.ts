import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { defaultPlan } from "../../server/backups/backup-plan.ts";
import { readSystemContent, systemContent } from "../../server/backups/system-archive.ts";
import { type TargetRecord, TargetStore } from "../../server/backups/target-store.ts";
import { seededRandom } from "../harness/organisation.ts";
import { scratchFolder } from "../server/server-harness.ts";

const secret = "correct horse battery";
const cloud: TargetRecord = {
  id: "cloud1",
  name: "坚果云",
  settings: {
    kind: "webdav",
    url: "https://dav.example.com/dav/",
    user: "shop@example.com",
    password: secret,
    folder: "youbei",
  },
  plan: defaultPlan,
  addedMs: 1,
};

const storeIn = (folder: string, seed = "keys") =>
  new TargetStore({ folder, files: createNodeFiles(), random: seededRandom(seed) });

test("passwords of targets lie sealed, readable by their owner only [BA13]", async () => {
  const folder = join(await scratchFolder(), "backups");
  await storeIn(folder).keep([cloud]);
  expect(await storeIn(folder).list()).toEqual([cloud]);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    expect((await readFile(path, "latin1")).includes(secret)).toBe(false);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o077).toBe(0);
  }
});

test("a list that cannot be opened is told, not forgotten", async () => {
  const folder = join(await scratchFolder(), "backups");
  await storeIn(folder).keep([cloud]);
  const sealed = await readFile(join(folder, "targets.age"));
  await writeFile(join(folder, "targets.key"), "no key");
  await expect(storeIn(folder, "others").list()).rejects.toThrow("cannot be opened");
  expect(await readFile(join(folder, "targets.age"))).toEqual(sealed);
  expect(await readdir(folder)).toContain("targets.key.damaged");
});

test("no password leaves the machine with what a successor needs [BA13]", async () => {
  const dir = await scratchFolder();
  const place = { dir, files: createNodeFiles() };
  const origin = "https://shop.local:8443";
  const entries = await systemContent(place, { origin, targets: [cloud] });
  expect(entries.some(({ bytes }) => Buffer.from(bytes).includes(secret))).toBe(false);
  async function* streamed() {
    yield* entries;
  }
  expect(await readSystemContent(streamed())).toMatchObject({
    origin,
    targets: [{ name: "坚果云", settings: { kind: "webdav", user: "shop@example.com" } }],
  });
});

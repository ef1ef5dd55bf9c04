import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { openData } from "../../server/data/open-data.ts";
import { spawnServer } from "../faults/child-server.ts";
import { inviteByRecovery } from "./raw-device.ts";
import { atEnd, memoryLog, scratchFolder, startFoundedServer } from "./server-harness.ts";

const platform = () => createNodePlatform(memoryLog());

test("a data folder is used by one process at a time, and the second is told by whom", async () => {
  const dir = await scratchFolder();
  const server = await spawnServer(dir);
  atEnd(() => server.kill());
  await expect(openData({ dir }, platform())).rejects.toMatchObject({
    code: "locked",
    message: expect.stringMatching(/in use by process \d+/),
  });
  await server.kill();
  const data = await openData({ dir }, platform());
  await expect(openData({ dir }, platform())).rejects.toMatchObject({ code: "locked" });
  await data.close();
  await (await openData({ dir }, platform())).close();
});

test("a lock whose process is gone, or is another one by now, is taken over", async () => {
  const dir = await scratchFolder();
  for (const owner of [
    { pid: 999_999_999, started: "1" },
    { pid: process.ppid, started: "another start" },
    "not even JSON",
  ]) {
    await writeFile(join(dir, "lock"), JSON.stringify(owner));
    await (await openData({ dir }, platform())).close();
  }
});

test("data of a newer version, or of something else, is left alone", async () => {
  const dir = await scratchFolder();
  await mkdir(join(dir, "live"));
  const stamp = join(dir, "live", "youbei-data.json");
  await writeFile(stamp, '{"format":2,"kind":"server"}');
  await expect(openData({ dir }, platform())).rejects.toMatchObject({ code: "newer-version" });
  await writeFile(stamp, '{"format":1,"kind":"replica"}');
  await expect(openData({ dir }, platform())).rejects.toMatchObject({ code: "not-ours" });
  expect(await readFile(stamp, "utf8")).toBe('{"format":1,"kind":"replica"}');
  await rm(stamp);
  await (await openData({ dir }, platform())).close();
  expect(JSON.parse(await readFile(stamp, "utf8"))).toEqual({ format: 1, kind: "server" });
});

test("damage in the middle of the live store: read-only, said, and what can be read is served", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const { relay } = server.data;
  const authority = relay.documentLength("authority");
  await server.stop();
  const file = join(dir, "live", "documents", "authority.records");
  const bytes = await readFile(file);
  const at = bytes.length - 100;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
  const opened = await openData({ dir }, platform()).catch((error: unknown) => error);
  if (opened instanceof Error) throw opened;
  const data = opened as Awaited<ReturnType<typeof openData>>;
  atEnd(() => data.close());
  expect(data.relay.trouble()).toBe("store-damaged");
  expect(data.state.damaged).toHaveLength(1);
  expect(data.relay.documentLength("authority")).toBeLessThan(authority);
});

test("a live store older than its newest snapshot is not served as if nothing had happened", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const file = join(dir, "live", "documents", "authority.records");
  const old = await readFile(file);
  await inviteByRecovery(server);
  const taken = await server.data.snapshots.take({ reason: "test", unlessSame: false });
  expect(taken.ok).toBe(true);
  await server.stop();
  const again = await openData({ dir }, platform());
  expect(again.relay.trouble()).toBeUndefined();
  await again.close();
  await writeFile(file, old);
  const rolledBack = await openData({ dir }, platform());
  atEnd(() => rolledBack.close());
  expect(rolledBack.relay.trouble()).toBe("store-rolled-back");
});

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { liveFolder } from "../../server/data/open-data.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { fixtureSources, planFixtures } from "../harness/plan-fixtures.ts";
import {
  eventually,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
} from "./server-harness.ts";

test("a server goes on from what it folded, and folds everything where a byte of that is another [KS1] [KS2]", async () => {
  const dir = await scratchFolder();
  const platform = { program: "this one" };
  const founded = await startFoundedServer(dir, { platform });
  const device = await joinDevice(founded.platform, founded.url, founded.ownerCode);
  const session = device.connect();
  const staff = [...device.replica.authority.staff.keys()][0] ?? "";
  await eventually(() => session.isSettled(), "the device is online");
  const plan = await planFixtures();
  const imported = await device.replica.importMembers(plan, fixtureSources, staff);
  expect(imported.ok).toBe(true);
  await eventually(() => session.isSettled(), "all is sent", 30_000);
  session.close();
  const before = summarise(founded.data.relay.ledger);
  await founded.stop();

  const again = await startTestServer(dir, { platform });
  const { loaded } = again.data.relay;
  expect(loaded.keptOperations).toBe(before.counts.operations);
  expect(summarise(loaded.ledger)).toEqual(before);
  await again.stop();

  const folder = join(liveFolder(dir), "state-pages");
  const [page = ""] = (await readdir(folder)).filter((name) => name !== "manifest.json");
  const bytes = await readFile(join(folder, page));
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(join(folder, page), bytes);
  const folded = await startTestServer(dir, { platform });
  expect(folded.data.relay.loaded.keptOperations).toBe(0);
  expect(summarise(folded.data.relay.loaded.ledger)).toEqual(before);
});

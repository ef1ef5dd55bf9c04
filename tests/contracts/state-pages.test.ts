import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFolderPages } from "../../server/adapters/folder-pages.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";
import { createMemoryPages } from "./memory-pages.ts";
import { statePagesContract } from "./state-pages-contract.ts";

const files = createNodeFiles();
const scratch = () => mkdtemp(join(tmpdir(), "youbei-pages-"));

statePagesContract("a folder", async () => {
  const dir = await scratch();
  return {
    open: () => createFolderPages(join(dir, "state-pages"), { files }),
    dispose: () => rm(dir, { recursive: true }),
  };
});

statePagesContract("memory", () => {
  const pages = createMemoryPages();
  return { open: () => pages, dispose: () => undefined };
});

test("a disk that fills up while pages are written leaves those before, and a fault that can be told [KS2]", async () => {
  const disk = new ForgetfulFiles();
  const open = () => createFolderPages("/state-pages", { files: disk });
  await open().write(["old 0", "old 1"], "old");
  disk.fillUpAfter(8);
  await expect(open().write(["new 0", "new 1"], "new")).rejects.toThrow(StoreFault);
  expect((await disk.list("/state-pages")).length, "room is for the books").toBe(3);
  disk.fillUpAfter(Number.POSITIVE_INFINITY);
  const pages = open();
  expect(await pages.manifest()).toBe("old");
  expect([await pages.page(0), await pages.page(1)]).toEqual(["old 0", "old 1"]);
  await pages.write(["third"], "third");
  expect((await disk.list("/state-pages")).length).toBe(2);
});

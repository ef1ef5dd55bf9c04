import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import type { Files, OpenFile } from "../../server/storage/files.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";

const name = "journal/1/shop/2026-11";
const path = `/live/documents/${name}.records`;
const elements = Array.from({ length: 400 }, (_, nth) => `element ${nth}`);

/** Files that count what is done to the document, and hold reads up while they are told to. */
class WatchedFiles {
  readonly inner = new ForgetfulFiles();
  reads = 0;
  open = 0;
  held: Promise<void> | undefined;

  get files(): Files {
    const { inner } = this;
    return {
      open: (at) => this.#open(at),
      stat: (at) => inner.stat(at),
      list: (folder) => inner.list(folder),
      makeFolder: (at) => inner.makeFolder(at),
      rename: (from, to) => inner.rename(from, to),
      remove: (at) => inner.remove(at),
      syncFolder: (at) => inner.syncFolder(at),
    };
  }

  async #open(at: string): Promise<OpenFile> {
    const file = await this.inner.open(at);
    if (at !== path) return file;
    this.open++;
    return {
      size: () => file.size(),
      write: (bytes, position) => file.write(bytes, position),
      truncate: (length) => file.truncate(length),
      sync: () => file.sync(),
      read: async (into, position) => {
        this.reads++;
        await this.held;
        return file.read(into, position);
      },
      close: async () => {
        this.open--;
        await file.close();
      },
    };
  }
}

/** A store that was closed and is opened again: nothing of it is in memory. */
async function reopened(watched: WatchedFiles) {
  const first = createFolderStore("/live", { files: watched.files });
  await first.commit({ append: [{ name, from: 0, elements }] });
  await first.close();
  const store = createFolderStore("/live", { files: watched.files });
  await store.load();
  watched.reads = 0;
  return store;
}

test("run after run of one record is read from the disk once", async () => {
  const watched = new WatchedFiles();
  const store = await reopened(watched);
  for (let at = 0; at < elements.length; at += 2)
    expect(await store.read(name, at, 2)).toEqual(elements.slice(at, at + 2));
  expect(watched.reads).toBe(1);
  await store.close();
});

test("documents that are read in turn are not mistaken for each other", async () => {
  const watched = new WatchedFiles();
  const store = await reopened(watched);
  const other = "journal/1/shop/2026-12";
  await store.commit({ append: [{ name: other, from: 0, elements: ["other", "month"] }] });
  for (let turn = 0; turn < 2; turn++) {
    expect(await store.read(name, 0, 2)).toEqual(elements.slice(0, 2));
    expect(await store.read(other, 0, 2)).toEqual(["other", "month"]);
  }
  await store.close();
});

test("what was appended meanwhile is read too, and what lies across", async () => {
  const watched = new WatchedFiles();
  const store = await reopened(watched);
  expect(await store.read(name, 398, 5)).toEqual(elements.slice(398));
  await store.commit({ append: [{ name, from: 400, elements: ["new", "newer"] }] });
  expect(await store.read(name, 398, 5)).toEqual([...elements.slice(398), "new", "newer"]);
  expect(await store.read(name, 399, 2)).toEqual(["element 399", "new"]);
  expect(await store.read(name, 401, 9)).toEqual(["newer"]);
  await store.close();
});

test("who reads more than a run sees the disk as it is now", async () => {
  const watched = new WatchedFiles();
  const store = await reopened(watched);
  expect(await store.read(name, 0, 2)).toEqual(elements.slice(0, 2));
  const file = await watched.inner.open(path);
  await file.write(Uint8Array.of(0), 100);
  await expect(store.read(name, 0, 4000)).rejects.toThrow(StoreFault);
  await store.close();
});

test("every file that is opened to be read is closed, also when a commit opens it meanwhile", async () => {
  const watched = new WatchedFiles();
  const store = await reopened(watched);
  let letGo = () => {};
  watched.held = new Promise((resolve) => {
    letGo = resolve;
  });
  const reading = store.read(name, 0, 400);
  const second = store.read(name, 0, 1000);
  await store.commit({ append: [{ name, from: 400, elements: ["new"] }] });
  letGo();
  expect(await reading).toEqual(elements);
  await second;
  await store.close();
  expect(watched.open).toBe(0);
});

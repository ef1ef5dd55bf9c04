import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import type { Files } from "../../server/storage/files.ts";
import { chainOf } from "../../shared/journal/operation.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import { enrolRaw } from "../server/raw-device.ts";
import { eventually, scratchFolder, startFoundedServer } from "../server/server-harness.ts";

/** A disk that says it is full for as long as it is told to. */
function fillableFiles(): Files & { fault: string | undefined } {
  const real = createNodeFiles();
  const files = {
    ...real,
    fault: undefined as string | undefined,
    async open(path: string) {
      const file = await real.open(path);
      return {
        ...file,
        async write(bytes: Uint8Array, position: number) {
          if (files.fault === undefined) return file.write(bytes, position);
          // Some of it still fits.
          await file.write(bytes.subarray(0, 10), position);
          throw Object.assign(new Error(files.fault), { code: files.fault });
        },
      };
    },
  };
  return files;
}

const edit: Drafting = () => ({
  kind: "MemberEdited",
  body: { member: "x@y:1", cites: {}, sealed: "x".repeat(300) },
});

test.each([
  ["ENOSPC", "store-full", 507],
  ["EROFS", "store-refused", 503],
  ["EIO", "store-broken", 503],
])(
  "%s: nothing is acknowledged, it is said, and it goes on by itself",
  async (code, refusal, status) => {
    const files = fillableFiles();
    const server = await startFoundedServer(await scratchFolder(), {
      platform: { files, folderStore: (folder) => createFolderStore(folder, { files }) },
    });
    const device = await enrolRaw(server, server.ownerCode);
    const socket = await device.connect("authority");
    const run = await device.author([edit]);
    const chain = chainOf(device.identity);
    files.fault = code;
    socket.say({ type: "submit", id: 1, run });
    expect(await socket.answer(1)).toMatchObject({ type: "refused", code: refusal });
    const key = "A".repeat(43);
    socket.say({ type: "keys-put", id: 2, keys: [[`${chain}:0`, key]] });
    expect(await socket.answer(2)).toMatchObject({ type: "refused", code: refusal });
    const notReady = await fetch(`${server.url}/readyz`);
    expect(notReady.status).toBe(status);
    expect(await notReady.json()).toMatchObject({ code: refusal, ready: false });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.data.relay.heads().get(chain)?.next ?? 0).toBe(0);
    files.fault = undefined;
    await eventually(
      async () => (await fetch(`${server.url}/readyz`)).status === 200,
      "ready again without anybody writing",
    );
    socket.say({ type: "submit", id: 3, run });
    expect(await socket.answer(3)).toMatchObject({ type: "accepted", next: 1 });
    await server.stop();
    const store = createFolderStore(`${server.data.dir}/live`, { files });
    const { damaged, documents } = await store.load();
    expect(damaged).toEqual([]);
    const name = documents.find((one) => one.name !== "authority")?.name ?? "";
    expect(await store.read(name, 0, 10)).toEqual([...run.operations, run.seal]);
    await store.close();
  },
);

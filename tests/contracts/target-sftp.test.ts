import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSftp } from "../../server/adapters/sftp-target.ts";
import type { TargetSource } from "../../server/backups/target.ts";
import type { SftpSettings } from "../../server/backups/target-settings.ts";
import { isInstalled, serviceFolder } from "../services/service.ts";
import {
  type SftpService,
  sftpPassword,
  sshd,
  startRcloneSftp,
  startSshd,
} from "../services/sftp-server.ts";
import { canMount, mountSmallDisk } from "../services/small-disk.ts";
import { rclone } from "../services/webdav-servers.ts";
import { openWire, type Wire } from "../services/wire.ts";
import { sourceOf, type TargetPlace, targetContract } from "./target-contract.ts";

type Login = Pick<SftpSettings, "user" | "password" | "privateKey" | "hostKey">;

const settingsOf = (port: number, folder: string, login: Login): SftpSettings => ({
  kind: "sftp",
  host: "127.0.0.1",
  port,
  folder,
  ...login,
});

targetContract(
  "OpenSSH's SFTP with a private key",
  { isInstalled: isInstalled(sshd), canFill: canMount },
  async (): Promise<TargetPlace> => {
    const dir = await serviceFolder();
    const [service, other] = [await startSshd(dir.path), await serviceFolder()];
    const stranger = await startSshd(other.path);
    await stranger.kill();
    const wire = await openWire(service.port);
    const { user, privateKey, hostKey } = service;
    const login = { user, privateKey, hostKey };
    const disk = canMount ? mountSmallDisk(join(dir.path, "small"), 24 * 1024 * 1024) : undefined;
    const folder = (root: string) => join(dir.path, "files", "backups", root);
    await mkdir(join(dir.path, "files"));
    return {
      open: (root) => openSftp(settingsOf(wire.port, folder(root), login)),
      openWrong: (root) => {
        const wrong = { ...login, privateKey: stranger.privateKey };
        return openSftp(settingsOf(wire.port, folder(root), wrong));
      },
      openFull: (root) => openSftp(settingsOf(wire.port, join(dir.path, "small", root), login)),
      sentBytes: wire.sentBytes,
      cut: wire.cut,
      mend: wire.mend,
      async dispose() {
        await wire.cut();
        await service.kill();
        disk?.unmount();
        for (const each of [dir, other]) await each.remove();
      },
    };
  },
);

describe.skipIf(!isInstalled(rclone))("an SFTP server that knows little: rclone's", () => {
  let folder: Awaited<ReturnType<typeof serviceFolder>>;
  let service: SftpService;
  let wire: Wire;
  const open = (root: string, password = sftpPassword) => {
    const { user, hostKey } = service;
    return openSftp(settingsOf(wire.port, root, { user, password, hostKey }));
  };
  beforeAll(async () => {
    folder = await serviceFolder();
    service = await startRcloneSftp(folder.path, join(folder.path, "files"));
    wire = await openWire(service.port);
  });
  afterAll(async () => {
    await wire.cut();
    await service.kill();
    await folder.remove();
  });

  test("a password lets in, another does not", async () => {
    const target = open("one");
    await target.put("a/one", sourceOf(100_000));
    expect(await target.list("")).toEqual([{ name: "a/one", bytes: 100_000 }]);
    await expectWhole(target.get("a/one"), sourceOf(100_000));
    await expect(open("one", "wrong").list("")).rejects.toMatchObject({
      code: "wrong-credentials",
    });
    await target.close();
  });

  test("a file is replaced without the extension that does it at once", async () => {
    const target = open("two");
    await target.put("one", sourceOf(300));
    await target.put("one", sourceOf(301));
    expect(await target.list("")).toEqual([{ name: "one", bytes: 301 }]);
    await target.close();
  });

  test("it empties what is opened for writing: then the upload begins anew", async () => {
    const source = sourceOf(12 * 1024 * 1024);
    const target = open("three");
    const cut = { onProgress: (sent: number) => void (sent > 6 * 1024 * 1024 && wire.cut()) };
    await expect(target.put("one", source, cut)).rejects.toMatchObject({ code: "unreachable" });
    await wire.mend();
    await target.put("one", source);
    await expectWhole(target.get("one"), source);
    await target.close();
  });
});

async function expectWhole(got: AsyncIterable<Uint8Array>, source: TargetSource): Promise<void> {
  const [theirs, ours] = [await buffer(got), await buffer(source.read(0))];
  expect(Buffer.compare(theirs, ours)).toBe(0);
}

describe.skipIf(!isInstalled(sshd))("the key of an SSH server", () => {
  let folder: Awaited<ReturnType<typeof serviceFolder>>;
  let service: SftpService;
  beforeAll(async () => {
    folder = await serviceFolder();
    service = await startSshd(folder.path);
  });
  afterAll(async () => {
    await service.kill();
    await folder.remove();
  });

  test.each([undefined, "SHA256:somebodyelses", ""])(
    "is shown, and %s is not it",
    async (hostKey) => {
      const { port, user, privateKey } = service;
      const target = openSftp(settingsOf(port, "/nowhere", { user, privateKey, hostKey }));
      await expect(target.list("")).rejects.toMatchObject({
        code: "unknown-host-key",
        hostKey: service.hostKey,
      });
    },
  );

  test("is the right one: then a partial with a hole near its end is mended", async () => {
    const { port, user, privateKey, hostKey } = service;
    const root = join(folder.path, "holes");
    const target = openSftp(settingsOf(port, root, { user, privateKey, hostKey }));
    const source = sourceOf(5 * 1024 * 1024);
    const held = (await buffer(source.read(0))).subarray(0, 4 * 1024 * 1024);
    // Two requests of those that were under way never arrived, later ones did.
    held.fill(0, held.length - 900_000, held.length - 900_000 + 65_536);
    await mkdir(root);
    await writeFile(join(root, `.one.${source.bytes}.partial`), held);
    const first: number[] = [];
    await target.put("one", source, { onProgress: (sent) => first.push(sent) });
    expect(first[0]).toBe(3 * 1024 * 1024);
    await expectWhole(target.get("one"), source);
    await target.close();
  });
});

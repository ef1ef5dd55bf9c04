import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWebdav } from "../../server/adapters/webdav-target.ts";
import type { WebdavSettings } from "../../server/backups/target-settings.ts";
import { isInstalled, type Service, serviceFolder } from "../services/service.ts";
import { canMount, mountSmallDisk } from "../services/small-disk.ts";
import { makeCertificate, openTlsProxy } from "../services/tls-proxy.ts";
import { apache, davLogin, rclone, startApache, startRclone } from "../services/webdav-servers.ts";
import { openWire } from "../services/wire.ts";
import { sourceOf, type TargetPlace, targetContract } from "./target-contract.ts";

const mebibyte = 1024 * 1024;

const settingsOf = (port: number, folder: string): WebdavSettings => ({
  kind: "webdav",
  url: `http://127.0.0.1:${port}/`,
  ...davLogin,
  folder,
});

const placeOver =
  (start: (dir: string, files: string) => Promise<Service>) => async (): Promise<TargetPlace> => {
    const dir = await serviceFolder();
    const files = join(dir.path, "files");
    const service = await start(dir.path, files);
    const disk = canMount ? mountSmallDisk(join(files, "small"), 24 * 1024 * 1024) : undefined;
    const wire = await openWire(service.port);
    return {
      open: (root) => openWebdav(settingsOf(wire.port, `backups/${root}`)),
      openWrong: (root) =>
        openWebdav({ ...settingsOf(wire.port, `backups/${root}`), password: "wrong" }),
      openFull: (root) => openWebdav(settingsOf(wire.port, `small/${root}`)),
      sentBytes: wire.sentBytes,
      cut: wire.cut,
      mend: wire.mend,
      async dispose() {
        await wire.cut();
        await service.kill();
        disk?.unmount();
        await dir.remove();
      },
    };
  };

targetContract(
  "Apache's WebDAV",
  { isInstalled: isInstalled(apache), canFill: canMount },
  placeOver(startApache),
);
// Of a full disk it only says that the method is not allowed.
targetContract("rclone's WebDAV", { isInstalled: isInstalled(rclone) }, placeOver(startRclone));

describe.skipIf(!isInstalled(apache))("a WebDAV server", () => {
  let folder: Awaited<ReturnType<typeof serviceFolder>>;
  let service: Service;
  let busyFile: string;
  beforeAll(async () => {
    folder = await serviceFolder();
    busyFile = join(folder.path, "busy");
    service = await startApache(folder.path, join(folder.path, "files"), { busyFile });
  });
  afterAll(async () => {
    await service.kill();
    await folder.remove();
  });

  test("that is busy is asked again later, and not for ever", async () => {
    const pauses: number[] = [];
    const wait = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === 2) await rm(busyFile);
    };
    await writeFile(busyFile, "");
    const target = openWebdav(settingsOf(service.port, "busy"), { wait });
    await target.put("one", sourceOf(10));
    expect(pauses).toEqual([2000, 5000]);
    await writeFile(busyFile, "");
    await expect(target.list("")).rejects.toMatchObject({ code: "busy" });
    expect(pauses).toHaveLength(6);
    await rm(busyFile);
    expect(await target.list("")).toEqual([{ name: "one", bytes: 10 }]);
    await target.close();
  });

  test("is asked little: a large file costs a request for each part and a handful more", async () => {
    const requests = () => readFile(join(folder.path, "requests"), "utf8");
    const target = openWebdav(settingsOf(service.port, "few"));
    const before = (await requests()).length;
    await target.put("a/one", sourceOf(64 * mebibyte));
    const log = (await requests()).slice(before).trim().split("\n");
    expect(log.filter((line) => line === "PUT")).toHaveLength(8);
    // The first of all asks how to log in.
    expect(log.filter((line) => line === "PROPFIND")).toHaveLength(3);
    expect(log.length).toBeLessThanOrEqual(18);
    await target.close();
  });

  test("whose certificate nobody vouches for gets no password, unless its authority is known", async () => {
    const tls = makeCertificate(folder.path);
    const proxy = await openTlsProxy(tls, service.port);
    const settings = { ...settingsOf(proxy.port, "tls"), url: `https://localhost:${proxy.port}/` };
    const stranger = openWebdav(settings);
    await expect(stranger.list("")).rejects.toMatchObject({ code: "untrusted-certificate" });
    expect(proxy.received()).toBe(0);
    const known = openWebdav({ ...settings, authority: tls.cert });
    expect(await known.list("")).toEqual([]);
    await stranger.close();
    await known.close();
    await proxy.close();
  });

  test("gives back what it was given, or says that it is damaged", async () => {
    const target = openWebdav(settingsOf(service.port, "spoilt"));
    await target.put("one", sourceOf(20 * mebibyte));
    const parts = join(folder.path, "files/spoilt", `one.parts-${20 * mebibyte}`);
    const [first = "", second = ""] = (await readdir(parts)).sort();
    await writeFile(join(parts, second), Buffer.alloc(8 * mebibyte));
    const reading = async () => {
      for await (const _ of target.get("one"));
    };
    await expect(reading()).rejects.toMatchObject({ code: "damaged" });
    await rm(join(parts, first));
    await expect(reading()).rejects.toMatchObject({ code: "damaged" });
    await target.close();
  });
});

import { join } from "node:path";
import { openWebdav } from "../../server/adapters/webdav-target.ts";
import type { WebdavSettings } from "../../server/backups/target-settings.ts";
import { isInstalled, type Service, serviceFolder } from "../services/service.ts";
import { canMount, mountSmallDisk } from "../services/small-disk.ts";
import { apache, davLogin, rclone, startApache, startRclone } from "../services/webdav-servers.ts";
import { openWire } from "../services/wire.ts";
import { type TargetPlace, targetContract } from "./target-contract.ts";

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
targetContract(
  "rclone's WebDAV",
  { isInstalled: isInstalled(rclone), canFill: false },
  placeOver(startRclone),
);

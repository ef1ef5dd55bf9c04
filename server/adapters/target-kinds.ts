import type { RandomSource } from "../../shared/journal/ports.ts";
import type { TargetKinds } from "../backups/target-kinds.ts";
import type { Files } from "../storage/files.ts";
import { addDirectory, openDirectory } from "./directory-target.ts";
import { openS3 } from "./s3-target.ts";
import { openSftp } from "./sftp-target.ts";
import { openWebdav } from "./webdav-target.ts";

export function createTargetKinds(deps: { files: Files; random: RandomSource }): TargetKinds {
  return {
    async add(settings) {
      return settings.kind === "directory" ? addDirectory(settings, deps) : settings;
    },
    open(settings) {
      switch (settings.kind) {
        case "directory":
          return openDirectory(settings, deps);
        case "webdav":
          return openWebdav(settings);
        case "sftp":
          return openSftp(settings);
        case "s3":
          return openS3(settings);
      }
    },
  };
}

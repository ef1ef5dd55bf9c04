import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Asset, Assets } from "../api/static-files.ts";

const compressible = /\.(html|js|css|json|webmanifest|svg|wasm|txt)$/;

/**
 * The built app from its folder. Only files that are listed there are ever opened, whatever a path
 * says; they are read again when they change.
 */
export function createStaticFolder(folder: string): Assets {
  const known = new Map<string, { mtimeMs: number; asset: Asset }>();
  return {
    async read(path) {
      try {
        if (!(await listed(folder, path))) return undefined;
        const { mtimeMs } = await stat(join(folder, path));
        const before = known.get(path);
        if (before?.mtimeMs === mtimeMs) return before.asset;
        const asset = await readAsset(folder, path);
        known.set(path, { mtimeMs, asset });
        return asset;
      } catch {
        return undefined;
      }
    },
  };
}

/** Walks down the folder by names that are there; `..` and the like are never among them. */
async function listed(folder: string, path: string): Promise<boolean> {
  let at = folder;
  const names = path.split("/");
  for (const [index, name] of names.entries()) {
    const entries = await readdir(at, { withFileTypes: true });
    const entry = entries.find((one) => one.name === name);
    const isLast = index === names.length - 1;
    if (!entry || name.startsWith(".") || (isLast ? !entry.isFile() : !entry.isDirectory()))
      return false;
    at = join(at, name);
  }
  return true;
}

async function readAsset(folder: string, path: string): Promise<Asset> {
  const bytes = new Uint8Array(await readFile(join(folder, path)));
  const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const gzipped = compressible.test(path)
    ? new Uint8Array(await promisify(gzip)(bytes, { level: 9 }))
    : undefined;
  return { bytes, gzipped, etag: `"${digest}"` };
}

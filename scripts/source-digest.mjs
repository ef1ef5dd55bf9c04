import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { projectFolder } from "./project.mjs";

/** What each build is made of; a change in any of these files makes it stale. */
const sources = {
  client: [
    "client",
    "shared",
    "docs/runbooks",
    "vite.config.ts",
    "package.json",
    "package-lock.json",
  ],
  server: [
    "server",
    "shared",
    "tsconfig.base.json",
    "tsconfig.server.json",
    "package.json",
    "package-lock.json",
  ],
};

/**
 * @param {"client" | "server"} target
 * @returns {string} SHA-256 over names and contents, hexadecimal
 */
export function sourceDigest(target) {
  const hash = createHash("sha256");
  for (const path of sources[target].flatMap(filesBelow)) {
    const content = readFileSync(projectFolder + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  if (!existsSync(projectFolder + path)) return [];
  if (statSync(projectFolder + path).isFile()) return [path];
  return readdirSync(projectFolder + path)
    .filter((name) => !name.startsWith("."))
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Every file of the project by its path from the project's folder; what is not text is empty. */
export type FileMap = ReadonlyMap<string, string>;

/** A rule names each place that breaks it, `path: what is wrong`; none for a project that keeps it. */
export type Rule = (files: FileMap) => string[];

const projectFolder = fileURLToPath(new URL("../../", import.meta.url));
const notOurs = new Set(["node_modules", "dist", "build", "coverage", ".git", ".youbei"]);
const textKinds = new Set(
  ".ts .tsx .mjs .css .html .json .md .sh .svg .txt .yml .yaml .toml".split(" "),
);

export function readProject(): FileMap {
  const files = new Map<string, string>();
  const readFolder = (folder: string) => {
    for (const entry of readdirSync(projectFolder + folder, { withFileTypes: true })) {
      const path = folder + entry.name;
      if (notOurs.has(entry.name)) continue;
      if (entry.isDirectory()) readFolder(`${path}/`);
      else if (entry.isFile())
        files.set(path, isText(path) ? readFileSync(projectFolder + path, "utf8") : "");
    }
  };
  readFolder("");
  return files;
}

const isText = (path: string): boolean => extname(path) === "" || textKinds.has(extname(path));

const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path);

/** The files that are written in TypeScript or JavaScript, below one of `folders` or anywhere. */
export const codeFiles = (files: FileMap, ...folders: readonly string[]): [string, string][] =>
  [...files].filter(
    ([path]) =>
      isCode(path) &&
      (folders.length === 0 || folders.some((folder) => path.startsWith(`${folder}/`))),
  );

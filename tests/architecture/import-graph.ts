import { posix } from "node:path";
import { codeFiles, type FileMap } from "./file-map.ts";
import { parseSource } from "./parse-source.ts";

export interface Import {
  from: string;
  /** as written */
  specifier: string;
  /** path from the project's folder; undefined for a package */
  to: string | undefined;
}

export const importsOf = (files: FileMap): Import[] =>
  codeFiles(files).flatMap(([from, text]) =>
    parseSource(from, text).imports.map((specifier) => ({
      from,
      specifier,
      to: specifier.startsWith(".")
        ? posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ""))
        : undefined,
    })),
  );

/** The package that a specifier names: `@scope/name/deep.js` → `@scope/name`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

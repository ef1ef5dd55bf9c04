import { codeFiles, type Rule } from "./file-map.ts";
import { parseSource } from "./parse-source.ts";

const linesMax = 500;
const ourFolders = ["client", "server", "shared", "tests", "scripts"] as const;

export const filesAreShort: Rule = (files) =>
  [...files]
    .filter(([path]) => ourFolders.some((folder) => path.startsWith(`${folder}/`)))
    .filter(([path]) => /\.(ts|tsx|mjs|css)$/.test(path))
    .map(([path, text]) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path}: ${lines} lines; at most ${linesMax}`);

/** Tools want their configuration as a default export; nobody else may have one. */
export const noDefaultExports: Rule = (files) =>
  codeFiles(files)
    .filter(([path]) => !/^[^/]+\.config\.ts$/.test(path))
    .filter(([path, text]) => parseSource(path, text).hasDefaultExport)
    .map(([path]) => `${path}: default export`);

export const noBarrels: Rule = (files) =>
  codeFiles(files)
    .filter(
      ([path, text]) => /(^|\/)index\.(ts|tsx|mjs)$/.test(path) || parseSource(path, text).isBarrel,
    )
    .map(([path]) => `${path}: a barrel; import from where it is written`);

/** Names that say nothing collect everything. */
export const noDrawers: Rule = (files) =>
  codeFiles(files)
    .map(([path]) => path)
    .filter((path) => /(^|\/)(utils?|helpers|misc)(\/|\.)|(^|\/)types\.(ts|tsx)$/.test(path))
    .map((path) => `${path}: name the idea`);

/** A home folder, or the folder where this checkout happens to be: true on one machine only. */
export const noMachinePaths =
  (checkout: string): Rule =>
  (files) =>
    [...files]
      .filter(([path]) => path !== "package-lock.json")
      .flatMap(([path, text]) =>
        text
          .split("\n")
          .flatMap((line, index) =>
            homeFolder.test(line) || (checkout.length > 5 && line.includes(checkout))
              ? [`${path}:${index + 1}: a path of one machine`]
              : [],
          ),
      );

const homeFolder = /(?<![\w./-])\/(?:home|Users|root|work)\/\w|\b[A-Z]:\\+Users\\/;

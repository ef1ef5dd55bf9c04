import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sharedIsPure } from "./ambient-effects.ts";
import { readProject } from "./file-map.ts";
import {
  filesAreShort,
  noBarrels,
  noDefaultExports,
  noDrawers,
  noMachinePaths,
} from "./file-rules.ts";
import {
  importsNameFiles,
  importsRunLeftwards,
  journeysKeepApart,
  noImportCycles,
  onlyMainNamesAdapters,
  roomsHaveAPlace,
  yjsStaysInDocuments,
} from "./import-rules.ts";

const project = readProject();
const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

test.each([
  ["imports run only leftwards, and client and server do not know each other", importsRunLeftwards],
  ["every room of shared/ has a place in the order", roomsHaveAPlace],
  ["relative imports name a file, with its extension", importsNameFiles],
  ["there are no import cycles", noImportCycles],
  ["a journey never imports a journey", journeysKeepApart],
  ["only main names an adapter", onlyMainNamesAdapters],
  ["only shared/documents and the socket adapters touch Yjs", yjsStaysInDocuments],
  ["shared/ has no ambient effects", sharedIsPure],
  ["no file is longer than 500 lines", filesAreShort],
  ["only configuration has default exports", noDefaultExports],
  ["there are no barrels", noBarrels],
  ["there are no drawers for everything", noDrawers],
  ["no path of one machine stands in the project", noMachinePaths(checkout)],
])("%s", (_promise, rule) => {
  expect(rule(project)).toEqual([]);
});

test("the project was really read", () => {
  expect(project.has("shared/globals.d.ts")).toBe(true);
  expect([...project.keys()].filter((path) => path.startsWith("shared/")).length).toBeGreaterThan(
    5,
  );
});

import type { FileMap, Rule } from "./file-map.ts";
import { importsOf, packageOf } from "./import-graph.ts";
import { isKnownRoom, mayImport, roomOf } from "./rooms.ts";

/** Imports run only leftwards; client and server never import each other. */
export const importsRunLeftwards: Rule = (files) =>
  importsOf(files).flatMap(({ from, to }) =>
    to === undefined || mayImport(roomOf(from), roomOf(to))
      ? []
      : [`${from}: ${roomOf(from)} must not import ${to}`],
  );

/** A room without a place in the order is in nobody's way until it is everywhere. */
export const roomsHaveAPlace: Rule = (files) =>
  [...files.keys()]
    .filter((path) => path.startsWith("shared/") && path !== "shared/globals.d.ts")
    .filter((path) => !isKnownRoom(roomOf(path)))
    .map((path) => `${path}: ${roomOf(path)} has no place in tests/architecture/rooms.ts`);

/** Relative imports name an existing file of the project, extension included. */
export const importsNameFiles: Rule = (files) =>
  importsOf(files).flatMap(({ from, specifier, to }) =>
    to === undefined || files.has(to) ? [] : [`${from}: no such file: ${specifier}`],
  );

export const journeysKeepApart: Rule = (files) =>
  importsOf(files).flatMap(({ from, to = "" }) => {
    const [here, there] = [journeyOf(from), journeyOf(to)];
    return here && there && here !== there
      ? [`${from}: a journey imports the journey ${there}`]
      : [];
  });

const journeyOf = (path: string): string | undefined =>
  /^client\/journeys\/([^/.]+)/.exec(path)?.[1];

/** Only the composition roots know which adapter stands behind a port. */
export const onlyMainNamesAdapters: Rule = (files) =>
  importsOf(files).flatMap(({ from, to = "" }) => {
    const side = /^(client|server)\/adapters\//.exec(to)?.[1];
    const allowed =
      !side ||
      from.startsWith("tests/") ||
      from.startsWith(`${side}/adapters/`) ||
      /^(client\/main\.tsx|server\/main\.ts)$/.test(from);
    return allowed ? [] : [`${from}: only main names an adapter (${to})`];
  });

/** Who may touch Yjs: no foreign byte reaches it but through the guarded reader. */
const yjsPlaces: Readonly<Record<string, readonly string[]>> = {
  yjs: ["shared/documents/", "tests/"],
  "y-protocols": [
    "shared/documents/",
    "server/adapters/websocket",
    "client/adapters/websocket",
    "tests/",
  ],
  "y-websocket": ["shared/documents/", "client/adapters/websocket", "tests/"],
};

export const yjsStaysInDocuments: Rule = (files) =>
  importsOf(files).flatMap(({ from, specifier, to }) => {
    const places = to === undefined ? yjsPlaces[packageOf(specifier)] : undefined;
    return !places || places.some((place) => from.startsWith(place))
      ? []
      : [`${from}: must not import ${specifier}`];
  });

export const noImportCycles: Rule = (files) => {
  const importsByFile = targetsByFile(files);
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push(`${path}: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || finished.has(path)) return;
    for (const target of importsByFile.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of importsByFile.keys()) visit(path, []);
  return cycles;
};

function targetsByFile(files: FileMap): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { from, to } of importsOf(files))
    if (to !== undefined) targets.set(from, [...(targets.get(from) ?? []), to]);
  return targets;
}

import { describe, expect, test } from "vitest";
import { sharedIsPure } from "./ambient-effects.ts";
import type { Rule } from "./file-map.ts";
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

type Files = Record<string, string>;
const violations = (rule: Rule, files: Files): string[] => rule(new Map(Object.entries(files)));
const imports = (...specifiers: string[]): string =>
  specifiers.map((specifier) => `import "${specifier}";`).join("\n");

/** Each rule with projects that break it in one place, and with what looks alike but keeps it. */
function catches(promise: string, rule: Rule, broken: readonly Files[], kept: readonly Files[]) {
  describe(promise, () => {
    test.each(broken)("fails on %j", (files) => expect(violations(rule, files)).toHaveLength(1));
    test.each(kept)("passes %j", (files) => expect(violations(rule, files)).toEqual([]));
  });
}

catches(
  "imports run only leftwards",
  importsRunLeftwards,
  [
    { "shared/money/fen.ts": imports("../journal/run.ts") },
    { "shared/money/fen.ts": imports("../time/clock.ts") },
    { "shared/outcome/assert.ts": imports("../money/fen.ts") },
    { "shared/documents/a.ts": imports("../access/judge.ts") },
    { "shared/stored-value/lots.ts": imports("../sales/sale.ts") },
    { "shared/stored-value/lots.ts": imports("../members/member.ts") },
    { "shared/members/member.ts": imports("../imports/plan.ts") },
    { "shared/sync/session.ts": 'import type { Replica } from "../replica/replica.ts";' },
    { "shared/sync/session.ts": 'export { Replica } from "../replica/replica.ts";' },
    { "shared/sync/session.ts": 'type Replica = import("../replica/replica.ts").Replica;' },
    { "shared/replica/replica.ts": 'const app = await import("../../client/app.tsx");' },
    { "client/app.tsx": imports("../server/relay/relay.ts") },
    { "server/relay/relay.ts": imports("../../client/ui/theme.ts") },
    { "server/main.ts": imports("../tests/simulation/disk.ts") },
    { "scripts/start.mjs": imports("../shared/money/fen.ts") },
  ],
  [
    {
      "shared/journal/run.ts": imports(
        "../money/fen.ts",
        "../outcome/result.ts",
        "./seal.ts",
        "zod/mini",
      ),
    },
    {
      "shared/imports/plan.ts": imports("../sales/a.ts", "../members/b.ts", "../stored-value/c.ts"),
    },
    { "server/main.ts": imports("../shared/replica/replica.ts", "node:fs") },
    { "tests/rules/a.test.ts": imports("../../client/app.tsx", "../../server/main.ts") },
    {
      "shared/money/fen.ts":
        '// import "../journal/run.ts"\nconst text = `import "../journal/a.ts"`;',
    },
  ],
);

catches(
  "every room has a place",
  roomsHaveAPlace,
  [{ "shared/loose.ts": "" }, { "shared/crypto/key.ts": "" }],
  [{ "shared/journal/run.ts": "", "shared/globals.d.ts": "", "server/crypto/key.ts": "" }],
);

catches(
  "imports name files",
  importsNameFiles,
  [
    { "client/app.tsx": imports("./ui/theme"), "client/ui/theme.ts": "" },
    { "client/app.tsx": imports("./ui"), "client/ui/index.ts": "" },
  ],
  [{ "client/app.tsx": imports("./a.wasm?url", "react"), "client/a.wasm": "" }],
);

catches(
  "no import cycles",
  noImportCycles,
  [
    { "shared/time/a.ts": imports("./b.ts"), "shared/time/b.ts": imports("./a.ts") },
    { "shared/time/a.ts": imports("./a.ts") },
    {
      "client/a.ts": imports("./b.ts"),
      "client/b.ts": 'export { c } from "./c.ts";',
      "client/c.ts": 'import type { A } from "./a.ts";',
    },
  ],
  [
    {
      "client/a.ts": imports("./b.ts", "./c.ts"),
      "client/b.ts": imports("./c.ts"),
      "client/c.ts": "",
    },
  ],
);

catches(
  "journeys keep apart",
  journeysKeepApart,
  [
    { "client/journeys/undo/undo.tsx": imports("../top-up/top-up.tsx") },
    { "client/journeys/undo.tsx": imports("./top-up.tsx") },
  ],
  [
    { "client/journeys/undo/undo.tsx": imports("./list.tsx", "../../ui/amount.tsx") },
    { "client/app.tsx": imports("./journeys/undo/undo.tsx", "./journeys/top-up/top-up.tsx") },
  ],
);

catches(
  "only main names an adapter",
  onlyMainNamesAdapters,
  [
    { "client/app.tsx": imports("./adapters/indexeddb-store.ts") },
    { "server/relay/relay.ts": imports("../adapters/journal-store.ts") },
    { "server/relay/main.ts": imports("../adapters/journal-store.ts") },
    { "client/adapters/store.ts": imports("../../server/adapters/journal-store.ts") },
  ],
  [
    { "client/main.tsx": imports("./adapters/indexeddb-store.ts") },
    { "server/main.ts": imports("./adapters/journal-store.ts") },
    { "server/adapters/journal-store.ts": imports("./files.ts") },
    { "tests/contracts/store.test.ts": imports("../../server/adapters/journal-store.ts") },
  ],
);

catches(
  "Yjs stays in documents",
  yjsStaysInDocuments,
  [
    { "shared/replica/replica.ts": imports("yjs") },
    { "client/adapters/store.ts": imports("y-protocols/sync") },
    { "server/adapters/websocket.ts": imports("yjs") },
    { "server/relay/relay.ts": 'import type { Doc } from "yjs";' },
    { "client/app.tsx": imports("y-websocket") },
  ],
  [
    { "shared/documents/document.ts": imports("yjs", "y-protocols/awareness") },
    { "server/adapters/websocket-server.ts": imports("y-protocols/awareness") },
    { "client/adapters/websocket-provider.ts": imports("y-websocket") },
    { "tests/vectors/update.test.ts": imports("yjs", "y-websocket") },
  ],
);

catches(
  "shared/ is pure",
  sharedIsPure,
  [
    "const at = Date.now();",
    "const at = new Date();",
    "const at = new Date;",
    "const at = Date();",
    "const id = Math.random();",
    "setTimeout(() => 1, 5);",
    "setInterval(tick, 5);",
    'console.log("a");',
    "const { env } = process;",
    "const write = { console };",
    'localStorage.getItem("a");',
    'indexedDB.open("a");',
    "globalThis.x = 1;",
    "const times = rows.map(() => Date.now());",
  ].map((text) => ({ "shared/time/clock.ts": text })),
  [
    { "shared/time/clock.ts": "// Date.now() is the device's\n/* new Date() */" },
    { "shared/time/clock.ts": 'const words = "console.log(process.env)";' },
    { "shared/time/clock.ts": "const at = new Date(wallMs); const day = Date.UTC(2026, 1, 1);" },
    { "shared/time/clock.ts": "const row = { process: 1 }; row.process; clock.now();" },
    { "server/adapters/clock.ts": "const at = Date.now();" },
    { "shared/globals.d.ts": "declare const process: unknown;" },
  ],
);

catches(
  "files are short",
  filesAreShort,
  [{ "client/app.tsx": "x;\n".repeat(501) }],
  [{ "client/app.tsx": "x;\n".repeat(500), "docs/long.md": "x\n".repeat(900) }],
);

catches(
  "no default exports",
  noDefaultExports,
  [
    { "client/app.tsx": "export default function App() {}" },
    { "client/app.tsx": "const App = 1; export { App as default };" },
    { "client/app.config.ts": "export default {};" },
  ],
  [
    {
      "vite.config.ts": "export default {};",
      "client/app.tsx": "// export default\nexport const a = 1;",
    },
  ],
);

catches(
  "no barrels",
  noBarrels,
  [
    { "shared/journal/index.ts": "export const a = 1;" },
    { "shared/journal/journal.ts": 'export * from "./run.ts";\nexport { a } from "./seal.ts";' },
  ],
  [{ "shared/journal/run.ts": 'import { a } from "./seal.ts";\nexport const b = a;' }],
);

catches(
  "no drawers",
  noDrawers,
  [
    { "client/utils/money.ts": "" },
    { "server/relay/utils.ts": "" },
    { "shared/journal/types.ts": "" },
    { "tests/helpers/clock.ts": "" },
  ],
  [{ "client/ui/utilisation.ts": "", "shared/members/member-types.ts": "" }],
);

const folder = (...names: string[]): string => ["", ...names].join("/");

catches(
  "no path of one machine",
  noMachinePaths(folder("srv", "build-7", "checkout")),
  [
    { "README.md": `see ${folder("home", "li", "notes")}` },
    { "docs/a.md": `see ${folder("Users", "li", "notes")}` },
    { "tests/a.ts": `const at = "${folder("root", "x")}";` },
    { "client/a.ts": `const at = "${["C:", "Users", "li"].join("\\\\")}";` },
    { ".ci/run": `cd ${folder("srv", "build-7", "checkout", "x")}` },
  ],
  [
    { "README.md": "https://example.com/home/page ./work/x /var/lib/youbei /usr/bin/chromium" },
    { "package-lock.json": folder("home", "li", "notes") },
  ],
);

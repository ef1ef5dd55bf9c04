import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { launch } from "./launch.mjs";
import { requireNode } from "./node-version.mjs";

requireNode();
ensureInstalled();
ensureBuilt("server", { output: "on-failure" });
ensureBuilt("client", { output: "on-failure" });
await launch(["serve", ...process.argv.slice(2)]);

import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { launch } from "./launch.mjs";
import { requireNode } from "./node-version.mjs";

requireNode();
ensureInstalled();
ensureBuilt("server", { output: "on-failure" });
await launch(process.argv.slice(2));

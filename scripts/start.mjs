import { launch } from "./launch.mjs";
import { prepare } from "./prepare.mjs";

prepare("server", "client");
await launch(["serve", ...process.argv.slice(2)]);

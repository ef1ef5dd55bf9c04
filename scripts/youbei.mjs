import { launch } from "./launch.mjs";
import { prepare } from "./prepare.mjs";

prepare("server");
await launch(process.argv.slice(2));

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of package.json, with a slash at the end, wherever the scripts are started from. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} url a module's `import.meta.url` */
export const isMain = (url) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);

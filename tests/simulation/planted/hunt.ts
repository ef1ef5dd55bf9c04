import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "vite";
import type { Catch, Errand } from "./hunted.ts";
import type { PlantedBug } from "./planted-bug.ts";

const project = join(import.meta.dirname, "../../..");
const seedsUsual = 60;
const patienceMs = 240_000;

/**
 * Builds the simulation around a product with this one mistake, beside the sources, and runs it in a
 * process of its own, seed by seed, until a checker complains.
 * @returns undefined when no checker did
 */
export async function hunt(bug: PlantedBug | undefined): Promise<Catch | undefined> {
  const name = bug?.name.replaceAll(" ", "-") ?? "no-bug";
  const folder = join(project, "node_modules/.tmp/planted", name);
  await build({
    root: project,
    configFile: false,
    logLevel: "silent",
    plugins: bug ? [planting(bug)] : [],
    build: {
      ssr: join(import.meta.dirname, "hunted.ts"),
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "hunt.mjs" } },
    },
  });
  const errand: Errand = { seedsMost: bug?.seedsMost ?? seedsUsual, faults: bug?.faults };
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--no-warnings", join(folder, "hunt.mjs"), JSON.stringify(errand)],
      { timeout: patienceMs, maxBuffer: 64 * 1024 * 1024 },
    );
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") ?? undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function planting(bug: PlantedBug): Plugin {
  const path = join(project, bug.file);
  let isPlanted = false;
  return {
    name: "planting",
    enforce: "pre",
    async load(id) {
      if (id !== path) return undefined;
      const source = await readFile(path, "utf8");
      if (source.split(bug.find).length !== 2)
        throw new Error(`${bug.file} does not hold once what "${bug.name}" changes`);
      isPlanted = true;
      return source.replace(bug.find, () => bug.replace);
    },
    buildEnd(error) {
      if (!error && !isPlanted) throw new Error(`${bug.file} takes no part in the simulation`);
    },
  };
}

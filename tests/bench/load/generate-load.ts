import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { driveLoad } from "./drive-load.ts";
import type { LoadDriver, LoadOrder } from "./load-client.ts";

// A load generator in a process of its own: takes a LoadOrder as JSON, prints a LoadResult.
process.setMaxListeners(0);
const order = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as LoadOrder;
const { createDriver } = (await import(pathToFileURL(order.driver).href)) as {
  createDriver: (order: LoadOrder) => LoadDriver;
};
const result = await driveLoad(createDriver(order), order);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

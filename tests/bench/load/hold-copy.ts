import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { ConnectCopy } from "./copy-order.ts";

// An ordinary provider that fetches everything, says so, and stays until it is killed.
const [file = "", elements = "0"] = process.argv.slice(2);
const order = JSON.parse(readFileSync(file, "utf8")) as {
  copier: string;
  url: string;
  shopFile: string;
};
const { connectCopy } = (await import(pathToFileURL(order.copier).href)) as {
  connectCopy: ConnectCopy;
};
const copy = await connectCopy(order);
while (copy.count() < Number(elements)) await new Promise((resolve) => setTimeout(resolve, 50));
process.stdout.write("holds everything\n");
setInterval(() => {}, 60_000);

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { ConnectCopy, CopyOrder, CopyResult } from "./copy-order.ts";

// A client in a process of its own: takes a CopyOrder as JSON, prints a CopyResult once it has everything.
const order = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as CopyOrder;
const { connectCopy } = (await import(pathToFileURL(order.copier).href)) as {
  connectCopy: ConnectCopy;
};
const began = performance.now();
const copy = await connectCopy(order);
let elements = copy.count();
let grewMs = began;
while (elements < order.elements && performance.now() - grewMs < order.patienceMs) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  const count = copy.count();
  if (count > elements) grewMs = performance.now();
  elements = count;
}
const seconds = (performance.now() - began) / 1000;
if (order.textsFile !== "")
  writeFileSync(
    order.textsFile,
    copy
      .texts()
      .map((text) => JSON.stringify(text))
      .join("\n"),
  );
const result: CopyResult = { elements, seconds };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections: one that a test has left for a moment, a
// server killed and started again, a cable pulled, is not taken meanwhile. Each process begins elsewhere.
const lowest = 20_000;
const ports = 10_000;
const steps = 7919;
let taken = 0;

/** A port of this machine that nobody listens on, and that this process has not given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = lowest + ((process.pid * steps + taken++) % ports);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port was found");
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

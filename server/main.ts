import { text } from "node:stream/consumers";
import { pino } from "pino";
import { createNodePlatform } from "./adapters/node-platform.ts";
import { nodeStopSignals } from "./adapters/node-stop-signals.ts";
import { unixControlSocket } from "./adapters/unix-control-socket.ts";
import { runProgram } from "./cli/program.ts";

const log = pino(
  { level: process.env["YOUBEI_LOG"] ?? "info", redact: ["phone", "ticket", "code"] },
  pino.destination({ dest: 2, sync: true }),
);

/** A broken promise of our own code: say so and stop, before it is written down anywhere. */
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error.stack : String(error) }, event);
    process.exit(1);
  });

const exit = await runProgram(process.argv.slice(2), {
  platform: createNodePlatform(log),
  control: unixControlSocket,
  signals: nodeStopSignals,
  env: process.env,
  folder: process.cwd(),
  typed: () => text(process.stdin),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
process.exitCode = exit;
// What is left is sockets of the HTTP client that stay open for a while, and listeners for signals.
process.stdout.write("", () => process.exit(exit));

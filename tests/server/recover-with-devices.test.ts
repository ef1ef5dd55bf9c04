import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { saveRescue } from "../../server/recovery/save-rescue.ts";
import { recoveryWords } from "../../shared/access/recovery-key.ts";
import { rescueSourceOf } from "../../shared/replica/rescue-file.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

/** The program as `main` puts it together, in this process; ends when `stop` is called. */
function youbei(args: readonly string[], words = "") {
  let out = "";
  let stop = (_signal: string): void => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  const log = memoryLog();
  const exit = runProgram([...args, "--json"], {
    platform: createNodePlatform(log),
    control: unixControlSocket,
    signals: { first: () => stopped, forceAfter: () => {} },
    env: {},
    folder: import.meta.dirname,
    typed: async () => words,
    out(text) {
      out += text;
    },
    err: () => {},
  });
  const end = () => {
    stop("SIGINT");
    return exit;
  };
  atEnd(async () => void (await end()));
  return {
    exit,
    end,
    log,
    lines: () =>
      out
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

const wordsOf = ({ recovery }: FoundedServer) => recoveryWords(recovery, "zh").join("");

test("files and a device that calls are united: what is in neither file comes from the device, and all agree [LO5]", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const till = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const session = till.connect();
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 100_00);
  await eventually(() => session.isSettled(), "all is sent");
  const file = join(await scratchFolder(), "early.rescue");
  await saveRescue(rescueSourceOf(till.replica, Date.now()), file, server.platform.files);
  const garbage = join(await scratchFolder(), "garbage.rescue");
  await writeFile(garbage, "not a rescue file\n");
  await server.stop();
  await rm(dir, { recursive: true });
  await charge(till.replica, member, 30_00);
  const words = wordsOf(server);
  const port = String(server.server.port);
  const recover = ["recover", "--recovery-key-file", "-", "--data", dir, "--port", port];
  const running = youbei([...recover, "--rescue", garbage, file, "--devices", "30"], words);
  // The waiting server first, then the one that was made.
  await eventually(() => running.lines().length > 0, "it waits for devices");
  session.retryNow();
  await eventually(() => running.lines().length === 2, "a server was made", 20_000);
  expect(running.lines()[1].recovered).toMatchObject({
    term: 2,
    devices: 1,
    sources: [{ operations: 0 }, { operations: 2, fresh: 2 }],
    missing: [{ from: 2, to: 2 }],
    missingKeys: 0,
  });
  session.retryNow();
  await eventually(
    () => session.isSettled() && till.replica.authority.term === 2,
    "the device has brought the rest",
    20_000,
  );
  const state = youbei(["state-hash", "--data", dir]);
  expect(await state.exit).toBe(0);
  expect(state.lines()[0].hash).toBe(till.replica.summary().hash);
  expect(state.lines()[0].liabilities).toEqual({ principal: 70_00, bonus: 0 });
  await eventually(
    () => running.log.lines.some(({ message }) => message.includes("all that was missing")),
    "that nothing is missing is said",
  );
  expect(await running.end()).toBe(0);
  expect((await readdir(dir)).join()).not.toMatch(/before-recovery|recovering|fetched/);
}, 60_000);

test("broken off while it waits, nothing is there; a wrong word in the command is told before anything is done [LO5]", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const words = wordsOf(server);
  const dir = join(await scratchFolder(), "data");
  const recover = ["recover", "--recovery-key-file", "-", "--data", dir, "--port", "0"];
  const running = youbei([...recover, "--devices", "30"], words);
  await eventually(() => running.lines().length > 0, "it waits for devices");
  expect(await running.end()).toBe(1);
  expect(running.lines()[1]).toMatchObject({ error: { code: "cancelled" } });
  expect((await readdir(dir)).filter((name) => name.startsWith("live"))).toEqual([]);
  const nowhere = join(dir, "nowhere");
  for (const [args, code] of [
    [["--rescue", nowhere], "no-rescue-file"],
    [["--backup", nowhere, "--backup", dir], "no-target"],
    [["--backup", dir, "--backup", dir, "--point", "x"], "one-version-of-many-sources"],
    [["--devices", "0"], "nothing-readable"],
  ] as const) {
    const ran = youbei([...recover, ...args], words);
    expect(await ran.exit).toBe(1);
    expect(ran.lines().at(-1)).toMatchObject({ error: { code } });
  }
}, 30_000);

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { newRecoveryKey, recoveryWords } from "../../shared/access/recovery-key.ts";
import { freePort } from "../services/free-port.ts";
import { atEnd, eventually, memoryLog, scratchFolder } from "./server-harness.ts";

const platform = createNodePlatform(memoryLog());

/** The program in this process; @returns its one JSON document */
async function youbei(
  dir: string,
  args: readonly string[],
  { stop, onOut }: { stop?: Promise<string>; onOut?: (text: string) => void } = {},
) {
  let out = "";
  const exit = await runProgram([...args, "--json", "--data", dir], {
    platform,
    control: unixControlSocket,
    signals: { first: () => stop ?? new Promise(() => {}), forceAfter: () => {} },
    env: {},
    folder: dir,
    typed: async () => "",
    out(text) {
      out += text;
      onOut?.(text);
    },
    err: () => {},
  });
  return { exit, json: out === "" ? {} : (JSON.parse(out) as Record<string, unknown>) };
}

/** Runs until the test ends; resolves with the address once it listens. */
async function running(dir: string, args: readonly string[]): Promise<string> {
  let end = (_signal: string): void => {};
  const stop = new Promise<string>((resolve) => {
    end = resolve;
  });
  let url = "";
  const onOut = (text: string) => {
    ({ url } = JSON.parse(text) as { url: string });
  };
  const ran = youbei(dir, args, { stop, onOut });
  atEnd(async () => {
    end("SIGTERM");
    await ran;
  });
  await eventually(() => url !== "", "it listens");
  return url;
}

test("a standby is set up, refuses what is not its own, and after a wrong card goes on following [SB1] [SB2] [SB5]", async () => {
  const [dir, spare] = [await scratchFolder(), await scratchFolder()];
  const names = ["--org", "有备小店", "--store", "总店", "--owner", "王", "--no-till"];
  const { pairingCode, recoveryKey } = (await youbei(dir, ["init", ...names])).json as {
    pairingCode: string;
    recoveryKey: { zh: string[] };
  };
  const url = await running(dir, ["serve", "--port", "0"]);
  const codeOf = async (folder: string, args: string[]) => {
    const { exit, json } = await youbei(folder, args);
    return [exit, json["error"] ?? json["code"]];
  };
  const refusal = async (folder: string, args: string[]) =>
    JSON.stringify(await codeOf(folder, args));
  expect(await refusal(spare, ["standby"])).toContain("nothing-to-follow");
  expect(await refusal(spare, ["standby", "--address", "spare"])).toContain("address-invalid");
  expect(await refusal(spare, ["promote", "--card", "none"])).toContain("no-standby");
  expect(await refusal(dir, ["standby", "name", "nobody", "--at", url])).toContain(
    "no-such-device",
  );

  const port = String(await freePort());
  const at = await running(spare, ["standby", "--of", url, "--code", pairingCode, "--port", port]);
  expect(await refusal(dir, ["standby", "name", "standby", "--at", "x"])).toContain(
    "address-invalid",
  );
  expect((await youbei(dir, ["standby", "name", "standby", "--at", at])).exit).toBe(0);
  const told = (await (await fetch(`${url}/api/v1/organisation`)).json()) as {
    addresses: string[];
  };
  expect(told.addresses).toEqual([at]);
  expect(await refusal(spare, ["serve", "--port", "0"])).toContain("standby");
  expect(await refusal(spare, ["state-hash"])).toContain("standby");

  const follows = async () => {
    const { json } = await youbei(spare, ["status"]);
    return json["mode"] === "standby" && json["state"] === "online" && json["complete"] === true;
  };
  await eventually(follows, "it follows");
  const wrong = join(spare, "wrong.txt");
  await writeFile(wrong, recoveryWords(newRecoveryKey(platform.random), "zh").join(""));
  expect(await refusal(spare, ["promote", "--card", wrong])).toContain("wrong-recovery-key");
  await eventually(follows, "it follows on");

  const card = join(spare, "words.txt");
  await writeFile(card, recoveryKey.zh.join(""));
  const promoted = await youbei(spare, ["promote", "--card", card]);
  expect(promoted.json).toMatchObject({ term: 2 });
  // Somebody looks just while one process gives the folder to the next.
  await youbei(spare, ["status"]).catch(() => undefined);
  const serves = async () => {
    const answer = await fetch(`${at}/api/v1/organisation`);
    return ((await answer.json()) as { mode: string }).mode === "ready";
  };
  await eventually(() => serves().catch(() => false), "it serves at the same address");
  expect(await refusal(spare, ["promote", "--card", card])).toContain("unknown-command");
});

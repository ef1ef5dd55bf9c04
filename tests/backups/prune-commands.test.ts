import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { memoryLog, scratchFolder } from "../server/server-harness.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The command line on a folder, by a clock that the test moves; `--json` always. */
class Desk {
  // A Tuesday, with the rest of its week in the same month.
  nowMs = Date.UTC(2026, 8, 15, 1);
  readonly log = memoryLog();
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  async run(...args: string[]): Promise<{ exit: number; json: any }> {
    let out = "";
    const platform = createNodePlatform(this.log);
    const exit = await runProgram([...args, "--json", "--data", join(this.#dir, "data")], {
      platform: { ...platform, clock: { nowMs: () => this.nowMs } },
      control: unixControlSocket,
      signals: { first: () => new Promise(() => {}), forceAfter: () => {} },
      env: {},
      folder: this.#dir,
      typed: async () => "",
      out(text) {
        out += text;
      },
      err: () => {},
    });
    return { exit, json: JSON.parse(out) };
  }

  prune(...step: string[]) {
    return this.run("backup", "prune", "--target", "usb", ...step);
  }
}

test("old backups go with the card: a day's wait, a month's mark, a proven restore [AP6] [RE2]", async () => {
  const dir = await scratchFolder();
  await mkdir(join(dir, "disk"));
  const desk = new Desk(dir);
  const names = ["--org", "有备小店", "--store", "总店", "--owner", "王"];
  const { json: founded } = await desk.run("init", ...names);
  await writeFile(join(dir, "card.txt"), founded.recoveryKey.zh.join(" "));
  await desk.run("target", "add", "usb", "--directory", "disk/youbei");
  for (const day of [0, 1, 2, 60]) {
    desk.nowMs = Date.UTC(2026, 8, 15 + day, 1);
    const members = join(dir, `${day}.csv`);
    await writeFile(members, `姓名,手机号\n会员${day},138123456${70 + day}\n`);
    await desk.run("import", "--members", members, "--staff", "王");
    expect(await desk.run("backup", "run", "--kind", "full")).toMatchObject({ exit: 0 });
  }
  expect(await desk.prune("--propose")).toMatchObject({
    exit: 1,
    json: { error: { code: "not-now", obstacles: ["not-proven", "proven-point-gone"] } },
  });
  await desk.run("drill");
  expect((await desk.prune("--mark")).json).toMatchObject({ error: { code: "not-approved" } });
  const { json: proposed } = await desk.prune("--propose");
  expect((await desk.run("approve", "list")).json.proposals).toMatchObject([
    { id: proposed.proposal, standing: "waiting-for-person", proposedBy: "server" },
  ]);

  const { proposal } = proposed;
  const card = ["--recovery-key-file", "card.txt"];
  await writeFile(join(dir, "other.txt"), "not a card");
  expect(
    (await desk.run("approve", "give", proposal, "--recovery-key-file", "other.txt")).json,
  ).toMatchObject({ error: { code: "recovery-key-malformed" } });
  expect(await desk.run("approve", "give", proposal, ...card)).toMatchObject({ exit: 0 });
  expect(desk.log.lines).toContainEqual(
    expect.objectContaining({ level: "error", alarm: "approval-waiting" }),
  );
  expect((await desk.run("approve", "give", proposal, ...card)).json).toMatchObject({
    error: { code: "already-used" },
  });
  desk.nowMs += 24 * hourMs - 1;
  expect((await desk.prune("--mark")).json).toMatchObject({ error: { code: "not-approved" } });
  desk.nowMs += 1;
  expect(await desk.prune("--mark")).toMatchObject({ exit: 0, json: { marked: proposed.items } });
  expect((await desk.prune("--mark")).json).toMatchObject({ error: { code: "not-approved" } });
  expect((await desk.run("approve", "withdraw", proposal)).json).toMatchObject({
    error: { code: "already-used" },
  });

  desk.nowMs += 30 * dayMs;
  expect((await desk.prune("--remove")).json).toMatchObject({ error: { code: "not-now" } });
  await desk.run("drill");
  const { json: removed } = await desk.prune("--remove");
  expect(removed.removed.length).toBe(proposed.items.length);
  expect(await desk.run("backup", "verify")).toMatchObject({ exit: 0 });
});

test("without a shop or a proposal there is nothing to answer", async () => {
  const dir = await scratchFolder();
  const desk = new Desk(dir);
  expect((await desk.run("approve", "list")).json).toMatchObject({
    error: { code: "not-founded" },
  });
  await desk.run("init", "--org", "有备小店", "--store", "总店", "--owner", "王");
  expect((await desk.run("approve", "list")).json).toEqual({ proposals: [] });
  expect((await desk.run("approve", "withdraw", "nothing")).json).toMatchObject({
    error: { code: "no-such-proposal" },
  });
});

import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import { openData } from "../../server/data/open-data.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import {
  readRecoveryWords,
  recoveryPublic,
  recoverySigner,
  recoveryWords,
} from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { signerOf } from "../harness/organisation.ts";
import { cardKey, cardNamed, replacementBy } from "../harness/replacing.ts";
import { memoryLog, scratchFolder } from "../server/server-harness.ts";

const boss: AuthorityKey = { by: "staff:", signer: signerOf("boss") };

/** The command line on several folders; `--json` always. */
class Desk {
  readonly dir: string;
  readonly log = memoryLog();

  constructor(dir: string) {
    this.dir = dir;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  async run(data: string, ...args: string[]): Promise<{ exit: number; json: any }> {
    let out = "";
    const exit = await runProgram([...args, "--json", "--data", join(this.dir, data)], {
      platform: createNodePlatform(this.log),
      control: unixControlSocket,
      signals: { first: () => new Promise(() => {}), forceAfter: () => {} },
      env: {},
      folder: this.dir,
      typed: async () => "",
      out(text) {
        out += text;
      },
      err: () => {},
    });
    return { exit, json: JSON.parse(out) };
  }

  async card(name: string, words: readonly string[]): Promise<void> {
    await writeFile(join(this.dir, `${name}.txt`), words.join(" "));
  }

  /** What the owner does on a device of his own. */
  async asOwner(work: (data: Awaited<ReturnType<typeof openData>>) => Promise<void>) {
    const data = await openData({ dir: join(this.dir, "data") }, createNodePlatform(this.log));
    await work(data).finally(() => data.close());
  }
}

test("after the card was replaced the next backup is a full one for the new card, and the old card opens only old ones [RK6]", async () => {
  const dir = await scratchFolder();
  const desk = new Desk(dir);
  await mkdir(join(dir, "disk"));
  const founded = await desk.run(
    "data",
    "init",
    "--org",
    "小店",
    "--store",
    "总店",
    "--owner",
    "王",
  );
  const oldCard = readRecoveryWords(founded.json.recoveryKey.zh.join(" ")) ?? expect.fail();
  await desk.card("old", founded.json.recoveryKey.zh);
  await desk.run("data", "target", "add", "usb", "--directory", "disk/youbei");
  await writeFile(join(dir, "members.csv"), "姓名,手机号\n陈,13812345670\n");
  await desk.run("data", "import", "--members", join(dir, "members.csv"), "--staff", "王");
  expect((await desk.run("data", "backup", "run")).exit).toBe(0);
  await cp(join(dir, "disk"), join(dir, "drawer"), { recursive: true });

  const fresh = cardNamed("new card");
  await desk.card("new", recoveryWords(fresh, "en"));
  await desk.asOwner(async ({ relay }) => {
    const [owner] = relay.authority?.staff.keys() ?? [];
    boss.by = `staff:${owner}`;
    const staff = owner ?? "";
    const place = { store: [...(relay.authority?.stores.keys() ?? [])][0] ?? "", till: false };
    const keys = { key: signerOf("pc").publicKey, staffKey: boss.signer.publicKey };
    const body = { device: "pc", name: "pc", ceiling: "owner", staff, ...place, ...keys } as const;
    const byCard = { by: "recovery", signer: recoverySigner(oldCard) };
    const nowMs = Date.now();
    const add = [
      await sequenceSigned(relay, { kind: "DeviceEnrolled", body }, [byCard], nowMs),
      await sequenceSigned(relay, replacementBy(fresh), [boss, cardKey(fresh)], nowMs),
    ];
    expect(add.every(({ ok }) => ok)).toBe(true);
  });
  expect((await desk.run("data", "recovery-key", "status")).json).toMatchObject({
    cards: 1,
    waiting: ["r1"],
  });
  const byOld = ["--recovery-key-file", join(dir, "old.txt")];
  const byNew = ["--recovery-key-file", join(dir, "new.txt")];
  expect((await desk.run("data", "approve", "give", "r1", ...byNew)).json).toMatchObject({
    error: { code: "wrong-key" },
  });
  expect((await desk.run("data", "approve", "give", "r1", ...byOld)).json).toEqual({
    approved: "r1",
    replaced: true,
  });
  expect((await desk.run("data", "recovery-key", "status", ...byOld)).json).toMatchObject({
    error: { code: "replaced-key" },
  });
  expect((await desk.run("data", "recovery-key", "status", ...byNew)).json).toMatchObject({
    cards: 2,
    isInForce: true,
  });
  expect((await desk.run("data", "recovery-key", "replace", ...byOld)).json).toMatchObject({
    error: { code: "replaced-key" },
  });

  const { json: put } = await desk.run("data", "backup", "run", "--kind", "incremental");
  expect(JSON.stringify(put)).toContain('"isFullBecause":"other-keys"');
  expect((await desk.run("data", "drill")).exit).toBe(0);
  const recover = (data: string, place: string, card: string[]) =>
    desk.run(data, "recover", "--backup", place, ...card);
  expect((await recover("a", "disk/youbei", byNew)).json).toMatchObject({ term: 2 });
  expect((await recover("b", "disk/youbei", byOld)).exit).not.toBe(0);
  expect((await recover("c", "drawer/youbei", byNew)).exit).not.toBe(0);

  const snapshots = join(dir, "data", "snapshots");
  const fromSnapshots = (data: string, card: string[]) =>
    desk.run(data, "recover", "--snapshots", snapshots, ...card);
  expect((await fromSnapshots("e", byOld)).json).toMatchObject({
    error: { code: "wrong-recovery-key" },
  });
  expect((await fromSnapshots("f", byNew)).json).toMatchObject({ term: 2 });
  const united = (data: string, card: string[]) =>
    desk.run(data, "recover", "--backup", "drawer/youbei", "--snapshots", snapshots, ...card);
  expect((await united("g", byOld)).json).toMatchObject({
    error: { code: "wrong-recovery-key" },
  });
  expect((await united("h", byNew)).json).toMatchObject({ term: 2 });

  // A medium that was in a drawer knows of no other card; whoever knows of it does not follow.
  expect((await recover("d", "drawer/youbei", byOld)).json).toMatchObject({ term: 2 });
  const logOf = async (data: string) => {
    const platform = createNodePlatform(desk.log);
    const opened = await openData({ dir: join(dir, data) }, platform);
    const texts = opened.relay.authority?.texts ?? [];
    await opened.close();
    const read = await readAuthorityLog(texts, platform.signatures);
    return read.ok ? read.value : expect.fail(read.refusal);
  };
  const [live, thief, ours] = [await logOf("data"), await logOf("d"), await logOf("a")];
  expect(live.recovery).toEqual(recoveryPublic(fresh));
  expect(compareLogs(live, thief).standing).toBe("superseded");
  expect(compareLogs(ours, thief).standing).toBe("superseded");
  expect(compareLogs(live, ours).standing).toBe("longer");
});

test("with the old card the admin makes a new one, and the owner agrees", async () => {
  const desk = new Desk(await scratchFolder());
  const founded = await desk.run(
    "data",
    "init",
    "--org",
    "小店",
    "--store",
    "总店",
    "--owner",
    "王",
  );
  await desk.card("old", founded.json.recoveryKey.en);
  const card = ["--recovery-key-file", "old.txt"];
  const { json } = await desk.run("data", "recovery-key", "replace", ...card);
  expect(readRecoveryWords(json.recoveryKey.zh.join(""))).toEqual(
    readRecoveryWords(json.recoveryKey.en.join(" ")),
  );
  expect((await desk.run("data", "approve", "list")).json.proposals).toMatchObject([
    { id: json.proposal, standing: "waiting-for-person", proposedBy: "recovery" },
  ]);
  expect((await desk.run("data", "approve", "give", json.proposal, ...card)).json).toMatchObject({
    error: { code: "not-entitled" },
  });
  expect((await desk.run("data", "recovery-key", "status", ...card)).json).toMatchObject({
    cards: 1,
    isInForce: true,
  });
  const withdrawn = await desk.run("data", "approve", "withdraw", json.proposal, ...card);
  expect(withdrawn.json).toEqual({ withdrawn: json.proposal });
});

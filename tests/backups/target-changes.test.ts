import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { defaultPlan } from "../../server/backups/backup-plan.ts";
import {
  carryOutChanges,
  draftChange,
  proposeChange,
} from "../../server/backups/change-targets.ts";
import { runProgram } from "../../server/cli/program.ts";
import { type OpenData, openData } from "../../server/data/open-data.ts";
import type { Relay } from "../../server/relay/relay.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import { readRecoveryWords, recoverySigner } from "../../shared/access/recovery-key.ts";
import { refuse } from "../../shared/outcome/result.ts";
import { signerOf } from "../harness/organisation.ts";
import { memoryLog, scratchFolder } from "../server/server-harness.ts";

const hourMs = 3_600_000;

/** The command line on one shop with a disk and an owner, by a clock that the test moves. */
class Desk {
  nowMs = Date.UTC(2026, 10, 23, 2);
  readonly dir: string;
  readonly log = memoryLog();
  boss = { by: "staff:", signer: signerOf("boss") };

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await scratchFolder());
    for (const disk of ["disk", "other"]) await mkdir(join(desk.dir, disk));
    const { json } = await desk.run("init", "--org", "小店", "--store", "总店", "--owner", "王");
    await writeFile(join(desk.dir, "card.txt"), json.recoveryKey.zh.join(" "));
    const added = await desk.run("target", "add", "usb", "--directory", "disk/youbei");
    expect(added).toMatchObject({ exit: 0, json: { name: "usb" } });
    const card = readRecoveryWords(json.recoveryKey.zh.join(" ")) ?? expect.fail();
    const byCard = { by: "recovery", signer: recoverySigner(card) };
    await desk.inside(async ({ relay }) => {
      const [staff = ""] = relay.authority?.staff.keys() ?? [];
      const [store = ""] = relay.authority?.stores.keys() ?? [];
      desk.boss.by = `staff:${staff}`;
      const keys = { key: signerOf("pc").publicKey, staffKey: desk.boss.signer.publicKey };
      const place = { device: "pc", name: "pc", store, ceiling: "owner", till: false } as const;
      const enrolled = { kind: "DeviceEnrolled", body: { ...place, staff, ...keys } } as const;
      await sequenceSigned(relay, enrolled, [byCard], desk.nowMs);
    });
    return desk;
  }

  get #platform() {
    return { ...createNodePlatform(this.log), clock: { nowMs: () => this.nowMs } };
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  async run(...args: string[]): Promise<{ exit: number; json: any }> {
    let out = "";
    const exit = await runProgram([...args, "--json", "--data", join(this.dir, "data")], {
      platform: this.#platform,
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

  async inside<Answer>(work: (data: OpenData) => Promise<Answer>): Promise<Answer> {
    const data = await openData({ dir: join(this.dir, "data") }, this.#platform);
    return work(data).finally(() => data.close());
  }

  /** With one tap on a device of the owner's. */
  approve(proposal: string) {
    const entry = { kind: "ActApproved", body: { proposal } } as const;
    return this.inside(({ relay }) => sequenceSigned(relay, entry, [this.boss], this.nowMs));
  }

  /** As the server carries out; where `apply` is given, broken in between. */
  carryOut(apply?: () => Promise<never>, broken: Partial<Pick<Relay, "sequence">> = {}) {
    return this.inside(({ relay, backups, identity }) =>
      carryOutChanges({
        relay: {
          authority: relay.authority,
          ledger: relay.ledger,
          sequence: broken.sequence ?? ((text) => relay.sequence(text)),
        },
        backups: apply
          ? {
              apply,
              targets: () => backups.targets(),
              pending: () => backups.pending(),
              keepPending: (changes) => backups.keepPending(changes),
            }
          : backups,
        key: { by: `device:${identity.device}`, signer: identity.signer },
        random: this.#platform.random,
        nowMs: this.nowMs,
      }),
    );
  }

  async targets(): Promise<{ id: string; name: string; settings: { path: string } }[]> {
    return (await this.run("target", "list")).json.targets;
  }

  async names(): Promise<string[]> {
    return (await this.targets()).map(({ name }) => name);
  }
}

describe("places of backups", () => {
  it("the first is added by whoever has the machine, a second one by approval [TC1]", async () => {
    const desk = await Desk.open();
    const added = await desk.run("target", "add", "second", "--directory", "other/youbei");
    expect(added.json).toMatchObject({ proposal: expect.any(String) });
    expect((await desk.run("target", "apply")).json).toEqual({ changes: [] });
    expect(await desk.names()).toEqual(["usb"]);
    expect((await desk.approve(added.json.proposal)).ok).toBe(true);
    expect((await desk.run("target", "apply")).json.changes).toMatchObject([{ change: "add" }]);
    expect(await desk.names()).toEqual(["usb", "second"]);
    expect((await desk.run("target", "apply")).json).toEqual({ changes: [] });
  });

  it("nothing is removed without approval, by the card after a day only, nor once withdrawn [TC1]", async () => {
    const desk = await Desk.open();
    const { proposal } = (await desk.run("target", "remove", "usb")).json;
    const card = ["--recovery-key-file", "card.txt"];
    expect((await desk.run("approve", "give", proposal, ...card)).exit).toBe(0);
    desk.nowMs += 24 * hourMs - 1;
    await desk.run("target", "apply");
    expect(await desk.names()).toEqual(["usb"]);
    expect((await desk.run("approve", "withdraw", proposal)).exit).toBe(0);
    desk.nowMs += 1;
    await desk.run("target", "apply");
    expect(await desk.names()).toEqual(["usb"]);
    const again = (await desk.run("target", "remove", "usb")).json;
    await desk.approve(again.proposal);
    await desk.run("target", "apply");
    expect(await desk.names()).toEqual([]);
  });

  it("what points elsewhere is another place, of which nothing is known yet [TC2]", async () => {
    const desk = await Desk.open();
    await desk.run("backup", "run");
    const [before] = await desk.targets();
    const plan = (await desk.run("target", "change", "usb", "--full-days", "3")).json;
    await desk.approve(plan.proposal);
    await desk.run("target", "apply");
    const [kept] = await desk.targets();
    expect(kept).toMatchObject({ id: before?.id, lastKinds: ["full"] });
    const moved = await desk.run("target", "change", "usb", "--directory", "other/youbei");
    await desk.approve(moved.json.proposal);
    await desk.run("target", "apply");
    const [after] = await desk.targets();
    expect(after?.settings.path).toBe(join(desk.dir, "other/youbei"));
    expect(after?.id).not.toBe(before?.id);
    expect(after).not.toHaveProperty("lastKinds");
    expect((await desk.run("backup", "run")).json.targets[0].kinds).toEqual(["full"]);
  });

  it("an approval is for exactly what was proposed, and is used up before anything is done [TC3]", async () => {
    const desk = await Desk.open();
    const { proposal } = (await desk.run("target", "add", "b", "--directory", "other/b")).json;
    await desk.approve(proposal);
    await desk.inside(async ({ backups }) => {
      const [pending] = await backups.pending();
      const [usb] = await backups.targets();
      if (!pending || !usb) return expect.fail();
      const change = { do: "remove", id: usb.id } as const;
      await backups.keepPending([{ ...pending, change }]);
    });
    expect(await desk.carryOut()).toEqual([]);
    expect(await desk.names()).toEqual(["usb"]);

    const full = await Desk.open();
    const asked = (await full.run("target", "remove", "usb")).json;
    await full.approve(asked.proposal);
    const refusing = { sequence: async () => refuse("store-full") };
    expect(await full.carryOut(undefined, refusing)).toEqual([]);
    expect(await full.names()).toEqual(["usb"]);

    const other = await Desk.open();
    const removed = (await other.run("target", "remove", "usb")).json;
    await other.approve(removed.proposal);
    const broken = () => Promise.reject(new Error("power cut"));
    await expect(other.carryOut(broken)).rejects.toThrow("power cut");
    expect(await other.carryOut()).toEqual([]);
    expect(await other.names()).toEqual(["usb"]);
  });

  it("passwords that wait lie nowhere in the clear, neither on disk nor in what people approve [TC3]", async () => {
    const desk = await Desk.open();
    const secret = "hunter2-hunter2";
    const settings = {
      kind: "s3",
      endpoint: "http://127.0.0.1:9",
      region: "r",
      bucket: "bucket",
      style: "path",
      accessKey: "a",
      secretKey: secret,
      folder: "f",
    } as const;
    const proposal = await desk.inside(async ({ backups, relay, identity }) => {
      const { random } = createNodePlatform(desk.log);
      const record = { id: "t2", name: "云", settings, plan: defaultPlan, addedMs: 1 };
      const drafted = draftChange({ do: "add", record }, { random, name: "云" });
      const key = { by: `device:${identity.device}`, signer: identity.signer };
      const refusal = await proposeChange(
        { relay, backups, key, random, nowMs: desk.nowMs },
        drafted,
      );
      expect(refusal).toBeUndefined();
      expect(relay.authority?.texts.join("\n")).not.toContain(secret);
      expect(drafted.text).toContain("bucket");
      expect((await backups.pending()).length).toBe(1);
      return drafted.proposal;
    });
    const folder = join(desk.dir, "data", "backups");
    for (const name of (await readdir(folder)).filter((one) => one.includes(".")))
      expect(await readFile(join(folder, name), "latin1")).not.toContain(secret);
    await desk.approve(proposal);
    await desk.run("target", "apply");
    expect(JSON.stringify((await desk.run("target", "list")).json)).not.toContain(secret);
    expect(await desk.names()).toEqual(["usb", "云"]);
  });
});

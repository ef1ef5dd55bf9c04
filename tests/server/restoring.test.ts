import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataCommands } from "../../server/cli/data-commands.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { act, charge } from "../harness/shop.ts";
import {
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

/** A server with one till, which is the owner's and holds his key, and a version to go back to. */
class Shop {
  readonly server: FoundedServer;
  readonly dir: string;
  readonly headless: HeadlessReplica;
  session: DeviceSession;
  version = "";

  private constructor(dir: string, server: FoundedServer, headless: HeadlessReplica) {
    this.dir = dir;
    this.server = server;
    this.headless = headless;
    this.session = headless.connect();
  }

  static async open(): Promise<Shop> {
    const dir = await scratchFolder();
    const server = await startFoundedServer(dir);
    const headless = await joinDevice(server.platform, server.url, server.ownerCode);
    const shop = new Shop(dir, server, headless);
    await eventually(() => shop.session.isSettled(), "the till is online");
    return shop;
  }

  get replica() {
    return this.headless.replica;
  }

  get relay() {
    return this.server.data.relay;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  async run(name: string, args: Record<string, unknown> = {}): Promise<any> {
    const { data, platform, server } = this.server;
    const outcome = await dataCommands[name]?.({ data, platform, running: server }, args);
    return outcome ?? expect.fail(name);
  }

  restore(args: Record<string, unknown>) {
    return this.run("snapshot restore", { scope: "all", id: this.version, ...args });
  }

  async keepVersion(): Promise<void> {
    await this.agree();
    this.version = (await this.run("snapshot create", { reason: "before" })).json.id;
  }

  /** The till has everything that the server has, and the other way round. */
  agree(): Promise<void> {
    return eventually(() => {
      const { hash } = summarise(this.relay.ledger);
      return this.session.isSettled() && this.replica.summary().hash === hash;
    }, "both agree");
  }

  offline(): void {
    this.session.close();
  }

  async online(): Promise<void> {
    this.session = this.headless.connect();
    await this.agree();
  }

  /** By the owner, who is somebody else than the server. */
  async approve(proposal: string): Promise<void> {
    const key = this.headless.personalKey ?? expect.fail("the owner's key is here");
    const entry = { kind: "ActApproved", body: { proposal } } as const;
    const approved = await sequenceSigned(this.relay, entry, [key], Date.now());
    expect(approved.ok).toBe(true);
  }

  async topUpNew(name: string, phone: string, principal: number): Promise<string> {
    const member = await act(this.replica, { command: "AddMember", fields: { name, phone } });
    const tenders = [{ tender: "cash" as const, amount: principal }];
    await act(this.replica, { command: "TopUp", member, principal, bonus: 0, tenders });
    return member;
  }
}

/** 100.00, of which somebody wrongly took 30.00, under a name that somebody wrongly changed. */
async function shopWithMisdeeds(): Promise<{ shop: Shop; member: string; added: string }> {
  const shop = await Shop.open();
  const member = await shop.topUpNew("孟文", "13800000001", 100_00);
  await shop.keepVersion();
  await act(shop.replica, { command: "EditMember", member, fields: { name: "改名" } });
  await charge(shop.replica, member, 30_00);
  const added = await shop.topUpNew("假会员", "13800000002", 66_00);
  await shop.agree();
  return { shop, member, added };
}

test("from the preview to the deed and back: what the offline till sold survives, what was restored holds [VR2] [VR6]", async () => {
  const { shop, member, added } = await shopWithMisdeeds();
  const before = summarise(shop.relay.ledger).hash;
  const preview = await shop.restore({});
  expect(preview).toMatchObject({
    exit: 0,
    json: {
      counts: { members: 2, fields: 1, hidden: 1, listed: 0 },
      money: { given: 30_00, taken: 66_00, sum: -36_00, disputed: 66_00 },
      members: [
        {
          member,
          name: "改名",
          fields: [{ field: "name", now: "改名", restored: "孟文" }],
          balance: { now: 70_00, restored: 100_00 },
        },
        { member: added, listing: "hidden", balance: { now: 66_00, restored: 0 } },
      ],
      since: { byKind: { MemberEdited: 1, SaleRecorded: 1, MemberAdded: 1, ToppedUp: 1 } },
    },
  });
  expect(preview.text).toContain("“改名” → “孟文”");
  expect(summarise(shop.relay.ledger).hash).toBe(before);
  expect((await shop.restore({ propose: true })).json.error.code).toBe("reason-needed");
  const long = { propose: true, reason: "𠮷".repeat(51) };
  expect((await shop.restore(long)).json.error.code).toBe("reason-too-long");
  const { proposal, text } = (await shop.restore({ propose: true, reason: "店员改错了" })).json;
  expect(text).toMatch(
    /^还原到 to .*（全部 all）：2 位会员 members，余额 balances .*；店员改错了$/,
  );
  expect((await shop.restore({ carryOut: proposal })).json.error).toMatchObject({
    code: "not-approved",
    standing: "waiting-for-person",
  });

  shop.offline();
  await charge(shop.replica, member, 20_00);
  await charge(shop.replica, added, 6_00);
  await shop.approve(proposal);
  const versions = (await shop.run("snapshot list")).json.snapshots.length;
  const done = await shop.restore({ carryOut: proposal });
  expect(done).toMatchObject({ exit: 0, json: { members: 2 } });
  const { snapshots } = (await shop.run("snapshot list")).json;
  expect(snapshots).toHaveLength(versions + 1);
  expect(snapshots.at(-1).reason).toMatch(/^before going back to /);
  expect((await shop.restore({ carryOut: proposal })).json.error.code).toBe("not-approved");

  await shop.online();
  const { replica } = shop;
  expect(replica.member(member)).toMatchObject({ balance: 80_00, fields: { name: "孟文" } });
  expect(replica.member(added)?.balance).toBe(-6_00);
  expect([...replica.members()].map(({ id }) => id)).toContain(added);
  await eventually(
    () => summarise(shop.relay.ledger).disputed === 6_00 && replica.spendable(member) === 80_00,
    "what lay in the till came to the server, which settled; what it gives is in the till",
  );
  await shop.agree();

  const undo = { undo: done.json.batch, propose: true, reason: "还原错了" };
  const again = await shop.restore(undo);
  await shop.approve(again.json.proposal);
  expect(await shop.restore({ carryOut: again.json.proposal })).toMatchObject({ exit: 0 });
  await shop.agree();
  expect(replica.member(member)).toMatchObject({ balance: 50_00, fields: { name: "改名" } });
  expect(replica.member(added)?.balance).toBe(60_00);
  await eventually(() => replica.spendable(added) === 60_00, "and can be spent at the till");
  // As it does at contact, and now and then afterwards.
  await replica.sweepHome(true);
  await eventually(() => summarise(shop.relay.ledger).disputed === 0, "what was owed has come");
  expect((await shop.restore(undo)).json.error.code).toBe("already-undone");
});

test("what was taken back meanwhile is not taken back twice: nothing is used up [VR3]", async () => {
  const shop = await Shop.open();
  const member = await shop.topUpNew("孟文", "13800000001", 100_00);
  await shop.keepVersion();
  const tenders = [{ tender: "cash" as const, amount: 50_00 }];
  const command = { command: "TopUp", member, principal: 50_00, bonus: 0, tenders } as const;
  const wrong = await act(shop.replica, { ...command, tenders: [...tenders] });
  await shop.agree();
  const { proposal } = (await shop.restore({ propose: true, reason: "充错了" })).json;
  await shop.approve(proposal);
  await act(shop.replica, { command: "Reverse", target: wrong, reason: "自己撤了" });
  await shop.agree();
  const refused = await shop.restore({ carryOut: proposal });
  expect(refused.json.error).toMatchObject({
    code: "outdated",
    disturbances: [{ kind: "LotsVoided", member }],
  });
  expect(refused.text).toContain("propose again");
  expect((await shop.run("approve list")).json.proposals).toMatchObject([
    { id: proposal, standing: "approved" },
  ]);
  expect((await shop.restore({})).json.members).toEqual([]);
  expect((await shop.restore({ propose: true, reason: "再来" })).json.error.code).toBe(
    "nothing-to-restore",
  );
});

test("a new sale does not stand against it, and stays; a list that was changed or lost does [VR3]", async () => {
  const { shop, member } = await shopWithMisdeeds();
  const { proposal } = (await shop.restore({ propose: true, reason: "店员改错了" })).json;
  await shop.approve(proposal);
  await charge(shop.replica, member, 5_00);
  await shop.agree();
  const folder = join(shop.dir, "restores");
  const [name = ""] = await readdir(folder);
  const kept = await readFile(join(folder, name), "utf8");
  await writeFile(join(folder, name), kept.replace('"principal":3000', '"principal":300000'));
  expect((await shop.restore({ carryOut: proposal })).json.error.code).toBe("plan-changed");
  await writeFile(join(folder, name), "{");
  expect((await shop.restore({ carryOut: proposal })).json.error.code).toBe("plan-missing");
  await writeFile(join(folder, name), kept);
  expect(await shop.restore({ carryOut: proposal })).toMatchObject({ exit: 0 });
  await shop.agree();
  expect(shop.replica.member(member)?.balance).toBe(95_00);
});

test("a scope, a version or a batch that is not there is named, with what to do", async () => {
  const shop = await Shop.open();
  await shop.keepVersion();
  const codeOf = async (args: Record<string, unknown>) =>
    (await shop.restore(args)).json.error?.code;
  expect(await codeOf({ scope: "store:nowhere" })).toBe("no-such-store");
  expect(await codeOf({ scope: "member:a@b:1" })).toBe("member-unknown");
  expect(await codeOf({ scope: "everything" })).toBe("scope-malformed");
  expect(await codeOf({ id: "20200101T000000000Z-abcdef" })).toBe("no-snapshot");
  expect(await codeOf({ undo: "a@b:1" })).toBe("no-such-restore");
  expect(await codeOf({ carryOut: "nothing" })).toBe("no-such-proposal");
});

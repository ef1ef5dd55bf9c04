import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { dataCommands } from "../../server/cli/data-commands.ts";
import { type CatalogueData, emptyCatalogue } from "../../server/data/catalogue.ts";
import { type OpenData, openData } from "../../server/data/open-data.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import { carryOut } from "../../server/restoring/carry-out.ts";
import { replaceFile } from "../../server/storage/whole-files.ts";
import { newRecoveryKey, recoverySigner } from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { foundFromServer } from "../../shared/replica/found-organisation.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { effort } from "../harness/effort.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";
import { signerOf } from "../harness/organisation.ts";
import { memoryLog } from "./server-harness.ts";

const boss: AuthorityKey = { by: "staff:", signer: signerOf("boss") };
/** In three runs. */
const members = 7;
const membersAtOnce = 3;

/** A server whose disk is ours; its catalogue, which can be had again, is forgotten at every start. */
function platformOn(files: ForgetfulFiles): ServerPlatform {
  const node = createNodePlatform(memoryLog());
  return {
    ...node,
    files,
    freeBytes: async () => 2 ** 40,
    folderStore: (folder) => createFolderStore(folder, { files }),
    processes: { self: () => ({ pid: 1, started: "" }), isAlive: () => false },
    lockFiles: {
      async createNew(path, content) {
        if (await files.stat(path)) return false;
        await replaceFile(files, path, utf8(content));
        return true;
      },
    },
    async openCatalogue() {
      const data: CatalogueData = emptyCatalogue();
      return {
        damaged: [],
        data: () => data,
        async update(change) {
          change(data);
        },
      };
    },
  };
}

class Server {
  readonly data: OpenData;
  readonly #platform: ServerPlatform;

  private constructor(data: OpenData, platform: ServerPlatform) {
    this.data = data;
    this.#platform = platform;
  }

  static async open(files: ForgetfulFiles): Promise<Server> {
    const platform = platformOn(files);
    return new Server(await openData({ dir: "/data" }, platform), platform);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  async run(name: string, args: Record<string, unknown> = {}): Promise<any> {
    const { data } = this;
    const outcome = await dataCommands[name]?.({ data, platform: this.#platform }, args);
    return outcome ?? expect.fail(name);
  }

  async found(): Promise<void> {
    const { clock, random, signatures } = this.#platform;
    const { identity, relay } = this.data;
    const recovery = newRecoveryKey(random);
    const names = { name: "有备小店", storeName: "总店", ownerName: "王" };
    const server = { device: identity.device, key: identity.signer.publicKey };
    const place = { timeZone: "Asia/Shanghai", till: true, inviteMs: 60_000 };
    const tools = { clock, random, signatures, recovery, server };
    const { entries } = await foundFromServer({ ...tools, ...names, ...place });
    await relay.found(entries);
    const [staff = ""] = relay.authority?.staff.keys() ?? [];
    const [store = ""] = relay.authority?.stores.keys() ?? [];
    const keys = { key: signerOf("pc").publicKey, staffKey: boss.signer.publicKey };
    const body = { device: "pc", name: "pc", store, ceiling: "owner", till: false, staff, ...keys };
    const card = { by: "recovery", signer: recoverySigner(recovery) };
    const entry = { kind: "DeviceEnrolled", body } as const;
    await sequenceSigned(relay, entry as never, [card], clock.nowMs());
  }

  async approve(proposal: string): Promise<void> {
    const { relay } = this.data;
    const [staff = ""] = relay.authority?.staff.keys() ?? [];
    const entry = { kind: "ActApproved", body: { proposal } } as const;
    const key = { ...boss, by: `staff:${staff}` };
    const approved = await sequenceSigned(relay, entry, [key], Date.now());
    expect(approved.ok).toBe(true);
  }

  async propose(id: string): Promise<string> {
    const args = { id, scope: "all", propose: true, reason: "导错了" };
    const proposed = await this.run("snapshot restore", args);
    await this.approve(proposed.json.proposal);
    return proposed.json.proposal;
  }

  /** What the command does, in runs of a few members. */
  carryOut(proposal: string) {
    const { data } = this;
    const { relay, identity, snapshots, dir } = data;
    const key = { by: `device:${identity.device}`, signer: identity.signer };
    const { clock, files } = this.#platform;
    const nowMs = clock.nowMs();
    const deps = {
      ...{ relay, dir, files, nowMs, membersAtOnce },
      versionBefore: async () => (await snapshots.snapshotBefore("going back")).ok,
      use: (id: string) =>
        sequenceSigned(relay, { kind: "ActDone", body: { proposal: id } }, [key], nowMs),
    };
    return carryOut(deps, proposal);
  }

  get listed(): number {
    return summarise(this.data.relay.ledger).counts.members;
  }
}

/** A version without members, then an import of more than one run holds, and an approved return. */
async function approvedReturn() {
  const files = new ForgetfulFiles();
  const server = await Server.open(files);
  await server.found();
  const id = (await server.run("snapshot create")).json.id;
  const rows = Array.from(
    { length: members },
    (_, at) => `会员${at},138${String(at).padStart(8, "0")},${at + 1}.50`,
  );
  await files.makeFolder("/in");
  await replaceFile(files, "/in/members.csv", utf8(`姓名,手机号,余额\n${rows.join("\n")}\n`));
  expect(await server.run("import", { members: "/in/members.csv" })).toMatchObject({ exit: 0 });
  const proposal = await server.propose(id);
  const { liabilities } = summarise(server.data.relay.ledger);
  await server.data.close();
  return { files, id, proposal, owed: liabilities.principal };
}

test("a server that dies at any step of it has gone back as a whole, or not at all, and can go on [VR5]", async () => {
  const { files, id, proposal, owed } = await approvedReturn();
  let died = 0;
  let usedUp = 0;
  const stride = effort(2, 1);
  for (let step = 1, isDone = false; !isDone; step += stride) {
    const disk = files.copy();
    const dying = await Server.open(disk);
    disk.dieAfter(step);
    isDone = await dying.carryOut(proposal).then(
      ({ ok }) => ok,
      () => false,
    );
    await dying.data.close().catch(() => undefined);
    disk.loseUnsynced();
    const server = await Server.open(disk);
    const { listed } = server;
    const state = summarise(server.data.relay.ledger);
    expect([0, members]).toContain(listed);
    expect(state.liabilities.principal).toBe(listed === 0 ? 0 : owed);
    expect(Object.values(state.trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
    if (isDone) expect(listed).toBe(0);
    else if (listed > 0) {
      died++;
      const again = await server.carryOut(proposal);
      if (!again.ok) {
        expect(again.refusal.code).toBe("not-approved");
        usedUp++;
        const next = await server.propose(id);
        expect((await server.carryOut(next)).ok).toBe(true);
      }
      expect(server.listed).toBe(0);
    }
    await server.data.close();
  }
  expect(died).toBeGreaterThan(3);
  expect(usedUp).toBeGreaterThan(0);
}, 60_000);

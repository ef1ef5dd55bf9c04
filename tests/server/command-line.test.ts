import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { runProgram } from "../../server/cli/program.ts";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { atEnd, eventually, memoryLog, scratchFolder } from "./server-harness.ts";

const fixtures = join(import.meta.dirname, "../fixtures/imports");
const files = [
  ...["--members", join(fixtures, "members-export.csv")],
  ...["--purchases", join(fixtures, "purchases-export.csv")],
];

interface Ran {
  exit: number;
  out: string;
  err: string;
  /** parsed `--json` output: exactly one document */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever a command prints
  json: any;
}

/** The program as `main` puts it together, in this process. */
async function youbei(
  args: readonly string[],
  io: { typed?: string; stop?: Promise<string>; onOut?: (text: string) => void } = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const exit = await runProgram(args, {
    platform: createNodePlatform(memoryLog()),
    control: unixControlSocket,
    signals: {
      first: () => io.stop ?? new Promise(() => {}),
      forceAfter: () => {},
    },
    env: {},
    folder: import.meta.dirname,
    typed: async () => io.typed ?? "",
    out(text) {
      out += text;
      io.onOut?.(text);
    },
    err(text) {
      err += text;
    },
  });
  const json = args.includes("--json") && out !== "" ? JSON.parse(out) : undefined;
  return { exit, out, err, json };
}

async function shop(dir: string): Promise<{ code: string; words: string[] }> {
  const { json } = await youbei([
    ...["init", "--org", "有备小店", "--store", "总店", "--owner", "王", "--json"],
    ...["--data", dir],
  ]);
  return { code: json.pairingCode, words: json.recoveryKey.zh };
}

/** Serves until the test ends, or until told to stop. */
async function serving(dir: string, port = "0"): Promise<{ url: string; stop(): Promise<Ran> }> {
  let stop = (_signal: string): void => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let url = "";
  const ran = youbei(["serve", "--json", "--data", dir, "--port", port], {
    stop: stopped,
    onOut: (text) => {
      ({ url } = JSON.parse(text) as { url: string });
    },
  });
  const end = () => {
    stop("SIGTERM");
    return ran;
  };
  atEnd(async () => void (await end()));
  await eventually(() => url !== "", "the server listens");
  return { url, stop: end };
}

const stateHash = async (dir: string): Promise<StateSummary> =>
  (await youbei(["state-hash", "--json", "--data", dir])).json;

describe("import", () => {
  test("lands the old system's members equal to the control totals, and is undone to nothing", async () => {
    const dir = await scratchFolder();
    await shop(dir);
    const dry = await youbei(["import", ...files, "--dry-run", "--json", "--data", dir]);
    const totals = {
      members: 2357,
      openingFen: 93_161_822,
      purchases: 6919,
      purchasesFen: 24_409_194,
    };
    expect(dry.json.totals).toMatchObject(totals);
    expect((await stateHash(dir)).counts.members).toBe(0);

    const ran = await youbei(["import", ...files, "--staff", "王", "--json", "--data", dir]);
    expect(ran.exit).toBe(0);
    expect(ran.json.totals).toMatchObject(totals);
    const state = await stateHash(dir);
    expect(state.counts).toMatchObject({
      members: 2357,
      oldPurchases: 6919,
      refused: 0,
      waiting: 0,
    });
    expect(state.liabilities).toEqual({ principal: 93_161_822, bonus: 0 });
    expect(state.oldPurchasesFen).toBe(24_409_194);
    expect((await youbei(["verify", "--data", dir])).exit).toBe(0);

    const again = await youbei(["import", ...files, "--dry-run", "--json", "--data", dir]);
    expect(again.json.totals.members).toBe(0);

    const undo = ["import", "undo", ran.json.batch, "--reason", "试一下", "--json", "--data", dir];
    expect(await youbei(undo)).toMatchObject({ exit: 0, json: { undone: true, kept: [] } });
    const left = await stateHash(dir);
    expect(left.counts).toMatchObject({ members: 0, lots: 0, oldPurchases: 0, refused: 0 });
    expect(left.liabilities).toEqual({ principal: 0, bonus: 0 });
    expect(Object.values(left.trialBalance).filter((fen) => fen !== 0)).toEqual([]);
    expect(await youbei(undo)).toMatchObject({
      exit: 1,
      json: { error: { code: "already-undone" } },
    });
    const { json: snapshots } = await youbei(["snapshot", "list", "--json", "--data", dir]);
    expect(snapshots.snapshots[0].reason).toBe("before import");
  });

  test("goes home to the only till at its next contact, and comes back when undone", async () => {
    const dir = await scratchFolder();
    const { code } = await shop(dir);
    const { json: imported } = await youbei(["import", ...files, "--json", "--data", dir]);
    const { url } = await serving(dir);
    const replica = join(await scratchFolder(), "replica");
    const join_ = ["replica", "join", "--server", url, "--code", code, "--data", replica];
    expect((await youbei(join_)).exit).toBe(0);
    expect((await youbei(["replica", "sync", "--data", replica])).exit).toBe(0);
    const here = async (): Promise<StateSummary> =>
      (await youbei(["replica", "state-hash", "--json", "--data", replica])).json;
    await eventually(async () => {
      await youbei(["replica", "sync", "--data", replica]);
      return (await here()).hash === (await stateHash(dir)).hash;
    }, "the replica has what the server moved to it");
    // A member that nobody knows yet is charged from what came home.
    const { json: exported } = await youbei([
      ...["replica", "export", "--out", join(replica, "../out"), "--json", "--data", replica],
    ]);
    expect(exported.state.liabilities.principal).toBe(93_161_822);
    const undo = ["import", "undo", imported.batch, "--reason", "错了", "--json", "--data", dir];
    const undone = await youbei(undo);
    expect(undone.json.kept.length).toBe(601);
    expect(undone.json.kept[0].why).toBe("value-outstanding");
    await eventually(async () => {
      await youbei(["replica", "sync", "--data", replica]);
      return (await stateHash(dir)).counts.members === 0;
    }, "the till takes back the lots at its next contact");
    expect((await stateHash(dir)).liabilities).toEqual({ principal: 0, bonus: 0 });
  }, 60_000);

  test("says what is wrong with a file, and writes nothing", async () => {
    const dir = await scratchFolder();
    await shop(dir);
    const bad = join(dir, "bad.csv");
    for (const [content, code] of [
      [new Uint8Array(0), "empty-file"],
      [Buffer.from("PK\x03\x04 no csv at all \x00\x00"), "spreadsheet-file"],
      [Buffer.from("only,headings\n"), "no-rows"],
    ] as const) {
      await writeFile(bad, content);
      const ran = await youbei(["import", "--members", bad, "--json", "--data", dir]);
      expect(ran).toMatchObject({ exit: 1, json: { error: { code } } });
    }
    const missing = await youbei(["import", "--members", "no.csv", "--json", "--data", dir]);
    expect(missing.json.error.code).toBe("no-such-file");
    const nobody = await youbei(["import", ...files, "--staff", "李", "--json", "--data", dir]);
    expect(nobody.json.error.code).toBe("staff-unknown");
    expect((await stateHash(dir)).counts.operations).toBe(0);
  });
});

describe("output and exit codes", () => {
  test("bad usage is 3, a refusal 1; --json prints one document either way", async () => {
    const dir = await scratchFolder();
    for (const args of [
      ["nonsense"],
      ["init"],
      ["serve", "--port", "many"],
      ["snapshot", "show"],
      [],
      ["replica"],
    ]) {
      const plain = await youbei([...args, "--data", dir]);
      expect([args, plain.exit, plain.out]).toEqual([args, 3, ""]);
      const { exit, json } = await youbei([...args, "--json", "--data", dir]);
      expect([args, exit, json?.error?.code]).toEqual([args, 3, "usage"]);
    }
    const status = await youbei(["status", "--json", "--data", dir]);
    expect(status).toMatchObject({ exit: 0, json: { mode: "new" }, err: "" });
    const snapshot = await youbei(["snapshot", "create", "--json", "--data", dir]);
    expect(snapshot).toMatchObject({ exit: 1, json: { error: { code: "not-founded" } } });
    expect((await youbei(["--help"])).exit).toBe(0);
  });

  test("init founds once, and says what is wrong with a name", async () => {
    const dir = await scratchFolder();
    const long = "有".repeat(81);
    const bad = ["init", "--org", long, "--store", "s", "--owner", "o", "--json", "--data", dir];
    expect(await youbei(bad)).toMatchObject({ exit: 1, json: { error: { code: "name-invalid" } } });
    const { words } = await shop(dir);
    expect(words).toHaveLength(12);
    const again = ["init", "--org", "a", "--store", "s", "--owner", "o", "--json", "--data", dir];
    expect(await youbei(again)).toMatchObject({
      exit: 1,
      json: { error: { code: "already-founded" } },
    });
  });

  test("a port that is taken is told as such, with what to do", async () => {
    const [dir, other] = [await scratchFolder(), await scratchFolder()];
    await shop(dir);
    const { url, stop } = await serving(dir);
    const { port } = new URL(url);
    const args = ["serve", "--json", "--data", other, "--port", port];
    expect(await youbei(args)).toMatchObject({
      exit: 1,
      json: { error: { code: "address-in-use", message: expect.stringContaining("YOUBEI_PORT") } },
    });
    await stop();
    const elsewhere = ["serve", "--json", "--data", other, "--port", "0", "--host", "192.0.2.1"];
    const { json } = await youbei(elsewhere);
    expect(JSON.stringify(json)).toContain("address-not-here");
  });

  test("a running server does the work itself; the folder stays its own", async () => {
    const dir = await scratchFolder();
    await shop(dir);
    const server = await serving(dir);
    const status = await youbei(["status", "--json", "--data", dir]);
    expect(status.json).toMatchObject({ running: true, url: server.url, mode: "ready" });
    const taken = await youbei(["snapshot", "create", "--reason", "手动", "--json", "--data", dir]);
    expect(taken.json.reason).toBe("手动");
    expect((await youbei(["verify", "--json", "--data", dir])).json.ok).toBe(true);
    const second = await youbei(["serve", "--json", "--data", dir, "--port", "0"]);
    expect(second).toMatchObject({ exit: 1, json: { error: { code: "locked" } } });
    expect((await server.stop()).exit).toBe(0);
    const after = await youbei(["status", "--json", "--data", dir]);
    expect(after.json).toMatchObject({ running: false, mode: "ready" });
  });

  test("recover from a snapshot: wrong words change nothing, the right ones bring it back", async () => {
    const dir = await scratchFolder();
    const { words } = await shop(dir);
    await youbei(["import", ...files, "--data", dir]);
    await youbei(["snapshot", "create", "--data", dir]);
    const before = await stateHash(dir);
    const other = await shop(await scratchFolder());
    const recover = (key: string[], ...more: string[]) =>
      youbei(["recover", "--recovery-key-file", "-", ...more, "--json", "--data", dir], {
        typed: key.join(""),
      });
    expect(await recover(["不是", "钥匙"])).toMatchObject({
      exit: 1,
      json: { error: { code: "recovery-key-malformed" } },
    });
    expect((await recover(words)).json.error.code).toBe("live-data");
    expect((await recover(other.words, "--move-aside")).json.error.code).toBe("wrong-recovery-key");
    expect(await stateHash(dir)).toEqual(before);
    const recovered = await recover(words, "--move-aside");
    expect(recovered).toMatchObject({ exit: 0, json: { term: 2 } });
    const after = await stateHash(dir);
    expect(after.hash).toBe(before.hash);
    expect(after.liabilities).toEqual(before.liabilities);
  });
});

describe("damage", () => {
  test("a flipped bit anywhere in the live store is found, named, and ends with 2", async () => {
    const dir = await scratchFolder();
    await shop(dir);
    await youbei(["import", ...files, "--data", dir]);
    const live = join(dir, "live");
    const found = await readdir(live, { recursive: true });
    const records = found.filter(
      (path) => path.endsWith(".records") && !path.startsWith("commits"),
    );
    expect(records.length).toBe(3);
    for (const path of records) {
      const bytes = await readFile(join(live, path));
      for (const share of [0.1, 0.5, 0.999]) {
        const at = Math.floor(bytes.length * share);
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 4;
        await writeFile(join(live, path), flipped);
        const ran = await youbei(["verify", "--json", "--data", dir]);
        expect([path, share, ran.exit]).toEqual([path, share, 2]);
        expect(JSON.stringify(ran.json.damage)).toContain(path.replace(/\.records$/, ""));
        await writeFile(join(live, path), bytes);
      }
    }
    expect((await youbei(["verify", "--data", dir])).exit).toBe(0);
  }, 60_000);

  test("a damaged snapshot is found, and is not restored", async () => {
    const dir = await scratchFolder();
    const { words } = await shop(dir);
    await youbei(["import", ...files, "--data", dir]);
    await youbei(["snapshot", "create", "--data", dir]);
    const blobs = join(dir, "snapshots", "blobs");
    const [blob = ""] = await readdir(blobs);
    const bytes = await readFile(join(blobs, blob));
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(join(blobs, blob), bytes);
    const verified = await youbei(["snapshot", "verify", "--json", "--data", dir]);
    expect(verified.exit).toBe(2);
    expect(JSON.stringify(verified.json.damage)).toContain(blob);
    const recover = ["recover", "--recovery-key-file", "-", "--json", "--data", dir];
    const ran = await youbei([...recover, "--move-aside"], { typed: words.join(" ") });
    expect(ran.exit).toBe(2);
    expect((await stateHash(dir)).counts.members).toBe(2357);
  });
});

describe("a headless replica", () => {
  test("works offline, syncs, and exports what plain Yjs opens", async () => {
    const dir = await scratchFolder();
    const { code } = await shop(dir);
    const server = await serving(dir);
    const replica = join(await scratchFolder(), "replica");
    const out = join(replica, "../out");
    const wrong = ["replica", "join", "--server", server.url, "--code", "AAAA-BBBB-CCCC-DDDD"];
    expect(await youbei([...wrong, "--json", "--data", replica])).toMatchObject({
      exit: 1,
      json: { error: { code: "not-accepted" } },
    });
    const join_ = ["replica", "join", "--server", server.url, "--code", code, "--data", replica];
    expect((await youbei(join_)).exit).toBe(0);
    expect((await youbei(join_)).exit).toBe(1);
    const act = (command: object, ...more: string[]) =>
      youbei(["replica", "do", JSON.stringify(command), ...more, "--json", "--data", replica]);
    const added = await act({
      command: "AddMember",
      fields: { name: "张三", phone: "13800000001" },
    });
    expect(added.json).toMatchObject({ unsent: 0, operations: [expect.any(String)] });
    await server.stop();
    const [member] = added.json.operations;
    const topUp = {
      command: "TopUp",
      member,
      principal: 10_000,
      tenders: [{ tender: "cash", amount: 10_000 }],
    };
    expect((await act(topUp, "--offline")).json).toMatchObject({ unsent: 1 });
    expect((await act({ command: "Dance" }, "--offline")).json.error.code).toBe(
      "command-malformed",
    );
    expect(
      (await act({ command: "AddStaff", name: "李", role: "cashier" }, "--offline")).json,
    ).toEqual({
      error: { code: "offline", message: expect.any(String) },
    });
    const again = await serving(dir, new URL(server.url).port);
    expect(again.url).toBe(server.url);
    const synced = await youbei(["replica", "sync", "--json", "--data", replica]);
    expect(synced).toMatchObject({ exit: 0, json: { synced: true, unsent: 0 } });
    const here = (await youbei(["replica", "state-hash", "--json", "--data", replica])).json;
    expect(here).toEqual(await stateHash(dir));
    const staff = await act({ command: "AddStaff", name: "李", role: "cashier" });
    expect(staff.exit).toBe(0);
    const exported = await youbei(["replica", "export", "--out", out, "--json", "--data", replica]);
    const doc = new Y.Doc();
    const journal = exported.json.documents.find(
      (one: { name: string }) => one.name !== "authority",
    );
    for (const { file } of journal.updates) Y.applyUpdate(doc, await readFile(join(out, file)));
    expect(doc.getArray("0").length).toBe(journal.elements);
  }, 60_000);
});

import { formatYuan } from "../../shared/money/fen.ts";
import type { Finding } from "../snapshots/finding.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { isSignedBy, type Manifest, pagesOf } from "../snapshots/manifest.ts";
import type { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { verifySnapshot } from "../snapshots/verify-snapshot.ts";
import { type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { manifestLines } from "./manifest-lines.ts";
import { damaged, failed, finished, type Outcome } from "./outcome.ts";
import { liveDamaged } from "./snapshot-before.ts";

/** Takes a version of everything, now. */
export const snapshotCreateCommand: DataCommand = async ({ data }, args) => {
  const reason = (textArg(args, "reason") ?? "by hand").trim().slice(0, 200) || "by hand";
  const taken = await data.snapshots.take({ reason, unlessSame: false });
  if (!taken.ok && taken.refusal === "damaged") return liveDamaged();
  if (!taken.ok) return failed(taken.refusal, "There is no organisation yet.");
  const { id, reason: kept, time, term, state } = taken.value.manifest;
  return finished(
    { id, time, reason: kept, term, state: state.hash },
    `Snapshot ${id} is taken (${kept}).`,
  );
};

/** All versions; made anew from the manifests when asked. */
export const snapshotListCommand: DataCommand = async ({ data }, args) => {
  const isRebuilt = args["rebuild"] === true;
  const { snapshots, unreadable } = isRebuilt
    ? await data.snapshots.relist()
    : await data.snapshots.list();
  const lines = [
    ...snapshots.map(
      ({ id, reason, term, members, operations, bytes }) =>
        `${id} · term ${term} · ${members} members, ${operations} operations, ${Math.ceil(bytes / 1024)} KiB · ${reason}`,
    ),
    ...unreadable.map((id) => `${id} · DAMAGED: its manifest cannot be read`),
  ];
  const text = lines.length > 0 ? lines.join("\n") : "No snapshot yet.";
  return unreadable.length > 0
    ? damaged({ snapshots, unreadable }, text)
    : finished({ snapshots, unreadable }, text);
};

/** What a version holds, in words; `--json` gives the manifest as it is. */
export const snapshotShowCommand: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const id = await chosenId(context, textArg(args, "id"));
  if (id === undefined) return noSuchSnapshot();
  const manifest = await readSnapshot(data.snapshotFolder, id);
  if (!manifest) return damaged({ error: { code: "damaged", id } }, `${id}: unreadable manifest.`);
  const { authority } = data.relay;
  const server = authority?.devices.get(manifest.server);
  const isSigned =
    server?.server === true && (await isSignedBy(manifest, server.key, platform.signatures));
  const check = data.catalogue.data().snapshotCheck;
  const checkedMs = check?.id === id && check.ok ? check.atMs : undefined;
  const missing = await missingBlobs(data.snapshotFolder, manifest);
  const facts = { isSigned, serverName: server?.name, checkedMs, missing: missing.length };
  const text = manifestLines(manifest, facts).join("\n");
  const isWhole = isSigned && missing.length === 0;
  return isWhole ? finished(manifest, text) : damaged(manifest, text);
};

async function missingBlobs(folder: SnapshotFolder, manifest: Manifest): Promise<string[]> {
  const missing: string[] = [];
  for (const { sha256, bytes } of pagesOf(manifest))
    if ((await folder.blobSize(sha256)) !== bytes) missing.push(sha256);
  return missing;
}

/** Reads snapshots back, rebuilds everything from each alone, and compares. */
export const snapshotVerifyCommand: DataCommand = async (context, args) => {
  const wanted = textArg(args, "id");
  if (wanted === "all") return verifyAll(context);
  const id = await chosenId(context, wanted);
  return id === undefined ? noSuchSnapshot() : verifyOne(context, id);
};

/** The newest last, so that it is the one that is remembered unless another one is damaged. */
async function verifyAll(context: DataContext): Promise<Outcome> {
  const ids = await context.data.snapshotFolder.ids();
  if (ids.length === 0) return noSuchSnapshot();
  const parts: Outcome[] = [];
  for (const id of ids) parts.push(await verifyOne(context, id));
  const bad = ids.filter((_, at) => parts[at]?.exit !== 0);
  const [first] = bad;
  const { clock } = context.platform;
  if (first !== undefined)
    await context.data.catalogue.update((kept) => {
      kept.snapshotCheck = { id: first, atMs: clock.nowMs(), ok: false };
    });
  const json = { ok: bad.length === 0, snapshots: parts.map(({ json }) => json) };
  const text = parts.map((part) => part.text).join("\n");
  return bad.length === 0 ? finished(json, text) : damaged(json, text);
}

async function verifyOne({ data, platform }: DataContext, id: string): Promise<Outcome> {
  const { signatures, clock } = platform;
  const checks = { signatures, nowMs: clock.nowMs() };
  const report = await verifySnapshot(data.snapshotFolder, id, checks);
  const { ok, damage, missingKeys, checked, state } = report;
  await data.catalogue.update((kept) => {
    kept.snapshotCheck = { id, atMs: clock.nowMs(), ok };
  });
  const json = { id, ok, damage, missingKeys, checked, state };
  if (!ok) return damaged(json, [`${id} is damaged:`, ...damage.map(textOf)].join("\n"));
  const owed = state ? state.liabilities.principal + state.liabilities.bonus : 0;
  return finished(
    json,
    [
      `${id} is whole: ${checked.elements} elements, ${checked.seals} seals, state ${state?.hash}`,
      `${state?.counts.members} members, owed ¥${formatYuan(owed)}`,
      ...(missingKeys > 0 ? [`${missingKeys} members' keys were not at the server`] : []),
    ].join("\n"),
  );
}

/** The newest without one. */
export async function chosenId(
  { data }: DataContext,
  wanted: string | undefined,
): Promise<string | undefined> {
  const ids = await data.snapshotFolder.ids();
  return wanted === undefined || wanted === "newest" ? ids.at(-1) : ids.find((id) => id === wanted);
}

export const noSuchSnapshot = (): Outcome =>
  failed("no-snapshot", "There is no such snapshot: see `snapshot list`.");

export const textOf = ({ where, what }: Finding): string => `  ${where}: ${what}`;

import { formatYuan } from "../../shared/money/fen.ts";
import type { Finding } from "../snapshots/finding.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { writeManifest } from "../snapshots/manifest.ts";
import { verifySnapshot } from "../snapshots/verify-snapshot.ts";
import { type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { damaged, failed, finished } from "./outcome.ts";
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

export const snapshotListCommand: DataCommand = async ({ data }) => {
  const { snapshots, unreadable } = await data.snapshots.list();
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

export const snapshotShowCommand: DataCommand = async (context, args) => {
  const { snapshotFolder } = context.data;
  const id = await chosenId(context, textArg(args, "id"));
  if (id === undefined) return failed("no-snapshot", "There is no such snapshot.");
  const manifest = await readSnapshot(snapshotFolder, id);
  return manifest
    ? finished(manifest, writeManifest(manifest).trimEnd())
    : damaged({ error: { code: "damaged", id } }, `${id}: its manifest cannot be read.`);
};

/** Reads a snapshot back, rebuilds everything from it alone, and compares. */
export const snapshotVerifyCommand: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const id = await chosenId(context, textArg(args, "id"));
  if (id === undefined) return failed("no-snapshot", "There is no such snapshot.");
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
};

/** The newest without one. */
async function chosenId(
  { data }: DataContext,
  wanted: string | undefined,
): Promise<string | undefined> {
  const ids = await data.snapshotFolder.ids();
  return wanted === undefined || wanted === "newest" ? ids.at(-1) : ids.find((id) => id === wanted);
}

export const textOf = ({ where, what }: Finding): string => `  ${where}: ${what}`;

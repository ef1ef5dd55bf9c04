import { activeTills, homeDevice } from "../../shared/access/authority-state.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import type { CatalogueData } from "../data/catalogue.ts";
import { gatherSafety } from "../monitor/gather-safety.ts";
import { approvalLines } from "./approve-command.ts";
import type { DataCommand, DataContext } from "./data-command.ts";
import { finished } from "./outcome.ts";
import { safetyLines } from "./safety-lines.ts";
import { targetsStanding } from "./target-commands.ts";

/** Health at a glance: who is there, who holds what, what is wrong. */
export const statusCommand: DataCommand = async (context) => {
  const { data, running } = context;
  const { relay, state } = data;
  const { authority } = relay;
  if (!authority)
    return finished(
      { mode: "new", running: running !== undefined },
      "No organisation yet: open the server's address in a browser, or use `init`.",
    );
  const devices = devicesOf(context);
  const missing = running?.desk.missing() ?? [];
  const apart = relay.branches().map(({ chain, first, last }) => ({ chain, first, last }));
  const inDoubt = [...authority.devices.values()].flatMap(({ id, name, closed }) =>
    closed && closed.settledSince === undefined ? [{ id, name, goesOnAs: closed.by }] : [],
  );
  const disputed = disputedOf(context);
  const targets = await targetsStanding(context);
  const { clock, diskOf } = context.platform;
  const holders = () => running?.desk.holders() ?? [];
  const safety = await gatherSafety({ data, clock, diskOf, holders }).catch(() => undefined);
  const { snapshots, snapshotCheck } = data.catalogue.data();
  const latest = snapshots.at(-1);
  const json = {
    mode: "ready",
    running: running !== undefined,
    url: running?.url,
    organisation: { id: authority.org, name: authority.name },
    term: authority.term,
    server: relay.device,
    trouble: relay.trouble(),
    damaged: state.damaged,
    missing,
    apart,
    inDoubt,
    disputed,
    operations: [...relay.heads().values()].reduce((sum, { next }) => sum + next, 0),
    documents: relay.documents(),
    keys: relay.keyring.total,
    home: homeDevice(authority),
    tills: activeTills(authority).length,
    devices,
    latestSnapshot: latest,
    snapshots: { count: snapshots.length, newest: latest, verified: snapshotCheck },
    targets: targets.json,
    safety,
  };
  const lines = [
    `${authority.name} · term ${authority.term} · ${json.operations} operations`,
    running ? `serving at ${running.url}` : "not serving",
    json.trouble === undefined ? "accepting operations" : `NOT accepting: ${json.trouble}`,
    ...state.damaged.map(({ where, what }) => `damaged: ${where}: ${what}`),
    ...missing.map(({ chain, from, to }) => `missing: ${chain}, operations ${from} to ${to}`),
    ...apart.map(
      ({ chain, first, last }) => `kept apart: ${chain}, operations ${first} to ${last}`,
    ),
    ...inDoubt.map(
      ({ id, name, goesOnAs }) =>
        `in doubt: ${id} ${name}, its purse is frozen${goesOnAs === undefined ? "" : `; goes on as ${goesOnAs}`}`,
    ),
    ...(disputed.fen === 0
      ? []
      : [
          `disputed: ¥${formatYuan(disputed.fen)} of ${disputed.members.length} members was spent twice in good faith, or is to come back from tills; the server's purse answers for it (in the app: Settings → Records)`,
        ]),
    ...devices.map(
      ({ id, name, online, complete, till }) =>
        `${id} ${name}: ${online ? "online" : "away"}, ${complete ? "has everything" : "incomplete"}${till ? ", till" : ""}`,
    ),
    ...approvalLines(authority, context.platform.clock.nowMs()),
    latest
      ? `${snapshots.length} snapshots, newest ${latest.id} (${latest.reason}), ${checkText(snapshotCheck)}`
      : "no snapshot yet",
    ...(targets.lines.length > 0 ? targets.lines : ["NO BACKUPS: add a target with `target add`"]),
    ...(safety ? safetyLines(safety) : []),
  ];
  return finished(json, lines.join("\n"));
};

function checkText(check: CatalogueData["snapshotCheck"]): string {
  if (!check) return "NONE READ BACK YET: see `snapshot verify`";
  const { id, atMs, ok } = check;
  return `${ok ? "read back" : "DAMAGED"}: ${id} at ${new Date(atMs).toISOString()}`;
}

/** fen below zero, and whose */
function disputedOf({ data }: DataContext): { fen: number; members: string[] } {
  const found = data.relay.ledger.books.purses.disputed();
  const below = ({ leftPrincipal, leftBonus }: (typeof found)[number]) =>
    0 - Math.min(0, leftPrincipal) - Math.min(0, leftBonus);
  return {
    fen: found.reduce((sum, left) => sum + below(left), 0),
    members: [...new Set(found.map(({ member }) => member))],
  };
}

function devicesOf({ data, running }: DataContext) {
  const { authority } = data.relay;
  const holders = new Map((running?.desk.holders() ?? []).map((one) => [one.device, one]));
  const reports = data.catalogue.data().reports;
  return [...(authority?.devices.values() ?? [])]
    .filter((device) => !device.server && !device.closed)
    .map(({ id, name, till, ceiling, store }) => ({
      id,
      name,
      store,
      till,
      ceiling,
      online: holders.get(id)?.online ?? false,
      complete: holders.get(id)?.complete ?? reports[id]?.complete ?? false,
      lastHeardMs: reports[id]?.atMs,
    }));
}

/** The labelled hash of the folded state, with counts and trial balance. */
export const stateHashCommand: DataCommand = async ({ data }) => {
  if (!data.relay.authority) return finished({ mode: "new" }, "No organisation yet.");
  const summary = summarise(data.relay.ledger);
  const { counts, liabilities } = summary;
  const owed = formatYuan(liabilities.principal + liabilities.bonus);
  return finished(
    summary,
    [
      `state ${summary.hash}`,
      `heads ${summary.label.heads} · authority ${summary.label.authority} · fold ${summary.label.fold}`,
      `${counts.members} members, ${counts.operations} operations, ${counts.sales} sales, owed ¥${owed}`,
      `${counts.oldPurchases} old purchases, ¥${formatYuan(summary.oldPurchasesFen)}`,
      ...Object.entries(summary.trialBalance).map(
        ([account, amount]) => `  ${account} ${formatYuan(amount)}`,
      ),
    ].join("\n"),
  );
};

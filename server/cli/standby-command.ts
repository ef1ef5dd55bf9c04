import { join, resolve } from "node:path";
import type { Command } from "commander";
import { formatYuan } from "../../shared/money/fen.ts";
import type { Result } from "../../shared/outcome/result.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { DataUnavailable, lockFolder } from "../data/data-lock.ts";
import { joinHeadless } from "../headless/headless-replica.ts";
import { readOrigin } from "../https/origins.ts";
import type { ServerPlatform } from "../platform.ts";
import {
  type Lacking,
  type Promoted,
  type PromoteRefusal,
  promoteStandby,
} from "../standby/promote-standby.ts";
import { isServersFolder, isStandbysFolder, standbyFolder } from "../standby/standby-folder.ts";
import { type StandbyStanding, startStandby } from "../standby/standby-server.ts";
import { type CommandArgs, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";
import { noRecoveryKey, readRecoveryKey } from "./recovery-key-file.ts";
import { readTls, type ServeDeps, type ServeSettings, serve } from "./serve-command.ts";
import { noAddress, readAddress } from "./standby-data-commands.ts";

export interface StandbySettings extends ServeSettings {
  /** address of the server to follow; kept from the first time on */
  of?: string | undefined;
  /** pairing code, the first time */
  code?: string | undefined;
  /** how people will know this machine */
  name?: string | undefined;
  /** where devices would find it, once it is promoted */
  address?: string | undefined;
}

export interface PromoteSettings {
  dir: string;
  /** path of a file with the words on the recovery card */
  keyFile: string;
  despiteMissing: boolean;
}

const stopMsMax = 9000;
const lockTryMs = 100;
const lockTriesMost = 100;

/** Follows a server until asked to stop; promoted meanwhile, it goes on as the server. */
async function standby(settings: StandbySettings, deps: ServeDeps): Promise<Outcome> {
  const { platform, signals } = deps;
  const { dir } = settings;
  const stop = signals.first().then(() => "stop" as const);
  const unlock = await lockFolder(dir, platform);
  let until: "stop" | "promoted" | Outcome;
  try {
    const catalogue = await platform.openCatalogue(join(dir, "catalogue.json"));
    until =
      (await prepare(settings, catalogue, platform)) ??
      (await follow(settings, catalogue, deps, stop));
  } finally {
    await unlock();
  }
  if (typeof until !== "string") return until;
  // The address is the one that was told already.
  if (until === "promoted")
    return serveWhenFree(settings, { ...deps, onReady: () => undefined }, lockTriesMost);
  signals.forceAfter(stopMsMax);
  return finished({ stopped: true }, "Stopped.");
}

/** Somebody's `status` may have the folder for a moment: a server that was just promoted waits for it. */
async function serveWhenFree(
  settings: ServeSettings,
  deps: ServeDeps,
  triesLeft: number,
): Promise<Outcome> {
  try {
    return await serve(settings, deps);
  } catch (fault) {
    const isLocked = fault instanceof DataUnavailable && fault.code === "locked";
    if (!isLocked || triesLeft === 0) throw fault;
  }
  await new Promise<void>((resolveIt) => {
    deps.platform.timers.after(lockTryMs, resolveIt);
  });
  return serveWhenFree(settings, deps, triesLeft - 1);
}

/** @returns what keeps the folder from standing by */
async function prepare(
  { dir, of, code, name, address }: StandbySettings,
  catalogue: Catalogue,
  platform: ServerPlatform,
): Promise<Outcome | undefined> {
  const { files } = platform;
  if (await isServersFolder(dir, files))
    return failed("live-data", `${dir} holds a server's data: name another folder with --data.`);
  if (address !== undefined) {
    const fault = await noteAddress(address, catalogue);
    if (fault) return fault;
  }
  if (await isStandbysFolder(dir, files)) return undefined;
  if (of === undefined || code === undefined)
    return failed(
      "nothing-to-follow",
      "The first time, name the server and a pairing code for a device that is no till: standby --of https://… --code ….",
    );
  const asked = { server: of, code, name: name ?? "standby" };
  const joined = await joinHeadless(platform, standbyFolder(dir), asked);
  return joined.ok ? undefined : failed(joined.refusal, `Not joined: ${joined.refusal}.`);
}

async function noteAddress(address: string, catalogue: Catalogue): Promise<Outcome | undefined> {
  const at = readAddress(address);
  if (at === undefined) return noAddress(address);
  const origin = readOrigin(at);
  await catalogue.update((data) => {
    data.addresses = [...new Set([at, ...(data.addresses ?? [])])];
    if (origin !== undefined) data.origin = origin;
  });
  return undefined;
}

async function follow(
  settings: StandbySettings,
  catalogue: Catalogue,
  { platform, control, onReady }: ServeDeps,
  stop: Promise<"stop">,
): Promise<"stop" | "promoted" | Outcome> {
  const { dir, host, port, https, origins, certPath = "", keyPath = "" } = settings;
  const tls = await readTls(settings, platform);
  if (tls === "unreadable")
    return failed("certificate-unreadable", "The files of certificate and key cannot be read.");
  const tlsPaths = tls && { cert: certPath, key: keyPath };
  const start = () =>
    startStandby({ dir, catalogue, host, port, https, origins, tls, tlsPaths }, platform);
  let running = await start();
  let isPromoting = false;
  let promoted = () => {};
  const isPromoted = new Promise<"promoted">((resolveIt) => {
    promoted = () => resolveIt("promoted");
  });
  const controlled = await control.serve(dir, async (command, args) => {
    if (command === "status") return statusOf(running.standing());
    if (command !== "promote") return notPromoted(dir);
    if (isPromoting) return failed("promoting", "It is being promoted already.");
    isPromoting = true;
    await running.close();
    const outcome = await promoteHere(args, { dir, catalogue }, platform).catch(ofFault);
    if (outcome.exit === 0) promoted();
    else {
      running = await start();
      isPromoting = false;
    }
    return outcome;
  });
  onReady({ url: running.url, setupCode: undefined });
  const until = await Promise.race([stop, isPromoted]);
  await controlled.close();
  if (until === "stop") await running.close();
  return until;
}

/** Makes the standby in a folder the server, in the process that runs it if there is one. */
async function promote(
  { dir, keyFile, despiteMissing }: PromoteSettings,
  { platform, control }: Pick<ServeDeps, "platform" | "control">,
): Promise<Outcome> {
  const args = { keyFile, despiteMissing };
  const answered = await control.ask(dir, "promote", args);
  if (answered) return answered;
  const unlock = await lockFolder(dir, platform);
  try {
    const catalogue = await platform.openCatalogue(join(dir, "catalogue.json"));
    return await promoteHere(args, { dir, catalogue }, platform);
  } finally {
    await unlock();
  }
}

async function promoteHere(
  args: CommandArgs,
  { dir, catalogue }: { dir: string; catalogue: Catalogue },
  platform: ServerPlatform,
): Promise<Outcome> {
  const { files } = platform;
  if (!(await isStandbysFolder(dir, files)))
    return failed("no-standby", `${dir} is not the folder of a standby; nothing was changed.`);
  const typed = async () => "";
  const recovery = await readRecoveryKey(textArg(args, "keyFile") ?? "", { files, typed });
  if (!recovery) return noRecoveryKey();
  const despiteMissing = args["despiteMissing"] === true;
  const options = { dir, recovery, despiteMissing, catalogue };
  return outcomeOf(await promoteStandby(options, platform));
}

/** Nothing was put in place: it goes on standing by. */
const ofFault = (fault: unknown): Outcome =>
  failed("failed", fault instanceof Error ? fault.message : String(fault));

function outcomeOf(made: Result<Promoted, PromoteRefusal>): Outcome {
  if (made.ok) {
    const { term, state, lacking, awaited } = made.value;
    const owed = state.liabilities.principal + state.liabilities.bonus;
    return finished(
      made.value,
      [
        `Promoted: this is the server now, term ${term}. The old one is closed.`,
        `${state.counts.members} members, ${state.counts.operations} operations, owed ¥${formatYuan(owed)}`,
        ...linesOf(lacking),
        ...awaited.map(({ chain, from, to }) => `awaited: ${chain}, operations ${from} to ${to}`),
        "Devices come by themselves and bring what they have. Start it with `serve` if it does not run.",
      ].join("\n"),
    );
  }
  const { refusal } = made;
  switch (refusal.code) {
    case "wrong-recovery-key":
      return failed(
        refusal.code,
        "These words are not on this organisation's card; nothing was changed.",
      );
    case "live-data":
      return failed(refusal.code, `${refusal.folder} holds a server's data; nothing was changed.`);
    case "lacking":
      return failed(
        refusal.code,
        [
          "The old server had more than is here; nothing was changed.",
          ...linesOf(refusal.lacking),
          "If it can still be started, start it and wait until the standby has everything. If not: --despite-missing; devices that have these operations bring them.",
        ].join("\n"),
        { lacking: refusal.lacking },
      );
  }
}

const linesOf = ({ operations, entries }: Lacking): string[] => [
  ...operations.map(({ chain, from, to }) => `missing: ${chain}, operations ${from} to ${to}`),
  ...(entries > 0 ? [`missing: ${entries} changes of rights`] : []),
];

function statusOf(standing: StandbyStanding): Outcome {
  const { of, state, reason, organisation, term, operations, complete, missing } = standing;
  return finished(
    standing,
    [
      `${organisation.name} · standby of ${of} · term ${term} · ${operations} operations`,
      state === "online" ? "following" : `NOT following: ${reason ?? state}`,
      complete ? "has everything that it was told of" : "does not have everything yet",
      ...missing.map(({ chain, from, to }) => `missing: ${chain}, operations ${from} to ${to}`),
    ].join("\n"),
  );
}

const notPromoted = (dir: string): Outcome =>
  failed("standby", `${dir} stands by for another server: promote it first, or ask that one.`);

interface StandbyOptions {
  of?: string;
  code?: string;
  name?: string;
  address?: string;
  host: string;
  port: number;
  httpsPort: number;
}

export function describeStandby(
  program: Command,
  {
    serving,
    settings,
    deps,
    settle,
    onData,
    folder,
  }: {
    serving(command: Command): Command;
    settings(options: StandbyOptions): ServeSettings;
    deps: ServeDeps;
    settle(outcome: Outcome): void;
    onData(name: string): (args: CommandArgs) => Promise<void>;
    folder: string;
  },
): void {
  const command = serving(program.command("standby"))
    .description("follow a server on another machine, ready to take its place")
    .option("--of <address>", "the server's address, the first time")
    .option("--code <code>", "pairing code of a device that is no till, the first time")
    .option("--name <name>", "how people will know this machine")
    .option("--address <address>", "where devices would find this machine")
    .action(async (options: StandbyOptions) =>
      settle(await standby({ ...settings(options), ...ofStandby(options) }, deps)),
    );
  command
    .command("name <device>")
    .description("on the server: which device stands by, and at what address")
    .requiredOption("--at <address>", "where devices would find it")
    .action((device: string, { at }: { at: string }) =>
      onData("standby name")({ device, address: at }),
    );
  command
    .command("forget")
    .description("on the server: no machine stands by any more")
    .action(() => onData("standby forget")({}));
  program
    .command("promote")
    .description("make this standby the server, and close the old one for good")
    .requiredOption("--card <file>", "file with the twelve words of the recovery card")
    .option("--despite-missing", "although the old server is known to have had more")
    .action(async ({ card, despiteMissing }: { card: string; despiteMissing?: boolean }) => {
      const { dir } = settings({ host: "", port: 0, httpsPort: 0 });
      const keyFile = resolve(folder, card);
      settle(await promote({ dir, keyFile, despiteMissing: despiteMissing === true }, deps));
    });
}

const ofStandby = ({ of, code, name: called, address }: StandbyOptions) => ({
  of,
  code,
  name: called,
  address,
});

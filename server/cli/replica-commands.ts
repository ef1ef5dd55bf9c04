import { join, resolve } from "node:path";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { linesOf, readRescue, rescueSourceOf } from "../../shared/replica/rescue-file.ts";
import { takeRescue } from "../../shared/replica/take-rescue.ts";
import { jsonBytes } from "../data/data-lock.ts";
import { doCommand } from "../headless/do-command.ts";
import { type HeadlessReplica, joinHeadless, openHeadless } from "../headless/headless-replica.ts";
import { waitUntil } from "../headless/wait-until.ts";
import type { ServerPlatform } from "../platform.ts";
import { textOf } from "../recovery/rescue-source.ts";
import { saveRescue } from "../recovery/save-rescue.ts";
import type { StopSignals } from "../serve/stop-signals.ts";
import { sha256Hex } from "../snapshots/snapshot-folder.ts";
import { makeFolders, replaceFile } from "../storage/whole-files.ts";
import { type CommandArgs, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";
import { textOfRescue } from "./rescue-commands.ts";

export interface ReplicaContext {
  platform: ServerPlatform;
  dir: string;
  signals: StopSignals;
}

type ReplicaCommand = (context: ReplicaContext, args: CommandArgs) => Promise<Outcome>;

const contactMs = 5000;
const exchangeMs = 120_000;
/** Elements of one exported update. */
const elementsPerFile = 20_000;

const join_: ReplicaCommand = async ({ platform, dir }, args) => {
  const server = textArg(args, "server") ?? "";
  const code = textArg(args, "code") ?? "";
  const joined = await joinHeadless(platform, dir, { server, code, name: textArg(args, "name") });
  return joined.ok
    ? finished(joined.value, `Joined ${server} as ${joined.value.device}.`)
    : failed(joined.refusal, `Not joined: ${joined.refusal}.`);
};

/** Stays connected until asked to stop; goes on under a new identity where its own was in doubt. */
const run: ReplicaCommand = async (context) => {
  const { platform, signals } = context;
  const stop = signals.first().then(() => "stop" as const);
  for (;;) {
    const until = await withReplica(context, async (headless) => {
      const renewed = new Promise<"renewed">((resolve) => {
        const session = headless.connect(() => resolve("renewed"));
        session.subscribe(() => {
          const { state, reason } = session.status();
          platform.log.info({ state, reason, unsent: headless.replica.unsent() }, "replica");
        });
      });
      return finished({ until: await Promise.race([stop, renewed]) }, "");
    });
    if ((until.json as { until?: string }).until !== "renewed") break;
  }
  signals.forceAfter(contactMs);
  return finished({ stopped: true }, "Stopped.");
};

/** Does one command; sends it on when the server can be reached. */
const do_: ReplicaCommand = async (context, args) =>
  withReplica(context, async (headless) => {
    const { platform } = context;
    let json: unknown;
    try {
      json = JSON.parse(textArg(args, "command") ?? "");
    } catch {
      return failed("command-malformed", "The command is not JSON.");
    }
    const session = args["offline"] === true ? undefined : headless.connect();
    if (session) {
      const { timers } = platform;
      await waitUntil(
        timers,
        session,
        () => session.status().state === "offline" || session.isSettled(),
        contactMs,
      );
    }
    const isOnline = session?.status().state === "online";
    const staff = textArg(args, "staff");
    const recorded = await doCommand(platform, headless, json, {
      staff,
      session: isOnline ? session : undefined,
    });
    if (!recorded.ok) {
      const { code, ...extra } = recorded.refusal as { code: string };
      return failed(code, `Not done: ${JSON.stringify(recorded.refusal)}`, extra);
    }
    if (session && isOnline)
      await waitUntil(platform.timers, session, () => session.isSettled(), contactMs);
    const unsent = headless.replica.unsent();
    return finished(
      { ...recorded.value, unsent },
      `${JSON.stringify(recorded.value)}${unsent > 0 ? ` (${unsent} not at the server yet)` : ""}`,
    );
  });

/** Connects until everything is exchanged both ways. */
const sync: ReplicaCommand = async (context) =>
  withReplica(context, async (headless) => {
    const session = headless.connect();
    const { replica } = headless;
    const settled = await waitUntil(
      context.platform.timers,
      session,
      () => session.isSettled() && replica.isComplete(),
      exchangeMs,
    );
    const { state, reason } = session.status();
    if (!settled) return failed("not-synced", `Not everything is exchanged: ${reason ?? state}.`);
    return finished(
      { synced: true, unsent: replica.unsent(), heads: replica.heads().size },
      "Everything is exchanged.",
    );
  });

const stateHash: ReplicaCommand = async (context) =>
  withReplica(context, async ({ replica }) => {
    const summary = replica.summary();
    return finished(summary, `state ${summary.hash}`);
  });

/** Documents as plain Yjs updates, with a list of what they are. */
const export_: ReplicaCommand = async (context, args) =>
  withReplica(context, async ({ replica }) => {
    const { files } = context.platform;
    const out = textArg(args, "out") ?? "";
    if ((await files.list(out)).length > 0)
      return failed("not-empty", `${out} is not empty: name a new folder.`);
    const documents = [];
    for (const { name, length } of replica.documents()) {
      const updates = [];
      for (let at = 0; at < length; at += elementsPerFile) {
        const elements = await replica.readDocument(name, at, elementsPerFile);
        const bytes = writeUpdate(name, at, elements);
        const file = `${name.replaceAll("/", "-")}-${at}.update`;
        await makeFolders(files, out);
        await replaceFile(files, join(out, file), bytes);
        updates.push({ file, from: at, count: elements.length, sha256: sha256Hex(bytes) });
      }
      documents.push({ name, elements: length, updates });
    }
    const manifest = { format: "youbei-export", version: 1, documents, state: replica.summary() };
    await makeFolders(files, out);
    await replaceFile(files, join(out, "manifest.json"), jsonBytes(manifest));
    return finished(manifest, `${documents.length} documents written to ${out}.`);
  });

/** Everything that is here in one file, for whoever lost it. */
const rescue: ReplicaCommand = async (context, args) =>
  withReplica(context, async ({ replica }) => {
    const { files, clock } = context.platform;
    const path = resolve(textArg(args, "out") ?? "");
    const saved = await saveRescue(rescueSourceOf(replica, clock.nowMs()), path, files);
    return finished({ file: path, ...saved }, `${saved.operations} operations in ${path}.`);
  });

/** What a rescue file holds and this replica lacks; the server gets it at the next contact. */
const takeRescue_: ReplicaCommand = async (context, args) =>
  withReplica(context, async ({ replica }) => {
    const { files } = context.platform;
    const path = resolve(textArg(args, "file") ?? "");
    if (!(await files.stat(path))) return failed("no-such-file", `There is no ${path}.`);
    const taken = await takeRescue(replica, readRescue(linesOf(textOf(path, files))));
    if (!taken.ok)
      return failed(taken.refusal, `Nothing was taken: ${taken.refusal}.`, { file: path });
    return finished(taken.value, textOfRescue(taken.value));
  });

export const replicaCommands: Readonly<Record<string, ReplicaCommand>> = {
  join: join_,
  run,
  do: do_,
  sync,
  "state-hash": stateHash,
  export: export_,
  rescue,
  "take-rescue": takeRescue_,
};

async function withReplica(
  { platform, dir }: ReplicaContext,
  use: (headless: HeadlessReplica) => Promise<Outcome>,
): Promise<Outcome> {
  const headless = await openHeadless(platform, dir);
  try {
    return await use(headless);
  } finally {
    await headless.close();
  }
}

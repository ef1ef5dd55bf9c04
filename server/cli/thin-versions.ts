import { openProposals } from "../../shared/access/proposals.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { defaultRetention } from "../snapshots/keep-by-time.ts";
import type { Thinned } from "../snapshots/thin-snapshots.ts";
import type { DataCommand, DataContext } from "./data-command.ts";
import { failed, finished } from "./outcome.ts";

/**
 * `all-young`: none is old enough to go. `check-failed`: the version that was read back last is damaged,
 * so somebody has to look first. `restore-proposed`: somebody wants to go back, and does not say to
 * which version.
 */
type ThinRefusal = "not-founded" | "all-young" | "check-failed" | "restore-proposed";

const snapshotIds = /\d{8}T\d{9}Z-[0-9a-z]{6}/g;

/**
 * Thins the versions on this disk. What backups build on, what was read back last, and what somebody has
 * proposed to go back to stays whatever its age.
 * @throws StoreFault
 */
async function thinVersions(
  { data, platform }: Pick<DataContext, "data" | "platform">,
  { dryRun = false } = {},
): Promise<Result<Thinned, ThinRefusal>> {
  const { authority } = data.relay;
  if (!authority) return refuse("not-founded");
  const nowMs = platform.clock.nowMs();
  const { snapshots, snapshotCheck } = data.catalogue.data();
  if (!snapshots.some(({ atMs }) => nowMs - atMs > defaultRetention.allMs))
    return refuse("all-young");
  if (snapshotCheck?.ok === false) return refuse("check-failed");
  const proposed = openProposals(authority)
    .filter(({ act }) => act === "restore-version")
    .map(({ text }) => [...text.matchAll(snapshotIds)].map(([id]) => id));
  if (proposed.some((ids) => ids.length === 0)) return refuse("restore-proposed");
  const held = [...(await data.backups.heldSnapshots()), ...proposed.flat()];
  if (snapshotCheck) held.push(snapshotCheck.id);
  const { signatures } = platform;
  return done(await data.snapshots.thin({ authority, signatures, nowMs, held, dryRun }));
}

/** As the schedule does it: what comes of it is told to the log only. */
export async function thinBySchedule(
  context: Pick<DataContext, "data" | "platform">,
): Promise<void> {
  const { log } = context.platform;
  try {
    const thinned = await thinVersions(context);
    if (!thinned.ok) return;
    const { removed, freedBytes, kept, unsound, hasLeapt } = thinned.value;
    if (hasLeapt) log.warn({}, "the clock has leapt: no version is thinned for a week");
    if (unsound.length > 0)
      log.warn({ snapshots: unsound.join() }, "versions are not as they were");
    if (removed.length > 0) log.info({ removed: removed.length, kept, freedBytes }, "thinned");
  } catch (error) {
    log.error({ error: String(error) }, "versions were not thinned");
  }
}

const sayings: Readonly<Record<ThinRefusal, string>> = {
  "not-founded": "There is no organisation yet.",
  "all-young": "All versions of the last 48 hours stay; there is none older.",
  "check-failed": "The version that was read back last is damaged: see `snapshot verify`.",
  "restore-proposed": "Somebody proposes to go back to a version: see `approve list`.",
};

/** What the server does by itself once a day. */
export const snapshotThinCommand: DataCommand = async (context, args) => {
  const dryRun = args["dryRun"] === true;
  const thinned = await thinVersions(context, { dryRun });
  if (!thinned.ok)
    return thinned.refusal === "all-young"
      ? finished({ removed: [] }, sayings["all-young"])
      : failed(thinned.refusal, sayings[thinned.refusal]);
  const { removed, kept, doubtful, unsound, freedBytes, hasLeapt } = thinned.value;
  const lines = [
    `${removed.length} versions ${dryRun ? "could go" : "are gone"}, ${kept} stay; ${Math.ceil(freedBytes / 1024)} KiB freed.`,
    ...removed.map((id) => `  ${id}`),
    ...doubtful.map((id) => `stays, its time cannot be believed: ${id}`),
    ...unsound.map((id) => `stays, is not as a server of this shop made it: ${id}`),
    ...(hasLeapt ? ["The clock has leapt by more than 40 days: nothing goes for a week."] : []),
  ];
  return finished({ dryRun, ...thinned.value }, lines.join("\n"));
};

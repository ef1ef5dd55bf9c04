import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { diffVersions } from "../snapshots/diff-versions.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { type LoadedVersion, loadVersion } from "../snapshots/load-version.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { diffLines, type Names } from "./diff-lines.ts";
import { damaged, finished, type Outcome } from "./outcome.ts";
import { chosenId, noSuchSnapshot } from "./snapshot-commands.ts";

/** One side of a comparison. */
interface Side {
  /** `live`, or the snapshot's id; with when and why it was taken */
  facts: { id: string; time: string; term: number; reason?: string };
  version: LoadedVersion;
}

/** What two versions differ in; the second may be `live`, which it is without one. */
export const snapshotDiffCommand: DataCommand = async (context, args) => {
  const first = await sideOf(context, args, "first");
  if (!first.ok) return first.refusal;
  const second = await sideOf(context, args, "second");
  if (!second.ok) return second.refusal;
  const [from, to] = [first.value, second.value];
  try {
    const diff = await diffVersions(from.version, to.version);
    const names = namesIn(to.version.ledger.log);
    const head = [from, to].map(({ facts }) =>
      [facts.id, facts.time, `term ${facts.term}`, facts.reason].filter(Boolean).join(" · "),
    );
    const lines = [`从 from ${head[0]}`, `到 to   ${head[1]}`, ...diffLines(diff, names)];
    return finished({ from: from.facts, to: to.facts, ...diff }, lines.join("\n"));
  } catch (error) {
    return ofDamage(error);
  }
};

async function sideOf(
  context: DataContext,
  args: CommandArgs,
  name: "first" | "second",
): Promise<Result<Side, Outcome>> {
  const wanted = textArg(args, name);
  const isLive = name === "second" && (wanted === undefined || wanted === "live");
  if (isLive) return liveSide(context);
  const { data, platform } = context;
  const id = await chosenId(context, wanted);
  if (id === undefined) return refuse(noSuchSnapshot());
  const manifest = await readSnapshot(data.snapshotFolder, id);
  if (!manifest) return refuse(damaged({ error: { code: "damaged", id } }, `${id}: unreadable.`));
  const { signatures, clock } = platform;
  const { time, term, reason } = manifest;
  try {
    const checks = { signatures, nowMs: clock.nowMs() };
    const version = await loadVersion(data.snapshotFolder, manifest, checks);
    return done({ facts: { id, time, term, reason }, version });
  } catch (error) {
    return refuse(ofDamage(error));
  }
}

function liveSide({ data, platform }: DataContext): Result<Side, Outcome> {
  const { relay, store } = data;
  if (!relay.authority) return refuse(noSuchSnapshot());
  const time = new Date(platform.clock.nowMs()).toISOString();
  return done({
    facts: { id: "live", time, term: relay.authority.term },
    version: {
      ledger: relay.ledger,
      keys: relay.keyring.entries(),
      documents: relay.documents(),
      read: (name, from, most) => store.read(name, from, most),
    },
  });
}

/** Only the folding of damaged bytes fails this way. */
function ofDamage(error: unknown): Outcome {
  if (!(error instanceof StoreFault) || error.reason !== "broken") throw error;
  return damaged({ error: { code: "damaged", message: error.message } }, error.message);
}

const namesIn = ({ devices, staff, stores }: AuthorityState): Names => ({
  device: (id) => devices.get(id)?.name || id,
  staff: (id) => staff.get(id)?.name || id,
  store: (id) => stores.get(id)?.name || id,
});

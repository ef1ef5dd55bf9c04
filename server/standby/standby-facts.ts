import { type ChainId, readOperation } from "../../shared/journal/operation.ts";
import type { SafetyStandby } from "../../shared/safety/safety-facts.ts";
import type { Holder } from "../../shared/sync/messages.ts";
import type { OpenData } from "../data/open-data.ts";
import type { Relay } from "../relay/relay.ts";

/** A standby that was away, or lacks something, for longer than this is told of. */
const lagMsMax = 15 * 60_000;

/**
 * How the standby stands that somebody named.
 * @param holders who is connected, and what each holds
 * @returns undefined where none was named, or its device is no longer one
 */
export async function standbyFacts(
  { relay, catalogue }: Pick<OpenData, "relay" | "catalogue">,
  holders: readonly Holder[],
  nowMs: number,
): Promise<SafetyStandby | undefined> {
  const { standby, reports } = catalogue.data();
  const device = standby && relay.authority?.devices.get(standby.device);
  if (!standby || !device || device.closed) return undefined;
  const { id, name } = device;
  const holder = holders.find((each) => each.device === id);
  const online = holder?.online ?? false;
  const seenMs = online ? nowMs : reports[id]?.atMs;
  const lacking = lackingOf(relay, holder?.heads ?? reports[id]?.heads ?? []);
  const behind = lacking.reduce((sum, { from, next }) => sum + next - from, 0);
  const oldestMs = Math.min(...(await Promise.all(lacking.map((each) => timeOf(relay, each)))));
  const behindMs = Number.isFinite(oldestMs) ? Math.max(0, nowMs - oldestMs) : undefined;
  const isSilent = !online && (seenMs === undefined || nowMs - seenMs > lagMsMax);
  const isBehind = (behindMs ?? 0) > lagMsMax;
  return {
    id,
    name,
    origin: standby.origin,
    online,
    ...(seenMs === undefined ? {} : { seenMs }),
    behind,
    ...(behindMs === undefined ? {} : { behindMs }),
    standing: isSilent ? "silent" : isBehind ? "behind" : "following",
  };
}

interface Lacking {
  chain: ChainId;
  from: number;
  next: number;
}

function lackingOf(relay: Relay, heads: Holder["heads"]): Lacking[] {
  const there = new Map(heads.map(([chain, next]) => [chain, next]));
  return [...relay.heads()].flatMap(([chain, { next }]) => {
    const from = there.get(chain) ?? 0;
    return next > from ? [{ chain, from, next }] : [];
  });
}

/** When the first operation that is lacking was recorded, by its device's clock. */
async function timeOf(relay: Relay, { chain, from }: Lacking): Promise<number> {
  const [run] = await relay.runsFrom(chain, from);
  const text = run?.operations.find((each) => readOperation(each)?.seq === from);
  return (text === undefined ? undefined : readOperation(text)?.hlc[0]) ?? Number.POSITIVE_INFINITY;
}

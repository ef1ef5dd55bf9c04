import type { ChainId } from "../../shared/journal/operation.ts";
import type {
  SafetyFacts,
  SafetyLoss,
  SafetyPlace,
  SafetyReason,
  SafetyRule,
  SafetyRuleName,
  SafetyTarget,
} from "../../shared/safety/safety-facts.ts";

/** A place with how far it holds each chain: the sequence of the next operation. */
export interface KnownPlace extends Omit<SafetyPlace, "operations" | "whole"> {
  heads: ReadonlyMap<ChainId, number>;
  /** said to hold everything when it was seen; a target: has a backup */
  complete: boolean;
  /** nothing in it is known to be damaged */
  sound: boolean;
  /** a medium that is seldom connected may be this much older */
  offline: boolean;
}

export interface KnownTarget extends SafetyTarget {
  /** how often it is to be drilled */
  drillEveryMs: number;
}

export interface KnownSafety
  extends Pick<SafetyFacts, "org" | "term" | "snapshots" | "thin" | "standby"> {
  nowMs: number;
  places: readonly KnownPlace[];
  targets: readonly KnownTarget[];
}

const hourMs = 3_600_000;
/** A copy that lacks nothing older than this is one; backups alarm after the same time. */
const lagMsMax = 36 * hourMs;
/** For a disk that somebody plugs in. */
const offlineLagMsMax = 31 * 24 * hourMs;
const copiesWanted = 3;

/** How safe the records are; a pure function of what is known. */
export function safetyReport(known: KnownSafety): SafetyFacts {
  const { nowMs, org, term, snapshots, thin, standby, places, targets } = known;
  const all = unionOf(places);
  const total = sizeOf(all);
  const lags = (place: KnownPlace) =>
    !(sizeOf(place.heads) >= total || isFresh(place, nowMs)) || !place.complete || !place.sound;
  const shown = places.map((place) => ({
    ...publicOf(place),
    operations: place.sound ? sizeOf(place.heads) : 0,
    whole: !lags(place),
  }));
  return {
    v: 1,
    atMs: nowMs,
    org,
    term,
    operations: total,
    places: shown,
    snapshots,
    targets: targets.map(({ drillEveryMs: _, ...target }) => target),
    ...(thin ? { thin } : {}),
    ...(standby ? { standby } : {}),
    rules: rulesOf(known, shown),
    losses: lossesOf(places, total),
  };
}

const isFresh = ({ seenMs, offline }: KnownPlace, nowMs: number): boolean =>
  seenMs !== undefined && nowMs - seenMs <= (offline ? offlineLagMsMax : lagMsMax);

const publicOf = ({
  heads: _heads,
  complete: _complete,
  sound: _sound,
  offline: _offline,
  ...place
}: KnownPlace) => place;

function rulesOf(known: KnownSafety, shown: readonly SafetyPlace[]): SafetyRule[] {
  const whole = shown.filter((place) => place.whole && !place.onServersDisk);
  const media = new Map(whole.map(({ medium, id }) => [medium, id]));
  return [
    countRule("copies", copiesWanted, whole.map(idOf)),
    countRule("media", 2, [...media.values()]),
    namedRule("off-site", known.targets, whole, ({ offSite }) => offSite),
    namedRule("offline", known.targets, whole, ({ offline }) => offline),
    errorRule(known),
  ];
}

const countRule = (rule: SafetyRuleName, need: number, by: string[]): SafetyRule => ({
  rule,
  ok: by.length >= need,
  have: by.length,
  need,
  by,
  ...(by.length >= need ? {} : { why: "too-few" as const }),
});

/** One whole backup on a target of which the owner said so. */
function namedRule(
  rule: SafetyRuleName,
  targets: readonly SafetyTarget[],
  whole: readonly SafetyPlace[],
  isSo: (target: SafetyTarget) => boolean,
): SafetyRule {
  const named = targets.filter(isSo).map(idOf);
  const good = named.filter((id) => whole.some((place) => place.id === id));
  if (good.length > 0) return { rule, ok: true, have: good.length, need: 1, by: good };
  const why: SafetyReason = named.length > 0 ? "nothing-there" : "none-named";
  return { rule, ok: false, have: 0, need: 1, by: named, why };
}

/** Nothing that was verified or drilled was damaged, and a restore was proven not long ago. */
function errorRule({ nowMs, places, targets, snapshots }: KnownSafety): SafetyRule {
  const faults: [why: SafetyReason, by: string[]][] = [
    ["store-damaged", places.filter(({ kind, sound }) => kind === "server" && !sound).map(idOf)],
    [
      "snapshot-damaged",
      snapshots.verified?.ok === false
        ? places.filter(({ kind }) => kind === "server").map(idOf)
        : [],
    ],
    [
      "backup-damaged",
      targets
        .filter(({ id, verified }) => verified?.ok === false || !isSound(id, places))
        .map(idOf),
    ],
    ["drill-failed", targets.filter(({ drill }) => drill?.ok === false).map(idOf)],
  ];
  const found = faults.filter(([, by]) => by.length > 0);
  const errors = found.reduce((sum, [, by]) => sum + by.length, 0);
  const [first] = found;
  const base = { rule: "errors", have: errors, need: 0 } as const;
  if (first) return { ...base, ok: false, why: first[0], by: first[1] };
  if (targets.length === 0) return { ...base, ok: false, why: "no-target", by: [] };
  const proven = targets.filter(({ provenMs }) => provenMs !== undefined);
  if (proven.length === 0)
    return { ...base, ok: false, why: "never-proven", by: targets.map(idOf) };
  const recent = proven.filter(
    ({ provenMs = 0, drillEveryMs }) => nowMs - provenMs <= 2 * drillEveryMs,
  );
  if (recent.length === 0) return { ...base, ok: false, why: "proof-old", by: proven.map(idOf) };
  return { ...base, ok: true, by: recent.map(idOf) };
}

const isSound = (id: string, places: readonly KnownPlace[]): boolean =>
  places.find((place) => place.id === id)?.sound ?? true;

const idOf = ({ id }: { id: string }): string => id;

/** The shop first, then each place. With the server burns what is plugged into it. */
function lossesOf(places: readonly KnownPlace[], total: number): SafetyLoss[] {
  const isAtServer = ({ kind, medium, offline, inShop, onServersDisk }: KnownPlace) =>
    kind === "server" || onServersDisk || (medium === "disk" && inShop && !offline);
  const without = (what: SafetyLoss["what"], id: string | undefined, burnt: KnownPlace[]) => {
    const left = places.filter((place) => place.sound && !burnt.includes(place));
    const most = left.reduce<KnownPlace | undefined>(
      (best, place) => (sizeOf(place.heads) > (best ? sizeOf(best.heads) : 0) ? place : best),
      undefined,
    );
    return {
      what,
      ...(id === undefined ? {} : { id }),
      lost: total - sizeOf(unionOf(left)),
      ...(most
        ? { rest: { id: most.id, ...(most.seenMs === undefined ? {} : { untilMs: most.seenMs }) } }
        : {}),
    };
  };
  return [
    without(
      "shop",
      undefined,
      places.filter(({ inShop }) => inShop),
    ),
    ...places.map((place) =>
      without(place.kind, place.id, place.kind === "server" ? places.filter(isAtServer) : [place]),
    ),
  ];
}

/** Of a chain, what fewer than three places hold: sequences `from` to `to`. */
export interface ThinRange {
  chain: ChainId;
  from: number;
  to: number;
  /** how many hold the newest */
  places: number;
}

/** What lies on the server's own disk is no place beside the server. */
export function thinRanges(places: readonly KnownPlace[]): ThinRange[] {
  const apart = places.filter(({ onServersDisk, sound }) => !onServersDisk && sound);
  return [...unionOf(places)].flatMap(([chain, next]) => {
    const held = apart.map(({ heads }) => heads.get(chain) ?? 0).sort((a, b) => b - a);
    const from = held[copiesWanted - 1] ?? 0;
    const holders = held.filter((each) => each >= next).length;
    return next > from ? [{ chain, from, to: next - 1, places: holders }] : [];
  });
}

function unionOf(places: readonly KnownPlace[]): Map<ChainId, number> {
  const union = new Map<ChainId, number>();
  for (const { heads } of places)
    for (const [chain, next] of heads) union.set(chain, Math.max(next, union.get(chain) ?? 0));
  return union;
}

const sizeOf = (heads: ReadonlyMap<ChainId, number>): number =>
  [...heads.values()].reduce((sum, next) => sum + next, 0);

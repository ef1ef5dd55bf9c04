import * as z from "zod/mini";

const id = z.string().check(z.regex(/^[a-z0-9]{1,32}$/));
const name = z.string().check(z.maxLength(300));
const count = z.number().check(z.int(), z.minimum(0));
/** wall milliseconds since 1970, by the server's clock */
const atMs = z.number().check(z.int());
const code = z.string().check(z.maxLength(80));

/** Something that holds the shop's records: the server, a device, or a target of backups. */
const place = z.object({
  id,
  name,
  kind: z.enum(["server", "device", "target"]),
  medium: z.enum(["server", "device", "disk", "network"]),
  /** operations that it is known to hold */
  operations: count,
  /** holds everything, or lacks only what is younger than a backup may be old */
  whole: z.boolean(),
  online: z.boolean(),
  /** when it was last known to hold this; absent when nothing is known of it */
  seenMs: z.optional(atMs),
  /** burns with the shop; devices always do, because nobody says where they are */
  inShop: z.boolean(),
  /** on the very disk of the server: no copy of its own */
  onServersDisk: z.boolean(),
});
export type SafetyPlace = z.infer<typeof place>;

const target = z.object({
  id,
  name,
  kind: z.enum(["directory", "webdav", "s3", "sftp"]),
  offSite: z.boolean(),
  /** unplugged when nobody backs up, or what lies there cannot be changed */
  offline: z.boolean(),
  lastMs: z.optional(atMs),
  /** of the last backup */
  bytes: z.optional(count),
  verified: z.optional(z.object({ atMs, ok: z.boolean() })),
  /** the last drill; `tookMs` from the first byte fetched to the last comparison */
  drill: z.optional(z.object({ atMs, ok: z.boolean(), tookMs: count, members: count })),
  /** the last drill that succeeded */
  provenMs: z.optional(atMs),
  failure: z.optional(z.object({ sinceMs: atMs, code })),
  nextMs: atMs,
});
export type SafetyTarget = z.infer<typeof target>;

export const safetyRules = ["copies", "media", "off-site", "offline", "errors"] as const;
export type SafetyRuleName = (typeof safetyRules)[number];

export const safetyReasons = [
  "too-few",
  /** no target is said to be outside the shop, or offline */
  "none-named",
  /** there is one, but nothing whole and fresh lies there */
  "nothing-there",
  "no-target",
  "never-proven",
  "proof-old",
  "drill-failed",
  "backup-damaged",
  "snapshot-damaged",
  "store-damaged",
] as const;
export type SafetyReason = (typeof safetyReasons)[number];

/** One of 3-2-1-1-0: three copies, two media, one off-site, one offline, no error. */
const rule = z.object({
  rule: z.enum(safetyRules),
  ok: z.boolean(),
  have: count,
  need: count,
  /** ids of the places by which it is so, or because of which it is not */
  by: z.array(id).check(z.maxLength(4096)),
  /** absent when it is so */
  why: z.optional(z.enum(safetyReasons)),
});
export type SafetyRule = z.infer<typeof rule>;

/** What would be gone if something burned right now. */
const loss = z.object({
  what: z.enum(["shop", "server", "device", "target"]),
  /** of the place; absent for the shop */
  id: z.optional(id),
  /** operations that nobody else holds */
  lost: count,
  /** the place from which most comes back, and until when that reaches; absent when there is none */
  rest: z.optional(z.object({ id, untilMs: z.optional(atMs) })),
});
export type SafetyLoss = z.infer<typeof loss>;

/** The machine that stands by to be the server. */
const standby = z.object({
  id,
  name,
  /** where devices would find it */
  origin: name,
  online: z.boolean(),
  /** when it was last known to be there; absent when never */
  seenMs: z.optional(atMs),
  /** operations that it is not known to hold */
  behind: count,
  /** age of the oldest of those */
  behindMs: z.optional(count),
  standing: z.enum(["following", "behind", "silent"]),
});
export type SafetyStandby = z.infer<typeof standby>;

/** How safe the shop's records are at one moment, as the server sees it; no word about a member. */
export const safetyFacts = z.object({
  v: z.literal(1),
  atMs,
  org: id,
  term: count,
  /** operations that are known to exist */
  operations: count,
  places: z.array(place).check(z.maxLength(4096)),
  snapshots: z.object({
    /** how many there are; absent when an older server says it */
    total: z.optional(count),
    newest: z.optional(z.object({ id: name, atMs })),
    verified: z.optional(z.object({ id: name, atMs, ok: z.boolean() })),
  }),
  targets: z.array(target).check(z.maxLength(100)),
  /** operations that fewer than three places hold, and the newest of them; absent when there are none */
  thin: z.optional(
    z.object({
      operations: count,
      newest: z.object({ ref: name, places: count, atMs: z.optional(atMs) }),
    }),
  ),
  /** absent where none was named */
  standby: z.optional(standby),
  rules: z.array(rule).check(z.length(safetyRules.length)),
  losses: z.array(loss).check(z.maxLength(4097)),
});
export type SafetyFacts = z.infer<typeof safetyFacts>;

/** @returns undefined for anything else */
export function readSafetyFacts(body: unknown): SafetyFacts | undefined {
  const parsed = safetyFacts.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}

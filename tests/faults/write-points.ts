/** What a file or folder of a server's data is for, told by its path. */
type Role =
  | "document"
  | "authority"
  | "keyring"
  | "commits"
  | "identity"
  | "stamp"
  | "audit"
  | "kept-aside"
  | "lock"
  | "dead-lock"
  | "catalogue"
  | "blob"
  | "manifest"
  | "live-folder"
  | "store-folder"
  | "blobs-folder"
  | "manifests-folder";

type Step = "create" | "write" | "truncate" | "sync" | "rename" | "remove" | "make" | "sync-folder";

/** Where a process is struck: at the n-th time that it comes there. */
export interface Strike {
  name: string;
  role: Role;
  step: Step;
  when: "before" | "torn" | "after";
  nth: number;
}

/**
 * What must be going on for a point to be reached: clients at work (`serving`), and besides a snapshot
 * being taken, a store's first sale or a foreign update; or a start, after a certain death.
 */
export type Stage =
  | "serving"
  | "snapshot"
  | "new-store"
  | "foreign-update"
  | "first-start"
  | "start"
  | "start-after-torn-run"
  | "start-after-half-commit";

export interface WritePoint extends Omit<Strike, "nth"> {
  stage: Stage;
}

const at =
  (stage: Stage, role: Role) =>
  (name: string, when: Strike["when"], step: Step = "write"): WritePoint => ({
    name,
    role,
    step,
    when,
    stage,
  });

const run = at("serving", "document");
const entry = at("serving", "authority");
const key = at("serving", "keyring");
const commit = at("serving", "commits");
const firstOfStore = at("new-store", "document");
const storeFolder = at("new-store", "store-folder");
const blob = at("snapshot", "blob");
const manifest = at("snapshot", "manifest");
const catalogue = at("snapshot", "catalogue");
const audit = at("foreign-update", "audit");
const stamp = at("first-start", "stamp");
const identity = at("first-start", "identity");
const keptAside = at("start-after-torn-run", "kept-aside");
const tornRun = at("start-after-torn-run", "document");
const halfCommit = at("start-after-half-commit", "document");

/** What the starts of two stages have to clear away. */
export const tornRunPoint = run("a run, torn in the middle of its bytes", "torn");
export const halfCommitPoint = commit("two stores' runs, before their commit's number", "before");

/** Everywhere that a server writes. */
export const writePoints: readonly WritePoint[] = [
  run("a run, before its bytes", "before"),
  tornRunPoint,
  run("a run, written and not synced", "after"),
  run("a run, synced and not acknowledged", "after", "sync"),
  halfCommitPoint,
  commit("two stores' runs, torn in their commit's number", "torn"),
  commit("two stores' runs, their commit's number not synced", "after"),
  commit("two stores' runs, committed and not acknowledged", "after", "sync"),
  key("a member's key, before its bytes", "before"),
  key("a member's key, torn", "torn"),
  key("a member's key, not synced", "after"),
  key("a member's key, synced and not acknowledged", "after", "sync"),
  entry("a change of rights, before its bytes", "before"),
  entry("a change of rights, torn", "torn"),
  entry("a change of rights, not synced", "after"),
  entry("a change of rights, synced and not acknowledged", "after", "sync"),
  storeFolder("a new store's folder, made", "after", "make"),
  firstOfStore("a new store's document, created and empty", "after", "create"),
  storeFolder("a new store's document, before its name is synced", "before", "sync-folder"),
  storeFolder("a new store's document, named and without bytes", "after", "sync-folder"),
  blob("a snapshot's blob, torn", "torn"),
  blob("a snapshot's blob, before its rename", "before", "rename"),
  blob("a snapshot's blob, renamed", "after", "rename"),
  at("snapshot", "blobs-folder")("a snapshot's blobs, before sync", "before", "sync-folder"),
  manifest("a snapshot's manifest, torn", "torn"),
  manifest("a snapshot's manifest, before its rename", "before", "rename"),
  manifest("a snapshot's manifest, renamed", "after", "rename"),
  at("snapshot", "manifests-folder")("a snapshot, named and not told", "after", "sync-folder"),
  catalogue("the catalogue, torn aside", "torn"),
  catalogue("the catalogue, before its rename", "before", "rename"),
  catalogue("the catalogue, renamed", "after", "rename"),
  audit("an audit line, before", "before"),
  audit("an audit line, torn", "torn"),
  audit("an audit line, written", "after"),
  at("start", "dead-lock")("a dead lock, before it is moved aside", "before", "rename"),
  at("start", "dead-lock")("a dead lock, moved aside", "after", "rename"),
  at("start", "dead-lock")("a dead lock, removed", "after", "remove"),
  at("start", "lock")("the lock, created and torn", "torn", "create"),
  at("start", "lock")("the lock, taken", "after", "create"),
  at("first-start", "live-folder")("the live folder, made", "after", "make"),
  stamp("the folder's stamp, torn aside", "torn"),
  stamp("the folder's stamp, before its rename", "before", "rename"),
  stamp("the folder's stamp, renamed", "after", "rename"),
  identity("the server's key, torn", "torn"),
  identity("the server's key, before its rename", "before", "rename"),
  identity("the server's key, renamed", "after", "rename"),
  keptAside("recovering: what was torn, torn again as it is kept aside", "torn"),
  keptAside("recovering: what was torn, before it is kept aside", "before", "rename"),
  tornRun("recovering: a torn run, before it is cut off", "before", "truncate"),
  tornRun("recovering: a torn run, cut off and not synced", "after", "truncate"),
  tornRun("recovering: a torn run, cut off", "after", "sync"),
  halfCommit("recovering: half a commit, before it is cut off", "before", "truncate"),
  halfCommit("recovering: half a commit, cut off and not synced", "after", "truncate"),
  halfCommit("recovering: half a commit, cut off in one file", "after", "sync"),
];

const roles: readonly [RegExp, Role][] = [
  [/\/live\/documents\/authority\.records$/, "authority"],
  [/\/live\/documents\/journal\/.+\.records$/, "document"],
  [/\/live\/documents\/journal\/\d+\/[^/]+$/, "store-folder"],
  [/\/live\/keyring\.records$/, "keyring"],
  [/\/live\/commits\.records$/, "commits"],
  [/\/live\/identity\.json(\.new)?$/, "identity"],
  [/\/live\/youbei-data\.json(\.new)?$/, "stamp"],
  [/\/live\/audit\.log$/, "audit"],
  [/\/live\/damaged\/[^/]+$/, "kept-aside"],
  [/\/live$/, "live-folder"],
  [/\/lock$/, "lock"],
  [/\/lock\.stale-\d+$/, "dead-lock"],
  [/\/catalogue\.json[.\d]*$/, "catalogue"],
  [/\/snapshots\/blobs\/[^/]+$/, "blob"],
  [/\/snapshots\/manifests\/[^/]+$/, "manifest"],
  [/\/snapshots\/blobs$/, "blobs-folder"],
  [/\/snapshots\/manifests$/, "manifests-folder"],
];

export const roleOf = (path: string): Role | undefined =>
  roles.find(([pattern]) => pattern.test(path))?.[1];

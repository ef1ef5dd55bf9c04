import type { Clock } from "../../shared/journal/ports.ts";
import type { Log } from "../data/log.ts";
import type { Finding } from "../snapshots/finding.ts";
import type { Files } from "../storage/files.ts";
import {
  dateOf,
  faultOfAuthority,
  isAuthorityEnding,
  isOwnEnding,
  leafLife,
  whyRenew,
} from "./certificate-life.ts";
import type { Certificates } from "./certificates.ts";
import { hostsToCover } from "./host-names.ts";
import {
  authorityPath,
  type HeldCertificate,
  type HttpsFolder,
  type OwnPaths,
  readHttpsFolder,
  readOwnFiles,
  writeKeyed,
} from "./https-folder.ts";
import type { Machine } from "./machine.ts";

/** What https is served with at the moment. */
export interface Standing {
  /** by a local authority, by certificate files of the owner's own, or not at all */
  kind: "off" | "local" | "own";
  leaf: HeldCertificate | undefined;
  /** what devices must trust, where the authority is local */
  authority: HeldCertificate | undefined;
  own: OwnPaths | undefined;
  /** what the authority may vouch for besides localhost, .local and private addresses */
  names: readonly string[];
  /** what somebody must look at */
  trouble: readonly Finding[];
}

export interface StandingDeps {
  /** the server's data folder */
  dir: string;
  files: Files;
  certificates: Certificates;
  machine: Machine;
  clock: Clock;
  log: Log;
  /** the host under which devices open the app, where one was chosen */
  chosenHost(): string | undefined;
  /** certificate files that were named from outside; they win over what the folder says */
  fixed?: OwnPaths | undefined;
}

export interface Looking {
  /** what is served with now: not given up for files that are damaged */
  before: Standing;
  /** hosts that the certificate must cover besides what it ought to anyway */
  alsoWanted?: readonly string[];
  /** issue a new certificate although the present one is good */
  anyway?: boolean;
}

export const nothingStands: Standing = {
  kind: "off",
  leaf: undefined,
  authority: undefined,
  own: undefined,
  names: [],
  trouble: [],
};

/**
 * Reads what there is and issues what is missing, ending or short of a host.
 * @throws a file system's error
 */
export async function lookAtHttps(deps: StandingDeps, looking: Looking): Promise<Standing> {
  const folder = await readHttpsFolder(deps);
  const own = deps.fixed ?? folder.settings.own;
  return own ? ownStanding(deps, own, looking) : localStanding(deps, folder, looking);
}

async function ownStanding(
  deps: StandingDeps,
  own: OwnPaths,
  { before }: Looking,
): Promise<Standing> {
  const last = before.own?.cert === own.cert ? before.leaf : undefined;
  const read = await readOwnFiles(deps, own);
  const trouble: Finding[] = [];
  if (!read)
    trouble.push({
      where: own.cert,
      what: `cannot be read, or does not belong to ${own.key}${last ? "; the last good pair is in use" : ""}`,
    });
  else if (isOwnEnding(read.facts, deps.clock.nowMs()))
    trouble.push({
      where: own.cert,
      what: `ends on ${dateOf(read.facts.untilMs)}, and whoever renews it has not done so`,
    });
  return { ...nothingStands, kind: "own", leaf: read ?? last, own, trouble };
}

async function localStanding(
  deps: StandingDeps,
  folder: HttpsFolder,
  looking: Looking,
): Promise<Standing> {
  const { settings, authority, damaged } = folder;
  if (!authority && !folder.leaf && damaged.length === 0) return nothingStands;
  const fault = faultOf(folder, deps.clock.nowMs());
  const where = authorityPath(deps.dir);
  const canSign =
    authority && fault === undefined && damaged.every((one) => one.file !== "settings");
  const leaf = canSign ? await freshLeaf(deps, authority, folder, looking) : folder.leaf;
  const trouble: Finding[] = damaged
    // The server's own certificate is made anew; that is no trouble to anybody.
    .filter(({ file }) => file !== "leaf" || !leaf)
    .map(({ where: at, what }) => ({ where: at, what }));
  if (fault !== undefined) trouble.push({ where, what: fault });
  else if (authority && isAuthorityEnding(authority.facts, deps.clock.nowMs()))
    trouble.push({
      where,
      what: `ends on ${dateOf(authority.facts.untilMs)}: make a new one and have devices trust it`,
    });
  const { names } = settings;
  return { kind: "local", leaf, authority, own: undefined, names, trouble };
}

/** Why the authority cannot sign, beyond being damaged. */
function faultOf({ authority, damaged }: HttpsFolder, nowMs: number): string | undefined {
  if (authority) return faultOfAuthority(authority.facts, nowMs);
  return damaged.some(({ file }) => file === "authority") ? undefined : "is missing";
}

async function freshLeaf(
  deps: StandingDeps,
  authority: HeldCertificate,
  { leaf, settings }: HttpsFolder,
  { alsoWanted = [], anyway = false }: Looking,
): Promise<HeldCertificate | undefined> {
  const { certificates, clock, machine, chosenHost, log } = deps;
  const nowMs = clock.nowMs();
  const chosen = chosenHost();
  const wanted = [...(chosen === undefined ? [] : [chosen]), ...alsoWanted, ...settings.covers];
  const hosts = hostsToCover(machine, settings.names, wanted);
  const why = whyRenew(leaf, authority, hosts, { nowMs, certificates });
  if (why === undefined && !anyway) return leaf;
  // No host in the subject: some read a common name as one more name to be permitted.
  const wish = { subject: "有备 Youbei server", hosts, ...leafLife(nowMs, authority.facts) };
  const issued = await certificates.issue(authority, wish);
  await writeKeyed(deps, "leaf", issued);
  log.info({ why: why ?? "asked for", until: dateOf(wish.untilMs), hosts }, "https certificate");
  const facts = certificates.read(issued.certificate);
  return facts && { ...issued, facts };
}

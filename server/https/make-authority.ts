import { authorityLife, dateOf } from "./certificate-life.ts";
import { isSafeBareName, labelOf } from "./host-names.ts";
import { readHttpsFolder, setAuthorityAside, writeKeyed, writeSettings } from "./https-folder.ts";
import { privateNetworks } from "./private-networks.ts";
import type { StandingDeps } from "./standing.ts";

/**
 * Makes a new authority for this machine's names and those that were chosen; one that is there is kept
 * beside it.
 * @throws a file system's error
 */
export async function makeAuthority(deps: StandingDeps, chosen: readonly string[]): Promise<void> {
  const { certificates, clock, machine, log } = deps;
  const nowMs = clock.nowMs();
  const label = labelOf(machine);
  const bare = label !== undefined && isSafeBareName(label) ? [label] : [];
  const names = [...new Set([...bare, ...chosen])];
  const { authority } = await readHttpsFolder(deps);
  const print = authority?.facts.fingerprint.replaceAll(":", "").slice(0, 12).toLowerCase();
  await setAuthorityAside(deps, print ?? `damaged-${nowMs}`);
  // Names before the authority: it may never be thought to permit more than it says.
  await writeSettings(deps, { format: 1, names, covers: [] });
  const made = await certificates.makeAuthority({
    subject: `有备 Youbei ${label ?? "server"} ${dateOf(nowMs)}`,
    permittedNames: ["localhost", "local", ...names],
    permittedRanges: privateNetworks,
    ...authorityLife(nowMs),
  });
  await writeKeyed(deps, "authority", made);
  log.info({ names }, "https authority made");
}

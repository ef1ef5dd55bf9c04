import { isIP } from "node:net";
import type { Machine } from "./machine.ts";
import { isLinkLocal, isPrivateAddress } from "./private-networks.ts";

/** Names and addresses in one certificate at most; machines full of virtual networks have hundreds. */
const hostsMax = 64;

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const dnsName = new RegExp(`^${label}(?:\\.${label})*$`);

/** @returns the name in lower case; undefined for what is no DNS name, an address included */
export function readDnsName(text: string): string | undefined {
  const name = text.trim().toLowerCase().replace(/\.$/, "");
  return name.length <= 253 && dnsName.test(name) && isIP(name) === 0 && !/^[\d.]+$/.test(name)
    ? name
    : undefined;
}

/** The machine's name without what follows its first dot; undefined where it is no DNS label. */
export const labelOf = (machine: Machine): string | undefined =>
  readDnsName(machine.hostName().split(".")[0] ?? "");

/**
 * Whether a bare name can be allowed to an authority. A permitted `shop` permits `bank.shop` too, and
 * `shop` is a top-level domain; those are of letters only, or begin with `xn--`.
 */
export const isSafeBareName = (name: string): boolean =>
  !name.includes(".") && /[0-9-]/.test(name) && !name.startsWith("xn--");

/** Names that somebody chose for an authority: whole domain names, or a bare one that is no top-level domain. */
export const isChoosable = (name: string): boolean => name.includes(".") || isSafeBareName(name);

/**
 * Whether an authority that was made for `names` may vouch for a host.
 * @param names what was chosen when it was made
 */
export function isPermitted(host: string, names: readonly string[]): boolean {
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return ["localhost", "local", ...names].some(
    (name) => host === name || host.endsWith(`.${name}`),
  );
}

/** What the certificate ought to cover now, the most useful first; only what the authority may vouch for. */
export function hostsToCover(
  machine: Machine,
  names: readonly string[],
  alsoWanted: readonly string[] = [],
): string[] {
  const own = labelOf(machine);
  const wanted = [
    ...alsoWanted,
    "localhost",
    "127.0.0.1",
    "::1",
    ...(own === undefined ? [] : [`${own}.local`, own]),
    ...names,
    ...addressesOf(machine),
  ];
  return [...new Set(wanted)].filter((host) => isPermitted(host, names)).slice(0, hostsMax);
}

const addressesOf = (machine: Machine): string[] =>
  machine
    .addresses()
    .map(({ address }) => address)
    .filter((address) => isPrivateAddress(address) && !isLinkLocal(address))
    .sort();

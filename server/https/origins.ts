import { isIPv4, isIPv6 } from "node:net";
import type { AddressFacts } from "../../shared/sync/address.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { labelOf } from "./host-names.ts";
import type { Machine, NetworkAddress } from "./machine.ts";
import { isLinkLocal, isLoopback, isPrivateAddress } from "./private-networks.ts";
import type { Standing } from "./standing.ts";

type Candidate = AddressFacts["candidates"][number];

/** @returns a secure origin as browsers write it; undefined for anything else */
export function readOrigin(text: string): string | undefined {
  if (text.length > 300 || !URL.canParse(text)) return undefined;
  const { protocol, username, password, pathname, search, hash, origin } = new URL(text);
  const isBare = username + password + search + hash === "" && pathname === "/";
  return protocol === "https:" && isBare ? origin : undefined;
}

/** The address under which devices open the app, once somebody chose it. */
export const permanentOrigin = (catalogue: Pick<Catalogue, "data">): string | undefined =>
  readOrigin(catalogue.data().origin ?? "");

/** @returns the host as certificates name it, without the brackets of IPv6 */
export const hostOf = (origin: string): string => new URL(origin).hostname.replace(/^\[|\]$/g, "");

const originOf = (host: string, port: number): string =>
  new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin;

/**
 * Origins under which devices could open the app, the most useful first: an address works on every
 * device, a name survives a change of address.
 * @param port of https on this machine
 * @param known origins that were named from outside, as behind a proxy
 */
export function candidatesOf(
  { kind, leaf, names }: Standing,
  machine: Machine,
  port: number,
  known: readonly string[],
): Candidate[] {
  const candidate = (host: string, of: Candidate["kind"]): Candidate => ({
    origin: originOf(host, port),
    kind: of,
  });
  const own = (leaf?.facts.hosts ?? []).filter((host) => host !== "localhost" && !isLoopback(host));
  const label = labelOf(machine);
  const addresses = addressesOf(machine);
  const isPlain = ({ host }: { host: string }) => isIPv4(host);
  const local = [
    ...addresses.filter(isPlain),
    ...(label === undefined ? [] : [{ host: `${label}.local`, of: "local-name" as const }]),
    ...names.map((host) => ({ host, of: "name" as const })),
    // An origin of an IPv6 address is nothing to type; it is offered where there is no other.
    ...(addresses.some(isPlain) ? [] : addresses),
  ];
  const here =
    kind === "own"
      ? own.map((host) => candidate(host, "name"))
      : local.map(({ host, of }) => candidate(host, of));
  const outside = known.flatMap((text): Candidate[] => {
    const origin = readOrigin(text);
    return origin === undefined ? [] : [{ origin, kind: "name" }];
  });
  const all = new Map([...outside, ...here].map((each) => [each.origin, each]));
  return [...all.values()];
}

/** Networks of virtual machines and containers: nobody's tablet is in them. */
const virtual = /^(docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|podman|lxc|vEthernet)/i;
const tunnel = /^(tailscale|wg|utun|tun|tap|zt|ppp)/i;

function addressesOf(machine: Machine): { host: string; of: "address" | "vpn" }[] {
  const isVpn = ({ address, network }: NetworkAddress) =>
    tunnel.test(network) || /^100\./.test(address);
  return machine
    .addresses()
    .filter(({ address }) => isPrivateAddress(address) && !isLinkLocal(address))
    .filter(({ network }) => !virtual.test(network))
    .map((each) => ({
      host: each.address,
      of: isVpn(each) ? ("vpn" as const) : ("address" as const),
    }))
    .sort((one, other) => Number(one.of === "vpn") - Number(other.of === "vpn"));
}

import { BlockList, isIP, isIPv4 } from "node:net";

/** One range of addresses; `prefix` bits of `address` are fixed. */
export interface AddressRange {
  address: string;
  prefix: number;
}

/**
 * Ranges that no public server has an address in, so that a certificate for them is of no use to
 * somebody who wants to be a bank. 100.64.0.0/10 is where VPNs such as Tailscale live.
 * @see RFC 1918, 3927, 4193, 4291, 6598
 */
export const privateNetworks: readonly AddressRange[] = [
  { address: "10.0.0.0", prefix: 8 },
  { address: "100.64.0.0", prefix: 10 },
  { address: "127.0.0.0", prefix: 8 },
  { address: "169.254.0.0", prefix: 16 },
  { address: "172.16.0.0", prefix: 12 },
  { address: "192.168.0.0", prefix: 16 },
  { address: "::1", prefix: 128 },
  { address: "fc00::", prefix: 7 },
  { address: "fe80::", prefix: 10 },
];

const known = new BlockList();
for (const { address, prefix } of privateNetworks)
  known.addSubnet(address, prefix, isIPv4(address) ? "ipv4" : "ipv6");

/** @param address without brackets or zone; anything that is no address is not private */
export const isPrivateAddress = (address: string): boolean =>
  isIP(address) !== 0 && known.check(address, isIPv4(address) ? "ipv4" : "ipv6");

/** Addresses of the machine itself, as sockets report them: `::ffff:127.0.0.1` is one. */
export const isLoopback = (address: string): boolean => {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
};

/** Of use to nobody but the link that it is on: browsers cannot name its zone. */
export const isLinkLocal = (address: string): boolean => /^(fe[89ab]|169\.254\.)/i.test(address);

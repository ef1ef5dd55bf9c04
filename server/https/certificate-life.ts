import type { CertificateFacts, Certificates } from "./certificates.ts";
import type { HeldCertificate } from "./https-folder.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Ten years, so that devices trust the shop once in their life. */
const authorityMs = 3650 * dayMs;
/** Apple's devices refuse a server's certificate that is good for longer than 398 days. */
const leafMs = 397 * dayMs;
const renewBeforeMs = 30 * dayMs;
/** Devices whose clock is a little behind accept a new certificate at once. */
const backdatedMs = dayMs;
/** Long enough to walk to every device with a new authority. */
const authorityWarningMs = 180 * dayMs;
/** Who renews certificates elsewhere does so a month before; after this something is wrong. */
const ownWarningMs = 14 * dayMs;

export const authorityLife = (nowMs: number) => ({
  fromMs: nowMs - backdatedMs,
  untilMs: nowMs - backdatedMs + authorityMs,
});

/** Within that of the authority, which a chain needs anyway. */
export const leafLife = (nowMs: number, authority: CertificateFacts) => {
  const fromMs = Math.max(nowMs - backdatedMs, authority.fromMs);
  return { fromMs, untilMs: Math.min(fromMs + leafMs, authority.untilMs) };
};

export type RenewalReason = "missing" | "other-authority" | "not-yet-good" | "ending" | "uncovered";

/**
 * Why a new certificate is needed now.
 * @param hosts what it ought to cover
 * @returns undefined when it is good as it is
 */
export function whyRenew(
  leaf: HeldCertificate | undefined,
  authority: HeldCertificate,
  hosts: readonly string[],
  { nowMs, certificates }: { nowMs: number; certificates: Certificates },
): RenewalReason | undefined {
  if (!leaf) return "missing";
  if (!certificates.isIssuedBy(leaf.certificate, authority.certificate)) return "other-authority";
  if (leaf.facts.fromMs > nowMs) return "not-yet-good";
  const lasting = leafLife(nowMs, authority.facts).untilMs;
  if (leaf.facts.untilMs - nowMs < renewBeforeMs && lasting > leaf.facts.untilMs) return "ending";
  const covered = hosts.every((host) => certificates.covers(leaf.certificate, host));
  return covered ? undefined : "uncovered";
}

/** What is wrong with an authority, in words; undefined when it can go on signing. */
export function faultOfAuthority(
  { isAuthority, fromMs, untilMs }: CertificateFacts,
  nowMs: number,
): string | undefined {
  if (!isAuthority) return "is not an authority's certificate";
  if (fromMs > nowMs) return `is good from ${dateOf(fromMs)} only: is this machine's clock right?`;
  if (untilMs <= nowMs) return `ended on ${dateOf(untilMs)}`;
  return undefined;
}

export const isAuthorityEnding = ({ untilMs }: CertificateFacts, nowMs: number): boolean =>
  untilMs - nowMs < authorityWarningMs;

export const isOwnEnding = ({ untilMs }: CertificateFacts, nowMs: number): boolean =>
  untilMs - nowMs < ownWarningMs;

export const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

import type { AuthorityBody, AuthorityEntry } from "../../shared/access/authority-entry.ts";
import type { AuthorityState, Cut } from "../../shared/access/authority-state.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";

/**
 * What only the sequencer can know of an entry: its own clock, and how far the chains have come.
 * @returns why it is not sequenced; undefined when nothing speaks against it
 */
export function whyNotSequenced(
  entry: AuthorityEntry,
  state: AuthorityState,
  heads: Heads,
  nowMs: number,
): string | undefined {
  if (entry.kind === "TermOpened") return "not-entitled";
  if (entry.kind === "ActApproved")
    return isBackDated(entry, state, nowMs) ? "clock-differs" : undefined;
  if (entry.kind === "DeviceFrozen") return whyNotStopped(entry.body, state, heads);
  if (entry.kind !== "DeviceEnrolled" && entry.kind !== "DeviceSucceeded") return undefined;
  const { replaces, cut } = entry.body;
  for (const { by } of entry.sigs) {
    const invitation = state.invitations.get(by.slice("invitation:".length));
    if (invitation && invitation.expires < nowMs) return "invitation-expired";
  }
  // A frozen device keeps the cut at which it was frozen.
  if (replaces === undefined || state.devices.get(replaces)?.closed) return undefined;
  return isCutHere(replaces, cut, heads);
}

/** Clocks of devices may differ by so much where a waiting time begins with what they say. */
const clockDriftMsMost = 5 * 60_000;

/** Where the card is replaced without an owner, the day begins when it is approved, not earlier. */
const isBackDated = (
  { at, body }: AuthorityEntry & { kind: "ActApproved" },
  { proposals }: AuthorityState,
  nowMs: number,
): boolean =>
  proposals.get(body.proposal)?.act === "replace-recovery-key" && at < nowMs - clockDriftMsMost;

/** At what we hold of it; one that was replaced also where that was, so that nothing counts late. */
function whyNotStopped(
  { device, cut }: AuthorityBody<"DeviceFrozen">,
  state: AuthorityState,
  heads: Heads,
): string | undefined {
  const closed = state.devices.get(device)?.closed;
  if (closed && isSameCut(closed.cut, cut)) return undefined;
  return isCutHere(device, cut, heads);
}

function isSameCut(one: Cut, other: Cut): boolean {
  const named = Object.entries(one).filter(([, { next }]) => next > 0);
  const size = Object.values(other).filter(({ next }) => next > 0).length;
  return (
    named.length === size &&
    named.every(([chain, head]) => {
      const same = other[chain];
      return same?.next === head.next && same.hash === head.hash;
    })
  );
}

/** A cut is true of what we hold: no operation is left out, none is promised that is not here. */
function isCutHere(
  device: string,
  cut: Readonly<Record<string, { next: number; hash: string }>> | undefined,
  heads: Heads,
): string | undefined {
  const own = [...heads].filter(
    ([chain, head]) => deviceOfChain(chain) === device && head.next > 0,
  );
  const stated = Object.entries(cut ?? {}).filter(([, head]) => head.next > 0);
  const same =
    own.length === stated.length &&
    own.every(([chain, { next, hash }]) => {
      const head = cut?.[chain];
      return head?.next === next && head.hash === hash;
    });
  return same ? undefined : "cut-differs";
}

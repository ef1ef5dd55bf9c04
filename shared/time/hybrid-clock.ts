/** Hybrid logical clock reading: [wall milliseconds since 1970, counter]. Kulkarni et al., 2014. */
export type Timestamp = readonly [wallMs: number, counter: number];

/** A remote clock further ahead than this is flagged and never merged. */
export const driftMsMax = 24 * 60 * 60 * 1000;

export const firstTimestamp: Timestamp = [0, 0];

export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** The next reading on this device: never behind what it has issued or seen. */
export function tick(last: Timestamp, wallMs: number): Timestamp {
  if (wallMs > last[0]) return [wallMs, 0];
  // Somebody may have sealed the largest counter there is: the next millisecond is still ours.
  return last[1] < Number.MAX_SAFE_INTEGER ? [last[0], last[1] + 1] : [last[0] + 1, 0];
}

/** What a device remembers after seeing a remote reading; one from too far ahead changes nothing. */
export function observe(last: Timestamp, remote: Timestamp, wallMs: number): Timestamp {
  if (isAhead(remote, wallMs)) return last;
  return compareTimestamps(remote, last) > 0 ? remote : last;
}

export const isAhead = (remote: Timestamp, wallMs: number): boolean =>
  remote[0] > wallMs + driftMsMax;

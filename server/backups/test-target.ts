import type { RandomSource } from "../../shared/journal/ports.ts";
import { type Target, TargetFault, type TargetFaultCode, type TargetSource } from "./target.ts";

/** What is written there to try it: enough to tell a speed, little enough for a slow line. */
const triedBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;

export type TargetTestStep = "reach" | "write" | "list" | "read" | "remove";

/** What to do about it, for the screen to say. */
export type TargetAdvice =
  | "check-network"
  | "plug-in-disk"
  | "check-password"
  | "check-fingerprint"
  | "check-certificate"
  | "check-permissions"
  | "check-clock"
  | "free-space"
  | "wait"
  | "choose-another"
  | "try-again";

export type TargetTest =
  | { ok: true; upBytesPerSecond: number; downBytesPerSecond: number }
  | {
      ok: false;
      /** what it failed at; everything before it went well */
      step: TargetTestStep;
      code: TargetFaultCode;
      advice: TargetAdvice;
      /** what the server said, for who knows more */
      message: string;
      /** with `unknown-host-key`: the key to compare and then to accept */
      hostKey?: string | undefined;
    };

export interface TestTargetDeps {
  random: RandomSource;
  /** milliseconds that only go forward */
  elapsedMs(): number;
}

/**
 * Tries a target from end to end: reaches it, writes a small file, finds it in the list, reads it back and
 * compares it, removes it. Nothing of it stays where that is possible.
 */
export async function testTarget(
  target: Target,
  { random, elapsedMs }: TestTargetDeps,
  signal?: AbortSignal,
): Promise<TargetTest> {
  const content = random.bytes(triedBytes);
  const name = `test/${Buffer.from(random.bytes(9)).toString("hex")}`;
  let step: TargetTestStep = "reach";
  try {
    await target.list("test");
    step = "write";
    const begun = elapsedMs();
    await target.put(name, sourceOf(content), { signal });
    const written = elapsedMs();
    step = "list";
    const listed = (await target.list("test")).find((file) => file.name === name);
    if (listed?.bytes !== triedBytes) throw lost("the list does not show what was written");
    step = "read";
    const asked = elapsedMs();
    await compare(target, name, content, signal);
    const read = elapsedMs();
    step = "remove";
    await target.remove(name);
    const isGone = !(await target.list("test")).some((file) => file.name === name);
    if (!isGone) throw new TargetFault("refused", "what was removed is still there");
    return {
      ok: true,
      upBytesPerSecond: speedOf(written - begun),
      downBytesPerSecond: speedOf(read - asked),
    };
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    if (step !== "reach" && step !== "remove") await target.remove(name).catch(() => undefined);
    const { code, message, hostKey } = error;
    return { ok: false, step, code, advice: adviceOn[code], message, hostKey };
  }
}

const adviceOn: Readonly<Record<TargetFaultCode, TargetAdvice>> = {
  unreachable: "check-network",
  refused: "check-permissions",
  busy: "wait",
  "wrong-credentials": "check-password",
  "unknown-host-key": "check-fingerprint",
  "untrusted-certificate": "check-certificate",
  "not-this-target": "plug-in-disk",
  "wrong-clock": "check-clock",
  full: "free-space",
  "too-large": "choose-another",
  "not-there": "choose-another",
  damaged: "choose-another",
  cancelled: "try-again",
};

export const adviceFor = (code: TargetFaultCode): TargetAdvice => adviceOn[code];

const lost = (message: string): TargetFault => new TargetFault("damaged", message);

const speedOf = (ms: number): number => Math.round((triedBytes * 1000) / Math.max(1, ms));

function sourceOf(content: Uint8Array): TargetSource {
  return {
    bytes: content.length,
    async *read(from) {
      for (let at = from; at < content.length; at += chunkBytes)
        yield content.subarray(at, at + chunkBytes);
    },
  };
}

async function compare(
  target: Target,
  name: string,
  content: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  let at = 0;
  for await (const chunk of target.get(name, 0, { signal })) {
    const expected = content.subarray(at, at + chunk.length);
    if (Buffer.compare(chunk, expected) !== 0) throw lost("what is read is not what was written");
    at += chunk.length;
  }
  if (at !== content.length) throw lost(`${at} of ${content.length} bytes came back`);
}

import * as z from "zod/mini";
import { type AuthorityState, authorityHead } from "../access/authority-state.ts";
import { hashText } from "../journal/bytes.ts";
import type { Heads } from "../journal/chain.ts";
import type { ChainId } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import type { MemberId } from "../members/member-kinds.ts";
import type { DeviceReplica } from "./device-replica.ts";

/**
 * Everything that one replica holds, as text that survives being cut and scratched: one line a piece,
 * each with its own checksum, below a mebibyte. Runs certify themselves, so anybody may carry the file.
 * Members' keys are in it only as sealed for the recovery card.
 */
export interface RescueSource {
  device: string;
  nowMs: number;
  authority: AuthorityState;
  authorityTexts(): Promise<readonly string[]>;
  heads(): Heads;
  runsFrom(chain: ChainId, seq: number, most: number): Promise<Run[]>;
  runsApart(): Promise<Run[]>;
  keys(): Iterable<readonly [MemberId, string]>;
}

export interface RescueProgress {
  /** operations */
  done: number;
  total: number;
}

const count = z.number().check(z.int(), z.minimum(0));
const hash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const run = z.strictObject({
  operations: z.array(z.string()).check(z.minLength(1), z.maxLength(500)),
  seal: z.string().check(z.maxLength(1024)),
});

const header = z.strictObject({
  rescue: z.literal(1),
  org: z.string().check(z.maxLength(32)),
  name: z.string().check(z.maxLength(80)),
  device: z.string().check(z.maxLength(32)),
  at: count,
  term: count,
  authority: z.string().check(z.maxLength(40)),
  heads: z
    .array(z.tuple([z.string().check(z.maxLength(80)), count, hash]))
    .check(z.maxLength(4096)),
  apart: count,
});
const line = z.union([
  header,
  z.strictObject({ authority: z.array(z.string()).check(z.maxLength(1000)) }),
  z.strictObject({ runs: z.array(run).check(z.maxLength(1000)) }),
  z.strictObject({ keys: z.string() }),
  z.strictObject({ end: count }),
]);

/** What a rescue file says of itself at its beginning. */
export type RescueHeader = z.infer<typeof header>;
type RescueLine = z.infer<typeof line>;

/** Characters of one line; a run alone may be as large as the wire allows. */
const rescueLineMax = 1024 * 1024;
const pieceLengthMax = 256 * 1024;
const keysPerLine = 4000;
const runsAtOnce = 200;

/** The file's lines, each with its line break; cancelled by not asking for more. */
export async function* writeRescue(
  source: RescueSource,
  seal: (text: string) => Promise<string>,
  onProgress: (progress: RescueProgress) => void = () => {},
): AsyncGenerator<string> {
  let lines = 0;
  const write = (content: RescueLine): string => {
    lines++;
    const text = JSON.stringify(content);
    return `${sumOf(text)} ${text}\n`;
  };
  const { authority, device, nowMs } = source;
  const heads = [...source.heads()].filter(([, { next }]) => next > 0);
  const apart = await source.runsApart();
  yield write({
    rescue: 1,
    org: authority.org,
    name: authority.name,
    device,
    at: nowMs,
    term: authority.term,
    authority: authorityHead(authority),
    heads: heads.map(([chain, { next, hash: head }]) => [chain, next, head]),
    apart: apart.length,
  });
  for (const part of parts(await source.authorityTexts(), (text) => text.length))
    yield write({ authority: part });
  const total = heads.reduce((sum, [, { next }]) => sum + next, 0);
  let done = 0;
  for (const [chain, { next }] of heads)
    for (let from = 0; from < next; ) {
      const runs = await source.runsFrom(chain, from, runsAtOnce);
      if (runs.length === 0) break;
      for (const part of parts(runs.map(plain), lengthOf)) yield write({ runs: part });
      from = (readSeal(runs.at(-1)?.seal ?? "")?.last ?? next) + 1;
      done += runs.reduce((sum, { operations }) => sum + operations.length, 0);
      onProgress({ done, total });
    }
  for (const part of parts(apart.map(plain), lengthOf)) yield write({ runs: part });
  const keys = [...source.keys()];
  for (let at = 0; at < keys.length; at += keysPerLine)
    yield write({ keys: await seal(JSON.stringify(keys.slice(at, at + keysPerLine))) });
  yield write({ end: lines });
}

/** What could be read of a file, damaged as it may be. */
export type RescuePiece =
  | { type: "header"; header: RescueHeader }
  | { type: "authority"; entries: string[] }
  | { type: "runs"; runs: Run[] }
  /** sealed for the recovery card */
  | { type: "keys"; sealed: string }
  | { type: "end"; lines: number }
  /** a line that is not what was written; its neighbours are not concerned */
  | { type: "damaged"; line: number };

/** Reads one line after the other; nothing in it is believed before runs and entries were checked. */
export async function* readRescue(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<RescuePiece> {
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === "") continue;
    const piece = readLine(text.replace(/\r?\n?$/, ""));
    yield piece ?? { type: "damaged", line: number };
  }
}

function readLine(text: string): RescuePiece | undefined {
  if (text.length > rescueLineMax || text[sumLength] !== " ") return undefined;
  const json = text.slice(sumLength + 1);
  if (sumOf(json) !== text.slice(0, sumLength)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  if ("rescue" in data) return { type: "header", header: data };
  if ("authority" in data) return { type: "authority", entries: data.authority };
  if ("runs" in data) return { type: "runs", runs: data.runs };
  if ("keys" in data) return { type: "keys", sealed: data.keys };
  return { type: "end", lines: data.end };
}

/** Cuts text that comes in pieces of any size into lines; a line that has no end is damaged, not endless. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    rest += piece;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > rescueLineMax + sumLength + 1) rest = rest.slice(0, 1);
  }
  if (rest !== "") yield rest;
}

/** A device's replica as a source. */
export function rescueSourceOf(replica: DeviceReplica, nowMs: number): RescueSource {
  return {
    device: replica.device,
    nowMs,
    authority: replica.authority,
    authorityTexts: () => replica.readDocument("authority", 0, replica.documentLength("authority")),
    heads: () => replica.heads(),
    runsFrom: (chain, seq, most) => replica.runsFrom(chain, seq, most),
    runsApart: async () => {
      const runs = await Promise.all(replica.branches().map((branch) => replica.runOf(branch)));
      return runs.filter((known): known is Run => known !== undefined);
    },
    keys: () => replica.keys(),
  };
}

const sumLength = 16;
const sumOf = (text: string): string => hashText(text).slice(0, sumLength);

const plain = ({ operations, seal }: Run) => ({ operations: [...operations], seal });
const lengthOf = ({ operations, seal }: Run): number =>
  operations.reduce((sum, text) => sum + text.length, seal.length);

/** As many items together as fit a piece; a larger one alone. */
function* parts<Item>(items: readonly Item[], length: (item: Item) => number): Generator<Item[]> {
  let part: Item[] = [];
  let sum = 0;
  for (const item of items) {
    if (part.length > 0 && sum + length(item) > pieceLengthMax) {
      yield part;
      part = [];
      sum = 0;
    }
    part.push(item);
    sum += length(item);
  }
  if (part.length > 0) yield part;
}

import type { RunningHash } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { Dice } from "./dice.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";

/** An operation as the harness wrote it, parsed. */
export type Parsed = { [key: string]: Tree };

export const crookedChain = "crook@s1";

/** Values that mean something in the attacked shop: the interesting ones are others' own. */
export interface Vocabulary {
  refs: readonly string[];
  credits: readonly string[];
  purses: readonly string[];
}

const pick = (dice: Dice, words: readonly string[], fallback: string): string =>
  words.length > 0 ? dice.of(words) : fallback;

/** Puts others' members, lots, credits and purses, and other amounts, where the operation names its own. */
function twist(value: Tree, dice: Dice, words: Vocabulary, own: string): Tree {
  if (typeof value === "number") {
    if (!dice.oneIn(6)) return value;
    return dice.of([-value, value + 1, value - 1, 0, value * 2, 1_00, 100_000_000_000]);
  }
  if (typeof value === "string") {
    if (!dice.oneIn(4)) return value;
    if (value.includes("#")) return pick(dice, words.credits, value);
    if (/@[a-z0-9]+:\d+$/.test(value)) return dice.of([own, pick(dice, words.refs, value)]);
    if (/^[a-z0-9]+@[a-z0-9]+$/.test(value)) return pick(dice, words.purses, value);
    return value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => twist(item, dice, words, own));
    if (items.length > 0 && dice.oneIn(8)) items.push(items[0] as Tree);
    return items;
  }
  if (typeof value !== "object" || value === null || !("constructor" in value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, twist(inner as Tree, dice, words, own)]),
  );
}

const kinds = [
  "MemberAdded",
  "MemberEdited",
  "ToppedUp",
  "SaleRecorded",
  "OperationReversed",
  "LotsVoided",
  "ValueMoved",
  "ImportOpened",
  "OpeningBalanceImported",
  "PurchasesImported",
  "ImportClosed",
  "ImportUndone",
  "MoneyPrinted",
];

const clocks = (nowMs: number): readonly Tree[][] => [
  [nowMs, 0],
  [0, 0],
  [nowMs + 86_399_000, Number.MAX_SAFE_INTEGER],
  [nowMs, Number.MAX_SAFE_INTEGER - 1],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [nowMs * 10, 5],
];

/**
 * The text of the crook's operation number `seq`: somebody's operation, rewritten as the crook's own.
 * @param model any operation of the corpus
 */
export function crookedText(
  dice: Dice,
  { model, other, seq, auth, heads, nowMs, words }: CrookedFacts,
): string {
  const own = `${crookedChain}:${seq}`;
  let body = ownBody(model["body"] as Tree, model, own);
  if (dice.oneIn(2)) body = twist(body, dice, words, own);
  if (dice.oneIn(4)) body = mutateTree(body, dice, other["body"] as Tree);
  const operation: Parsed = {
    ...model,
    body,
    device: "crook",
    store: "s1",
    seq,
    auth,
    hlc: dice.oneIn(8) ? dice.of(clocks(nowMs)) : [nowMs, 0],
  };
  if (dice.oneIn(6)) operation["kind"] = dice.of(kinds);
  if (dice.oneIn(4)) operation["staff"] = dice.of(["amy", "boss", "", "nobody", "constructor"]);
  if (dice.oneIn(12)) operation["auth"] = dice.of([...heads, `99:${"A".repeat(22)}`]);
  if (dice.oneIn(12)) operation["term"] = dice.of([1, 2, 2 ** 31, Number.MAX_SAFE_INTEGER]);
  if (dice.oneIn(12)) operation["date"] = dice.of(["9999-99-99", "0000-00-00", "2026-11-23"]);
  const changed = dice.oneIn(20) ? mutateTree(operation, dice, other) : operation;
  const text = writeTree(changed, true);
  return dice.oneIn(30) ? roughen(text, dice) : text;
}

export interface CrookedFacts {
  model: Parsed;
  other: Parsed;
  seq: number;
  auth: string;
  heads: readonly string[];
  nowMs: number;
  words: Vocabulary;
}

/** What named the author's own operation and purse names the crook's. */
function ownBody(body: Tree, model: Parsed, own: string): Tree {
  const chain = `${String(model["device"])}@${String(model["store"])}`;
  const text = writeTree(body, true)
    .replaceAll(`"${chain}:${String(model["seq"])}"`, `"${own}"`)
    .replaceAll(`"purse":"${chain}"`, `"purse":"${crookedChain}"`);
  return JSON.parse(text) as Tree;
}

/** Seals texts, whatever they are, as the crook's next run: the chain is right and so is the key. */
export const sealAsCrook = (
  ledger: Ledger,
  texts: readonly string[],
  signer: Signer,
): Promise<Run> => sealAs(ledger, crookedChain, texts, signer);

/** The same for any chain. */
export async function sealAs(
  ledger: Ledger,
  chain: ChainId,
  texts: readonly string[],
  signer: Signer,
): Promise<Run> {
  const head = ledger.head(chain);
  const hash: RunningHash = ledger.runningHash(chain);
  for (const text of texts) hash.add(text);
  const unsigned = {
    v: 1 as const,
    org: "testorg",
    chain,
    first: head.next,
    last: head.next + texts.length - 1,
    prev: head.hash,
    head: hash.toString(),
  };
  const sig = await signer.sign(sealedBytes(unsigned));
  return { operations: texts, seal: writeSeal({ ...unsigned, sig }) };
}

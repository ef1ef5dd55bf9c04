import * as decoding from "lib0/decoding";
import type { Run } from "../../shared/journal/run.ts";
import type { Checkpoint } from "../../shared/replica/checkpoint.ts";
import {
  type DeviceMessage,
  readDeviceMessage,
  sessionMessageType,
} from "../../shared/sync/messages.ts";
import { shownCheckpoint } from "./checkpoint-material.ts";
import type { Corpus } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { frameOf } from "./frames.ts";
import { mutateTree, type Tree, writeTree } from "./mutate-json.ts";

/** What a server has at hand that wants to mislead a device. */
export interface Lies {
  corpus: Corpus;
  held: Checkpoint;
  /** sealed by nobody who may */
  forged: readonly Run[];
  /** second histories that a device which is in league with the server really sealed */
  rivals: readonly Run[];
}

const hash = "A".repeat(43);
const numbers = [0, 1, 2, 3, 13, 1000, 2 ** 53 - 1];
const chains = ["pc1@s1", "till1@s1", "crook@s1", "srv1@s1", "crook@zz", "nobody@nowhere"];
const codes = ["gap", "fork", "apart", "store-full", "key-missing", "bad-seal", "nothing", ""];

const plain = ({ operations, seal }: Run): Tree => ({ operations: [...operations], seal });
const times = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));

const headsOf = (dice: Dice): Tree[] =>
  dice.oneIn(40)
    ? times(4096, (index) => [`z${dice.below(1_000_000)}@s${index}`, 5, hash])
    : times(dice.few(6), () => [dice.of(chains), dice.of(numbers), hash]);

const runsOf = (lies: Lies, dice: Dice): Tree[] => {
  const { corpus, forged, rivals } = lies;
  const pick = () => dice.of(dice.of([corpus.runs, forged, rivals, [corpus.fork]]));
  const from = dice.below(corpus.runs.length);
  return dice.oneIn(2)
    ? corpus.runs.slice(from, from + 20).map(plain)
    : times(dice.few(8), () => plain(pick()));
};

/** What a server says without being asked. */
export async function unasked(lies: Lies, dice: Dice): Promise<Tree> {
  const { corpus, held } = lies;
  const names = [
    "authority",
    "journal/1/s1/2026-11",
    "journal/1/s1/2026-10",
    "journal/1/zz/2026-11",
  ];
  return dice.of<() => Tree | Promise<Tree>>([
    () => ({
      type: "documents",
      term: dice.of(numbers),
      documents: times(dice.oneIn(20) ? 2000 : dice.few(5), (index) => ({
        name: index > 10 ? `journal/1/z${index}/2026-11` : dice.of(names),
        length: dice.of(numbers),
        running: dice.oneIn(2),
      })),
    }),
    () => ({
      type: "heads",
      heads: headsOf(dice),
      branches: dice.oneIn(40)
        ? times(15_000, (index) => `${String(dice.below(10)).repeat(37)}${100_000 + index}`)
        : times(dice.few(4), () => dice.of([hash, `B${hash.slice(1)}`])),
    }),
    () => ({
      type: "holders",
      holders: times(dice.few(5), () => ({
        device: dice.of(["srv1", "till1", "crook", "nobody"]),
        complete: dice.oneIn(2),
        online: dice.oneIn(2),
        heads: headsOf(dice),
        known: dice.oneIn(2) ? headsOf(dice).map((head) => (head as Tree[]).slice(0, 2)) : [],
      })),
    }),
    () => ({
      type: "accepted",
      id: dice.below(50),
      chain: dice.of(chains),
      next: dice.of(numbers),
    }),
    () => ({ type: "refused", id: dice.below(50), code: dice.of(codes), next: dice.of(numbers) }),
    () => ({ type: "want", chain: dice.of(chains), from: dice.of(numbers) }),
    () => ({ type: "runs", runs: runsOf(lies, dice) }),
    () => ({ type: "keys-accepted", id: dice.below(50) }),
    () => keysPage(corpus, dice),
    () => ({ type: "value-answer", id: dice.below(50) }),
    () => ({ type: "tail-taken", id: dice.below(50), length: dice.of(numbers) }),
    async () => ({ type: "checkpoint", text: (await shownCheckpoint(held, dice)).text }),
  ])();
}

function keysPage({ keys, members }: Corpus, dice: Dice): Tree {
  const invented = (): Tree => [`till1@s1:${dice.below(1_000_000)}`, hash];
  return {
    type: "keys",
    generation: dice.of([1, 1, 1, 2, 2 ** 53 - 1]),
    from: dice.of(numbers),
    total: dice.of(numbers),
    keys: dice.of([
      () => keys.map((entry) => [...entry]),
      () => members.map((member) => [member, hash]),
      () => times(dice.oneIn(10) ? 1000 : 3, invented),
      () => [],
    ])(),
  };
}

/** What it answers; nothing, the truth or a lie, once or twice. */
async function answersTo(message: DeviceMessage, lies: Lies, dice: Dice): Promise<Tree[]> {
  const number = () => dice.of(numbers);
  const either = <Item>(honest: Item, lie: () => Item): Item => (dice.oneIn(2) ? honest : lie());
  switch (message.type) {
    case "submit": {
      const { id, run } = message;
      const seal = JSON.parse(run.seal) as { chain: string; last: number };
      const chain = either(seal.chain, () => dice.of(chains));
      const accepted: Tree = { type: "accepted", id, chain, next: either(seal.last + 1, number) };
      return [
        either(accepted, () => ({ type: "refused", id, code: dice.of(codes), next: number() })),
      ];
    }
    case "want": {
      const true_ = lies.corpus.runs.filter(({ seal }) => seal.includes(`"${message.chain}"`));
      return [{ type: "runs", runs: either(true_.map(plain), () => runsOf(lies, dice)) }];
    }
    case "want-branch":
      return [{ type: "runs", runs: [plain(dice.of([...lies.rivals, lies.corpus.fork]))] }];
    case "compare": {
      const { id, length, last } = message;
      const standing = dice.of(["same", "shorter", "other"]);
      return [
        {
          type: "compared",
          id,
          standing,
          length: either(length, number),
          last: either(last, () => dice.of(["", hash, "x"])),
        },
      ];
    }
    case "tail": {
      const { id, from, elements } = message;
      const taken: Tree = { type: "tail-taken", id, length: from + elements.length };
      return [either(taken, () => ({ ...taken, length: number(), code: dice.of(codes) }))];
    }
    case "keys-put":
      return [
        either<Tree>({ type: "keys-accepted", id: message.id }, () => ({
          type: "refused",
          id: message.id,
          code: dice.of(codes),
        })),
      ];
    case "keys-get":
      return [keysPage(lies.corpus, dice)];
    case "value-request": {
      const { id } = message;
      const refusal = { type: "value-answer", id, refusal: "not-enough", available: number() };
      return [either<Tree>({ type: "value-answer", id }, () => refusal)];
    }
    default:
      return [];
  }
}

function messageOf(frame: Uint8Array): DeviceMessage | undefined {
  const decoder = decoding.createDecoder(frame);
  if (decoding.readVarUint(decoder) !== sessionMessageType) return undefined;
  const bytes = decoding.readVarUint8Array(decoder);
  const message = readDeviceMessage(bytes);
  // What a device says to a liar must still be what a server can read.
  if (!message) throw new Error(`unreadable: ${Buffer.from(bytes).toString().slice(0, 300)}`);
  return message;
}

/** Frames that answer what a device has said, in whatever way. */
export async function lieTo(frame: Uint8Array, lies: Lies, dice: Dice): Promise<Uint8Array[]> {
  const message = messageOf(frame);
  if (!message || dice.oneIn(12)) return [];
  const answers = await answersTo(message, lies, dice);
  if (dice.oneIn(8)) answers.push(...answers);
  return answers.map((answer) => frameOfTree(answer, dice));
}

export function frameOfTree(answer: Tree, dice: Dice): Uint8Array {
  const tree = dice.oneIn(15) ? mutateTree(answer, dice, { type: "want", id: 1 }) : answer;
  return frameOf(sessionMessageType, new TextEncoder().encode(writeTree(tree)));
}

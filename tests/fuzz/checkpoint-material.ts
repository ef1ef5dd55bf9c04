import { canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { type Checkpoint, writeCheckpoint } from "../../shared/replica/checkpoint.ts";
import { quickSigner } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";

/** A checkpoint that somebody shows. */
export interface ShownCheckpoint {
  text: string;
  /** the server of this term signed exactly this, of this organisation and term */
  isServers: boolean;
}

const hash = "A".repeat(43);
const numbers = [0, 1, 2, 1000, 2 ** 31, 2 ** 53 - 1];
const names = ["srv1@s1", "till1@s1", "crook@s1", "crook@zz", "nobody@s1", "srv9@s1", "proto@s1"];

/** What a server that lies, or whose key was stolen, could state and sign. */
function absurd(held: Checkpoint, dice: Dice): Checkpoint {
  const many = dice.oneIn(30) ? 4096 : dice.few(6);
  const heads = Array.from({ length: many }, (_, index): Checkpoint["heads"][number] => {
    const name = many > 100 ? `crook@s${index}` : dice.of(names);
    return [name, dice.of(numbers), hash];
  });
  const documents = Array.from({ length: dice.few(6) }, (): Checkpoint["documents"][number] => [
    dice.of(["journal/1/s1/2026-11", "authority", "journal/1/zz/1999-01", "../../x", ""]),
    dice.of(numbers),
  ]);
  const changes: readonly Partial<Checkpoint>[] = [
    { heads: [...held.heads, ...heads].slice(0, 4096) },
    { heads },
    { documents },
    { documents: [...held.documents, ...documents] },
    { authority: `${dice.of([0, 3, 999_999_999])}:${"A".repeat(22)}` },
    { at: dice.of(numbers) },
    { apart: Array.from({ length: many }, () => hash) },
    { fold: dice.of(numbers), operations: dice.of(numbers), members: dice.of(numbers) },
    { trialBalance: { cash: -(2 ** 53 - 1), constructor: 5, toString: 1 } as never },
    { state: dice.of(["", hash]) },
  ];
  let made = { ...held };
  for (let left = dice.few(3); left > 0; left--) made = { ...made, ...dice.of(changes) };
  return made;
}

const sign = (checkpoint: Checkpoint, signer: Signer): Promise<string> =>
  writeCheckpoint(checkpoint, signer);

/** @param held what is true */
export async function shownCheckpoint(held: Checkpoint, dice: Dice): Promise<ShownCheckpoint> {
  const server = quickSigner("srv1");
  const stated = dice.oneIn(3) ? held : absurd(held, dice);
  const genuine = await sign(stated, server);
  const nobodys = (text: string): ShownCheckpoint => ({ text, isServers: text === genuine });
  return dice.of<() => ShownCheckpoint | Promise<ShownCheckpoint>>([
    () => ({ text: genuine, isServers: true }),
    async () => nobodys(await sign(stated, quickSigner("crook"))),
    async () => nobodys(await sign({ ...stated, server: "crook" }, quickSigner("crook"))),
    async () => nobodys(await sign({ ...stated, server: "crook" }, server)),
    async () => nobodys(await sign({ ...stated, term: dice.of([2, 7, 2 ** 53 - 1]) }, server)),
    async () => nobodys(await sign({ ...stated, org: "otherorg" }, server)),
    () => nobodys(roughen(genuine, dice)),
    () => nobodys(`${" ".repeat(900 * 1024)}${genuine}`),
    function changedAfterwards() {
      const { sig, ...unsigned } = JSON.parse(genuine) as { [key: string]: Tree };
      const other = JSON.parse(canonicalJson(held as never)) as Tree;
      const changed = mutateTree(unsigned, dice, other);
      const isObject = typeof changed === "object" && changed !== null && !Array.isArray(changed);
      return nobodys(writeTree(isObject ? { ...changed, sig: sig ?? "" } : changed, true));
    },
    () => nobodys(writeTree(mutateTree(JSON.parse(genuine) as Tree, dice, {}), dice.oneIn(2))),
  ])();
}

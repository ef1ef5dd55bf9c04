import { describe, expect, it } from "vitest";
import type { ChainHead } from "../../shared/journal/chain.ts";
import { type ChainId, refOf } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { isSealText, readSeal } from "../../shared/journal/seal.ts";
import { ticketBytes } from "../../shared/sync/ticket.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, makeCorpus, quickSigner, shopDocument, untrueChains } from "./corpus.ts";
import { crookedChain, sealAsCrook } from "./crooked-operations.ts";
import type { Dice } from "./dice.ts";
import { positionOf, whyUnfair } from "./fair-books.ts";
import { forgeRuns } from "./forge.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";
import { allowedStatus, openSite } from "./site.ts";
import { startVictim, type VictimServer } from "./victim-server.ts";

/** How the owner's books say that the cashier's device is no longer let in. */
type How = "stopped" | "replaced";

/** The corpus after the cashier's device was replaced, or stopped as well, at what everybody had of it. */
async function makeClosed(how: How): Promise<{ corpus: Corpus; cut: ChainHead }> {
  const corpus = await makeCorpus();
  const { organisation } = corpus;
  const cut = (await startVictim(corpus)).relay.ledger.head(crookedChain);
  const owner = [{ by: "staff:boss" as const, signer: quickSigner("boss") }];
  const body = { device: "crook", cut: { [crookedChain]: cut } };
  if (how === "stopped") await organisation.append({ kind: "DeviceFrozen", body }, owner);
  const replaces = { replaces: "crook", cut: new Map([[crookedChain, cut]]) };
  await organisation.enrol("heir", { ceiling: "cashier", ...replaces });
  return { corpus, cut };
}

interface Sent {
  by: string;
  runs: readonly Run[];
  keys: readonly [string, string][];
}

const wrongKey = "A".repeat(43);

type Material = Awaited<ReturnType<typeof materialOf>>;

/** What a replaced device could hand over: its own, others', invented, and a second history. */
async function materialOf(corpus: Corpus) {
  const { runs, known } = corpus;
  const { ledger } = (await startVictim(corpus)).relay;
  const own = runs.slice(known).filter(({ seal }) => seal.includes(`"${crookedChain}"`));
  const [text = "{}"] = own.at(-1)?.operations ?? [];
  const { next } = ledger.head(crookedChain);
  const rivals: Run[] = [];
  for (let made = 0; made < 130; made++) {
    const rival = text.replace(/"seq":\d+/, `"seq":${next}`).replace(/,\d+\]/, `,${made}]`);
    rivals.push(await sealAsCrook(ledger, [rival], quickSigner("crook")));
  }
  const forged = await forgeRuns(corpus, { device: "till1", after: known, count: 4 });
  return { own, rivals, forged, known: runs.slice(0, known), fork: corpus.fork };
}

function sent(material: Material, corpus: Corpus, dice: Dice): Sent {
  const { own, rivals, forged, known, fork } = material;
  const pick = (): Run => dice.of(dice.of([own, own, rivals, rivals, forged, known, [fork]]));
  const some = () => Array.from({ length: dice.few(6) }, pick);
  const runs = dice.oneIn(3) ? own : dice.oneIn(20) ? rivals : some();
  const keys = Array.from({ length: dice.below(4) }, (): [string, string] => [
    dice.of([...corpus.members, `${crookedChain}:${dice.below(400)}`, "zz@s1:1", "x"]),
    dice.of([wrongKey, dice.of(corpus.keys)[1], "", "x".repeat(64)]),
  ]);
  return { by: dice.oneIn(5) ? dice.of(["till1", "heir", "srv1", "nobody"]) : "crook", runs, keys };
}

async function post(
  site: ReturnType<typeof openSite>,
  body: string,
): Promise<{ status: number; body: string }> {
  const request = new Request("http://localhost/api/v1/leftovers", { method: "POST", body });
  const response = await site.app.fetch(request, { address: "10.0.0.1" });
  return { status: response.status, body: await response.text() };
}

async function bodyOf(
  site: ReturnType<typeof openSite>,
  { by, runs, keys }: Sent,
  dice: Dice,
): Promise<string> {
  const asked = new Request("http://localhost/api/v1/challenge", { method: "POST", body: "{}" });
  const answer = await site.app.fetch(asked, { address: "10.0.0.1" });
  const { challenge } = (await answer.json()) as { challenge: string };
  const signer = quickSigner(dice.oneIn(10) ? "till2" : by);
  const signature = await signer.sign(ticketBytes("testorg", by, challenge));
  const tree: Tree = {
    device: by,
    challenge,
    signature,
    runs: runs.map(({ operations, seal }) => ({ operations: [...operations], seal })),
    keys: keys.map((entry) => [...entry]),
  };
  const changed = dice.oneIn(4) ? mutateTree(tree, dice, { device: "crook", keys: [] }) : tree;
  const text = writeTree(changed);
  return dice.oneIn(20) ? roughen(text, dice) : text;
}

/** Who may hand over what a body holds: the device that it names, if it signed; else nobody. */
async function signerOf(body: string): Promise<string | undefined> {
  // A byte order mark is no part of a text.
  const { device, challenge, signature } = JSON.parse(body.replace(/^\ufeff/, ""));
  const signed = await quickSigner(device).sign(ticketBytes("testorg", device, challenge));
  return signed === signature ? device : undefined;
}

/** What leftovers can never change. */
function expectUntouched(
  corpus: Corpus,
  { relay, store }: VictimServer,
  keyed: ReadonlySet<string>,
): void {
  expect(relay.trouble()).toBeUndefined();
  const own = (chain: ChainId) => chain === crookedChain;
  const others = [...relay.heads()].filter(([chain]) => !own(chain));
  expect(untrueChains(new Map(others), corpus)).toEqual([]);
  expect(others.length).toBeLessThanOrEqual(5);
  const crooked = relay.branches().filter(({ chain }) => own(chain));
  expect(crooked.length, "two histories are a mishap").toBeLessThanOrEqual(100);
  expect(relay.branches().every(({ chain }) => own(chain) || chain === "till1@s1")).toBe(true);
  expect([...store.content.documents.keys()]).toEqual(["authority", shopDocument]);
  const seals = (store.content.documents.get(shopDocument) ?? []).filter(isSealText);
  expect(seals.length, "each run once").toBe(new Set(seals).size);
  for (const member of keyed) expect(relay.keyring.holds(member), member).toBe(true);
}

/** Members who count on this server and whose key it had from the start, or was just handed. */
function keyedMembers({ keys }: Corpus, { relay }: VictimServer, body?: string): string[] {
  const handed = body === undefined ? undefined : keysIn(body);
  return keys
    .filter(([member, key]) => handed?.has(`${member} ${key}`) ?? true)
    .map(([member]) => member)
    .filter((member) => relay.ledger.books.members.has(member));
}

/** Which key a body hands over for whom; one that is handed for somebody else opens nothing. */
function keysIn(body: string): Set<string> {
  const { keys } = JSON.parse(body.replace(/^\ufeff/, ""));
  return new Set((keys as [string, string][]).map(([member, key]) => `${member} ${key}`));
}

/** What the crook's chain says beyond its cut on this server, of all that it was handed. */
function beyondCut({ relay }: VictimServer, cut: ChainHead, material: Material): string[] {
  const byHead = new Map(
    [...material.own, ...material.rivals].map((run) => [readSeal(run.seal)?.head ?? "", run]),
  );
  const texts: string[][] = [];
  let { hash } = relay.ledger.head(crookedChain);
  while (hash !== cut.hash) {
    const run = byHead.get(hash);
    const seal = run && readSeal(run.seal);
    if (!run || !seal) throw new Error(`${hash} was never handed over`);
    texts.unshift([...run.operations]);
    hash = seal.prev;
  }
  return texts.flat();
}

describe("what a device that is let in no longer hands over", () => {
  it.each<{ how: How; what: string; mutants: number }>([
    { how: "stopped", what: "changes no balance", mutants: effort(600, 9000) },
    {
      how: "replaced",
      what: "moves what its rights and its purse allow",
      mutants: effort(400, 6000),
    },
  ])(
    "is kept, whatever it is mixed with; of one that was $how it $what [ID3]",
    {
      timeout: patience(120_000),
    },
    async ({ how, mutants }) => {
      const { corpus, cut } = await makeClosed(how);
      const material = await materialOf(corpus);
      const fresh = async () => {
        const victim = await startVictim(corpus);
        return { victim, site: openSite(corpus, victim, false) };
      };
      let { victim, site } = await fresh();
      const start = positionOf(victim.relay.ledger);
      let kept = 0;
      let counted = 0;
      let closed = new Set(["crook"]);
      let keyed = new Set(keyedMembers(corpus, victim));
      await runCampaign<{ dice: Dice; body?: string }>({
        name: `leftovers-${how}`,
        count: mutants,
        make: (dice) => ({ dice }),
        async attack(mutant) {
          const { dice } = mutant;
          site.clock.now += 5000;
          const offered = sent(material, corpus, dice);
          mutant.body = await bodyOf(site, offered, dice);
          const before = victim.relay.heads().get(crookedChain)?.next ?? 0;
          const { status, body } = await post(site, mutant.body);
          expect(site.errors).toEqual([]);
          if (!allowedStatus.has(status)) throw new Error(`answered ${status}: ${body}`);
          const after = victim.relay.heads().get(crookedChain)?.next ?? 0;
          if (after > before) kept++;
          if (status !== 200) expect(after).toBe(before);
          // Whoever is shown to have two histories is let in no longer: then what is left is handed over.
          if (status === 200) expect(closed).toContain(await signerOf(mutant.body));
          if (offered.runs.includes(corpus.fork)) closed.add("till1");
          const isOwn = status === 200 && (await signerOf(mutant.body)) === "crook";
          if (isOwn)
            for (const member of keyedMembers(corpus, victim, mutant.body)) keyed.add(member);
          const texts = beyondCut(victim, cut, material);
          const isCounted = (text: string) =>
            victim.relay.ledger.fold.isCounted(refOf(JSON.parse(text)));
          counted += texts.filter(isCounted).length;
          if (how === "stopped") expect(texts.filter(isCounted)).toEqual([]);
          expect(
            whyUnfair(victim.relay.ledger, { ...start, reversed: new Set() }, texts, crookedChain),
          ).toBeUndefined();
        },
        async look() {
          expectUntouched(corpus, victim, keyed);
          closed = new Set(["crook"]);
          ({ victim, site } = await fresh());
          keyed = new Set(keyedMembers(corpus, victim));
        },
        lookEvery: 15,
        show: ({ body }) => String(body),
      });
      expect(kept).toBeGreaterThan(0);
      expect(counted > 0).toBe(how === "replaced");
    },
  );
});

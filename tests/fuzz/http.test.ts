import { describe, expect, it } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import { effort, patience } from "../harness/effort.ts";
import {
  type AuthorityMaterial,
  authorityMaterial,
  crookedEntry,
  mayBeTaken,
} from "./authority-material.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, makeCorpus, quickSigner, untrueChains } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { reseal } from "./forge.ts";
import { mutateTree, nastyText, roughen, type Tree, writeTree } from "./mutate-json.ts";
import { allowedStatus, openSite } from "./site.ts";
import { emptyVictim, startVictim, stateOf, type VictimServer } from "./victim-server.ts";

interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const sig = "A".repeat(86);
const key = "A".repeat(43);
const token = "A".repeat(32);

const bodies = (
  { material, seals }: Material,
  entry: string,
  dice: Dice,
): Record<string, Tree> => ({
  "/api/v1/challenge": {},
  "/api/v1/tickets": { device: "crook", challenge: token, signature: sig, count: 1 },
  "/api/v1/authority/read": { challenge: token, key, signature: sig },
  "/api/v1/authority/entries": { entry },
  "/api/v1/setup": { code: "0000-0000-0000-0000", entries: [...material.log] },
  "/api/v1/recovery/authority": {
    entries: dice.oneIn(2) ? [...material.log] : [...material.log.slice(0, 3), entry],
    seals: Array.from({ length: dice.few(5) }, () => dice.of(seals)),
  },
  "/api/v1/leftovers": { device: "crook", challenge: token, signature: sig, runs: [], keys: [] },
});

interface Material {
  material: AuthorityMaterial;
  /** of every chain, genuine; and of the old server's, further than it ever came */
  seals: readonly string[];
}

/** Seals that claim more of the old server's chain than there is, by who has not its key. */
async function materialOf(corpus: Corpus): Promise<Material> {
  const genuine = corpus.runs.map(({ seal }) => seal);
  const last = corpus.runs.findLast(({ seal }) => seal.includes('"chain":"srv1@s1"')) as Run;
  const claims: object[] = [
    { first: 7, last: 8 },
    { first: 0, last: 2 ** 53 - 2 },
    { chain: "srv1@zz", first: 0, last: 99 },
    { head: key },
    { org: "otherorg", last: 500 },
  ];
  const forged = claims.map((claim) => reseal(last, quickSigner("crook"), claim));
  const servers = [
    reseal(last, quickSigner("srv1"), { org: "otherorg", last: 500 }),
    reseal(last, quickSigner("srv1"), { chain: "till1@s1", first: 90, last: 99 }),
  ];
  const runs = await Promise.all([...forged, ...servers]);
  const own = Array.from({ length: 8 }, () => last.seal);
  const seals = [...genuine, ...own, ...runs.map(({ seal }) => seal)];
  return { material: await authorityMaterial(corpus), seals };
}

const gets = [
  "/api/v1/setup?code=0",
  "/api/v1/recovery?nonce=AAAAAAAAAAAAAAAAAAAAAA&org=testorg",
  "/api/v1/organisation",
  "/api/v1/openapi.json",
  "/readyz",
  "/api/v1/none",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/index.html",
];

async function ask(material: Material, dice: Dice): Promise<Asked> {
  const headers = {
    "content-type": dice.of(["application/json", "text/plain", "", "x/y; q=\u00e9"]),
  };
  if (dice.oneIn(6)) {
    const path = dice.of(gets);
    return {
      method: dice.of(["GET", "POST", "PUT"]),
      path: dice.oneIn(2) ? path : `${path}${nastyText(dice)}`,
      headers,
      body: undefined,
    };
  }
  const made = bodies(material, await crookedEntry(material.material, dice), dice);
  const recovery = "/api/v1/recovery/authority";
  const path = dice.of([...Object.keys(made), "/api/v1/authority/entries", recovery]);
  const body = made[path] as Tree;
  const tree = dice.oneIn(4) ? body : mutateTree(body, dice, dice.of(Object.values(made)));
  const text = writeTree(tree);
  return { method: "POST", path, headers, body: dice.oneIn(6) ? roughen(text, dice) : text };
}

/** What counts of the old server is what it sealed: nobody else can say that it came further. */
function expectTrueCut(corpus: Corpus, { relay }: VictimServer): void {
  const { cut = {} } = relay.authority?.devices.get("srv1")?.closed ?? {};
  const heads = new Map(Object.entries(cut));
  expect(untrueChains(heads, corpus), "a cut that nobody sealed").toEqual([]);
  for (const chain of heads.keys()) expect(chain).toBe("srv1@s1");
}

describe.each(["ready", "new", "recovering"])("requests to a server that is %s", (mode) => {
  it("however they look, are answered; rights change only by who has them [AC6]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const all = await materialOf(corpus);
    const { material } = all;
    const start = async () => {
      const victim = mode === "ready" ? await startVictim(corpus) : await emptyVictim(corpus);
      if (mode === "ready") await victim.relay.sequence(material.log.at(-1) ?? "");
      return { victim, before: mode === "ready" ? stateOf(victim) : undefined };
    };
    let { victim, before } = await start();
    let site = openSite(corpus, victim, mode === "recovering");
    await runCampaign<{ dice: Dice; asked?: Asked }>({
      name: `http-${mode}`,
      count: mode === "ready" ? effort(1500, 15_000) : effort(3000, 15_000),
      make: (dice) => ({ dice }),
      async attack(mutant) {
        const asked = await ask(all, mutant.dice);
        mutant.asked = asked;
        const { method, path, headers, body } = asked;
        site.clock.now += 5000;
        const request = new Request(new URL(path, "http://localhost"), {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        const answering = Promise.resolve(site.app.fetch(request, { address: "10.0.0.1" }));
        await victim.timers.pass(5000);
        const response = await answering;
        await response.text();
        expect(site.errors).toEqual([]);
        if (!allowedStatus.has(response.status)) throw new Error(`answered ${response.status}`);
        if (mode === "recovering" && victim.relay.authority) {
          expect(victim.relay.authority.recovery.sign).toBe(material.state.recovery.sign);
          expectTrueCut(corpus, victim);
        }
        if (mode === "new") expect(victim.relay.authority).toBeUndefined();
        const length = material.log.length;
        const grown = (victim.relay.authority?.heads.length ?? 0) > length;
        if (!grown && mode === "ready") return expect(stateOf(victim)).toEqual(before);
        if (!grown) return;
        if (mode === "ready") {
          const [entry = ""] = victim.relay.ledger.authorityTexts.slice(-1);
          expect(mayBeTaken(entry, material), "taken without a right").toBe(true);
        }
        ({ victim, before } = await start());
        site = openSite(corpus, victim, mode === "recovering");
      },
      show: ({ asked }) => JSON.stringify(asked ?? "nothing"),
    });
  });
});

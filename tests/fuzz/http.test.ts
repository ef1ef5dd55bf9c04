import { describe, expect, it } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { createApp } from "../../server/api/app.ts";
import type { Site } from "../../server/api/site.ts";
import { TicketOffice } from "../../server/api/ticket-office.ts";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { newPairingCode } from "../../shared/access/pairing-code.ts";
import { effort, patience } from "../harness/effort.ts";
import {
  type AuthorityMaterial,
  authorityMaterial,
  crookedEntry,
  mayBeTaken,
} from "./authority-material.ts";
import { runCampaign } from "./campaign.ts";
import { type Corpus, makeCorpus, quickSigner } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { mutateTree, nastyText, roughen, type Tree, writeTree } from "./mutate-json.ts";
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

const bodies = (material: AuthorityMaterial, entry: string): Record<string, Tree> => ({
  "/api/v1/challenge": {},
  "/api/v1/tickets": { device: "crook", challenge: token, signature: sig, count: 1 },
  "/api/v1/authority/read": { challenge: token, key, signature: sig },
  "/api/v1/authority/entries": { entry },
  "/api/v1/setup": { code: "0000-0000-0000-0000", entries: [...material.log] },
  "/api/v1/recovery/authority": {
    entries: [...material.log.slice(0, 3), entry],
    heads: [["srv1@s1", 2 ** 53 - 1, key]],
  },
});

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

async function ask(material: AuthorityMaterial, dice: Dice): Promise<Asked> {
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
  const made = bodies(material, await crookedEntry(material, dice));
  const path = dice.of([...Object.keys(made), "/api/v1/authority/entries"]);
  const body = made[path] as Tree;
  const tree = dice.oneIn(4) ? body : mutateTree(body, dice, dice.of(Object.values(made)));
  const text = writeTree(tree);
  return { method: "POST", path, headers, body: dice.oneIn(6) ? roughen(text, dice) : text };
}

/** The production interface over a server in one of its modes. */
function openSite(corpus: Corpus, victim: VictimServer, isRecovering: boolean) {
  const { random, recovery } = corpus.organisation;
  const clock = { now: corpus.organisation.clock.nowMs(), nowMs: () => clock.now };
  const errors: unknown[] = [];
  const server = { device: "srv9", key: quickSigner("srv9").publicKey };
  const { relay, timers } = victim;
  const site = {
    relay,
    tickets: new TicketOffice(clock, random),
    clock,
    random,
    signatures: nodeSignatures,
    server,
    setupCode: newPairingCode(random),
    recovery: isRecovering
      ? createRecoveryDesk({
          recovery,
          server,
          found: (entries) => relay.found(entries),
          clock,
          timers,
          signatures: nodeSignatures,
        })
      : undefined,
    version: "0",
    isHttps: false,
    https: { standing: { kind: "off" } },
    address: { origin: () => undefined, join: () => undefined },
  } as unknown as Site;
  const assets = { find: () => undefined, read: () => undefined } as never;
  const app = createApp(site, assets, (error) => void errors.push(error));
  return { app, clock, errors };
}

const allowed = new Set([200, 400, 403, 404, 409, 413, 429]);

describe.each(["ready", "new", "recovering"])("requests to a server that is %s", (mode) => {
  it("however they look, are answered; rights change only by who has them [AC6]", {
    timeout: patience(120_000),
  }, async () => {
    const corpus = await makeCorpus();
    const material = await authorityMaterial(corpus);
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
        const asked = await ask(material, mutant.dice);
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
        if (!allowed.has(response.status)) throw new Error(`answered ${response.status}`);
        if (mode === "recovering" && victim.relay.authority)
          expect(victim.relay.authority.recovery.sign).toBe(material.state.recovery.sign);
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

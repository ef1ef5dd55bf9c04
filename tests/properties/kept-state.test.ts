import "../simulation/ambient.ts";
import { describe, expect, test } from "vitest";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { type KeptState, keepState } from "../../shared/replica/kept-state.ts";
import { loadKept } from "../../shared/replica/load-kept.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { HeldState, LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { wronglyCounted } from "../../shared/replica/which-branch-counts.ts";
import { createMemoryPages, type MemoryPages } from "../contracts/memory-pages.ts";
import { createMemoryStore, type MemoryContent } from "../contracts/memory-store.ts";
import { effort, patience } from "../harness/effort.ts";
import { jsSignatures, TestOrganisation } from "../harness/organisation.ts";
import { planFor, restore, versionOf } from "../harness/restoring.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import { Dice } from "../simulation/dice.ts";
import { signatures } from "../simulation/signing.ts";
import { simulate } from "../simulation/simulate.ts";

const nowMs = 1_796_054_100_000;
const cutsEach = 6;
const histories = effort(15, 2000);

async function disksOf(seed: number): Promise<readonly MemoryContent[]> {
  let disks: readonly MemoryContent[] = [];
  const report = await simulate(seed, {
    onDisks: (left) => {
      disks = left;
    },
  });
  expect(report.broken, `seed ${seed}`).toBeUndefined();
  return disks.filter(({ documents }) => documents.has("authority"));
}

const heldIn = ({ documents, outbox }: MemoryContent): HeldState => ({
  documents: [...documents].map(([name, { length }]) => ({ name, length })),
  outbox,
});

/** What a storage may have held earlier: documents up to some place, runs on their way to them. */
function earlier(content: MemoryContent, dice: Dice): MemoryContent {
  const onTheirWay: Run[] = [];
  const documents = new Map<string, string[]>();
  for (const [name, elements] of content.documents) {
    const length =
      name === "authority" ? dice.between(1, elements.length) : dice.between(0, elements.length);
    documents.set(name, elements.slice(0, length));
    if (name === "authority") continue;
    for (const { run, at } of runsIn(elements, 0).runs)
      if (at >= length && dice.chance(0.3)) onTheirWay.push(run);
  }
  const outbox = [...content.outbox.filter(() => dice.chance(0.5)), ...onTheirWay];
  return { ...content, documents, outbox };
}

const folded = (content: MemoryContent, signed = signatures): Promise<LoadedLedger> =>
  loadLedger(createMemoryStore(content), heldIn(content), signed, nowMs);

async function keptOf(
  content: MemoryContent,
  signed = signatures,
): Promise<KeptState & { pages: MemoryPages }> {
  const kept = { pages: createMemoryPages(), program: "this one" };
  const loaded = await folded(content, signed);
  const store = createMemoryStore(content);
  await keepState({ loaded, store, kept, rest: async () => true });
  return kept;
}

function goOn(
  content: MemoryContent,
  kept: KeptState,
  signed = signatures,
): Promise<LoadedLedger | undefined> {
  const store = createMemoryStore(content);
  return loadKept({ store, held: heldIn(content), signatures: signed, nowMs }, kept);
}

const sectionsIn = ({ texts }: MemoryPages): string[] =>
  texts.flatMap((text) => (JSON.parse(text) as [string][]).map(([section]) => section));

const facts = ({ ledger, branches, deferred, tails }: LoadedLedger) => ({
  summary: summarise(ledger),
  exceptions: [...ledger.fold.exceptions()].map((each) => JSON.stringify(each)).sort(),
  branches: branches.list(),
  deferred: deferred.map(({ run }) => run.seal).sort(),
  tails: [...tails].filter(([, tail]) => tail.length > 0),
  cuts: ledger.refoldNeeded,
});

interface Seen {
  sections: Set<string>;
  tried: number;
  wentOn: number;
}

/** Goes on from what was kept at several places of a history; the first is its end. */
async function expectCutsHold(
  content: MemoryContent,
  dice: Dice,
  cuts: number,
  { seen, where, signed = signatures }: { seen: Seen; where: string; signed?: Signatures },
): Promise<void> {
  const whole = await folded(content, signed);
  for (let cut = 0; cut < cuts; cut++) {
    const kept = await keptOf(cut === 0 ? content : earlier(content, dice), signed);
    if (kept.pages.written === undefined) continue;
    for (const section of sectionsIn(kept.pages)) seen.sections.add(section);
    seen.tried++;
    const loaded = await goOn(content, kept, signed);
    if (!loaded || (await wronglyCounted(loaded)).length > 0) continue;
    seen.wentOn++;
    expect(facts(loaded), `${where}, cut ${cut}`).toEqual(facts(whole));
  }
}

describe("state that was kept", () => {
  test("and gone on from is what folding everything gives, wherever it was cut [KS1]", {
    timeout: patience(120_000),
  }, async () => {
    const seen: Seen = { sections: new Set(), tried: 0, wentOn: 0 };
    for (let seed = 20_001; seed <= 20_000 + histories; seed++) {
      const dice = new Dice(seed);
      for (const content of await disksOf(seed))
        await expectCutsHold(content, dice, cutsEach, { seen, where: `seed ${seed}` });
    }
    const rare = ["pending", "waiters", "branches", "deferred", "tails", "exceptions", "imports"];
    expect([...seen.sections]).toEqual(expect.arrayContaining(rare));
    expect(seen.wentOn, `of ${seen.tried}`).toBeGreaterThan(seen.tried * 0.8);
  });

  test("holds versions that were gone back to, and what is owed for them [KS1] [VR1]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    const { replica } = till;
    const member = await addMember(replica, "孟文", "13800000001");
    await topUp(replica, member, 500_00, 50_00);
    await charge(replica, member, 110_00);
    await organisation.exchange(till);
    const version = await versionOf(organisation);
    await topUp(replica, member, 1000_00);
    await organisation.exchange(till);
    await restore(organisation, planFor(organisation, version));
    await organisation.exchange(till);
    await charge(replica, member, 20_00);
    await organisation.exchange(till);
    const seen: Seen = { sections: new Set(), tried: 0, wentOn: 0 };
    const content = { ...createMemoryStore().content, ...till.store.content };
    await expectCutsHold(content, new Dice(1), 60, {
      seen,
      where: "restored",
      signed: jsSignatures,
    });
    expect([...seen.sections]).toEqual(expect.arrayContaining(["restores", "debtors"]));
    expect(seen.wentOn).toBeGreaterThan(seen.tried * 0.8);
  });

  test("is thrown away where a page, the program, or what it was made of is another [KS2]", {
    timeout: patience(60_000),
  }, async () => {
    const [content] = await disksOf(20_001);
    if (!content) throw new Error("a device is left");
    const [name, elements] = [...content.documents].find(([each]) => each !== "authority") ?? [];
    if (name === undefined || !elements) throw new Error("something was recorded");
    const kept = await keptOf(content);
    const { pages } = kept;
    expect(await goOn(content, kept)).toBeDefined();
    const other = (change: (pages: MemoryPages) => void) => {
      const copy = { ...createMemoryPages(), texts: [...pages.texts], written: pages.written };
      change(copy);
      return { ...kept, pages: copy };
    };
    const written = pages.written ?? "";
    const damaged: KeptState[] = [
      { ...kept, program: "another one" },
      other((copy) => {
        copy.written = undefined;
      }),
      other((copy) => {
        copy.written = written.slice(0, -5);
      }),
      other((copy) => {
        copy.written = written.replace('"v":1', '"v":2');
      }),
      ...pages.texts.map((text, at) =>
        other((copy) => {
          copy.texts[at] = text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
        }),
      ),
      ...pages.texts.map((_, at) =>
        other((copy) => {
          copy.texts.splice(at, 1);
        }),
      ),
    ];
    for (const each of damaged) expect(await goOn(content, each)).toBeUndefined();
    const without = (changed: string[]) => ({
      ...content,
      documents: new Map([...content.documents, [name, changed]]),
    });
    expect(await goOn(without(elements.slice(0, -1)), kept)).toBeUndefined();
    expect(await goOn(without([...elements.slice(0, -1), "{}"]), kept)).toBeUndefined();
    const [entry = ""] = content.documents.get("authority") ?? [];
    const shorter = {
      ...content,
      documents: new Map([...content.documents, ["authority", [entry]]]),
    };
    expect(await goOn(shorter, kept)).toBeUndefined();
    const held = { ...heldIn(content), aside: new Set(["1:lost"]) };
    const store = createMemoryStore(content);
    expect(await loadKept({ store, held, signatures, nowMs }, kept)).toBeUndefined();
  });
});

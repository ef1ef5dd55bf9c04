import { createHash } from "node:crypto";
import { nodeSignatures, signerFromSeed } from "../../server/adapters/node-signatures.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { authorRun, type Draft, type Drafting } from "../../shared/replica/author.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { creditLines, spendFragments } from "../../shared/stored-value/spend-fragments.ts";
import { month, TestOrganisation } from "../harness/organisation.ts";
import { act, addMember, charge, topUp } from "../harness/shop.ts";

/** The running month of the shop that is attacked. */
export const shopDocument = journalDocument(1, "s1", month);

/** The same keys as the harness has, signed by OpenSSL: tens of thousands of seals are made here. */
export const quickSigner = (name: string): Signer =>
  signerFromSeed(createHash("sha256").update(`key of ${name}`).digest());

/** Honest material: a shop with two tills, an office PC and a cashier's device that may turn crook. */
export interface Corpus {
  organisation: TestOrganisation;
  /** in the order of acceptance, whole chains */
  runs: readonly Run[];
  /** how many of them everybody has; the rest is genuine and not sent yet */
  known: number;
  keys: readonly [member: string, key: string][];
  /** for each chain, the hashes that a true copy of it can have: by `chain:next` */
  headHashes: ReadonlyMap<string, string>;
  /** sealed by `till1` over a sequence that `known` already holds: a second history */
  fork: Run;
  members: readonly string[];
}

const importBatch = (member: (index: number) => string): ((stamp: { ref: string }) => Draft)[] => [
  () => ({ kind: "ImportOpened", body: { sources: [{ name: "old", hash: "h", rows: 1 }] } }),
  () => ({
    kind: "MemberAdded",
    body: { keyHash: "A".repeat(43), fields: ["name"], sealed: "x".repeat(24), batch: member(0) },
  }),
  ({ ref }) => ({
    kind: "OpeningBalanceImported",
    body: {
      batch: member(0),
      member: member(1),
      principal: 30_00,
      bonus: 0,
      note: "",
      value: [{ purse: "till1@s1", lot: ref, store: "s1", term: 1, principal: 30_00, bonus: 0 }],
    },
  }),
  () => ({
    kind: "PurchasesImported",
    body: {
      batch: member(0),
      member: member(1),
      purchases: [{ at: "2025-01-02", amount: 5_00 }],
      sealed: "x".repeat(24),
    },
  }),
  () => ({
    kind: "ImportClosed",
    body: {
      batch: member(0),
      operations: 3,
      members: 1,
      opening: 30_00,
      purchases: 1,
      purchased: 5_00,
    },
  }),
];

/** Writes some days of a shop, every kind of operation among them. */
export async function makeCorpus(): Promise<Corpus> {
  const organisation = await TestOrganisation.found("fuzz");
  const one = await organisation.enrol("till1");
  const two = await organisation.enrol("till2");
  await organisation.enrol("pc1", { till: false });
  const crook = await organisation.enrol("crook", { ceiling: "cashier" });
  const tills = [one, two, crook];
  const members = [
    await addMember(one.replica, "孟文", "13800000001"),
    await addMember(two.replica, "李雷", "13800000002"),
    await addMember(crook.replica, "韩梅梅", "13800000003"),
  ];
  const [first = "", second = "", third = ""] = members;
  await topUp(one.replica, first, 200_00, 50_00);
  await topUp(two.replica, second, 100_00);
  await topUp(crook.replica, third, 80_00, 20_00);
  await organisation.exchange(...tills);
  const beforeFork = new Ledger(nodeSignatures);
  for (const text of organisation.authority) await beforeFork.addAuthority(text);
  for (const run of runsOf(organisation)) await enter(beforeFork, run);
  await act(one.replica, { command: "EditMember", member: first, fields: { note: "老客" } });
  const sale = await charge(one.replica, first, 30_00);
  await act(one.replica, { command: "Reverse", target: sale, reason: "点错" });
  const wrong = await topUp(two.replica, second, 10_00);
  await act(two.replica, { command: "Reverse", target: wrong, reason: "输错" });
  await charge(crook.replica, third, 15_00);
  await organisation.exchange(...tills);
  await importAndUndo(organisation);
  await organisation.deliver(...tills);
  await moveSomeValue(organisation, first);
  await organisation.deliver(...tills);
  const known = runsOf(organisation).length;
  for (let round = 0; round < 3; round++) {
    await charge(crook.replica, third, 1_00 + round);
    await charge(two.replica, second, 2_00 + round);
    await addMember(crook.replica, `新客${round}`, `1390000000${round}`);
    await byHand(organisation, "till1", "boss", [cashSale]);
  }
  await organisation.collect(two, crook);
  const runs = runsOf(organisation);
  const clock = organisation.clock;
  return {
    organisation,
    runs,
    known,
    keys: [...organisation.keys],
    headHashes: hashesOf(runs),
    fork: await authorRun(
      { ledger: beforeFork, clock, signer: quickSigner("till1") },
      { device: "till1", store: "s1", staff: "boss", attested: true },
      Array.from({ length: 4 }, () => () => ({
        kind: "ImportOpened",
        body: { sources: [{ name: "branch", hash: "b", rows: 1 }] },
      })),
    ),
    members,
  };
}

export const cashSale: Drafting = () => ({
  kind: "SaleRecorded",
  body: {
    items: [{ name: "茶", quantity: 1, list: 1_00, discount: 0, payable: 1_00 }],
    tenders: [{ tender: "cash", amount: 1_00 }],
    value: [],
  },
});

/** Writes as a device without asking its replica, which from then on only listens. */
async function byHand(
  organisation: TestOrganisation,
  device: string,
  staff: string,
  drafts: readonly Drafting[],
): Promise<void> {
  const { serverLedger: ledger, clock } = organisation;
  const author = { device, store: "s1", staff, attested: true };
  const tools = { ledger, clock, signer: quickSigner(device) };
  await organisation.accept(await authorRun(tools, author, drafts));
}

/** An import by the first till, undone afterwards. */
async function importAndUndo(organisation: TestOrganisation): Promise<void> {
  const base = organisation.serverLedger.head("till1@s1").next;
  const drafts = importBatch((index) => `till1@s1:${base + index}`);
  await byHand(organisation, "till1", "boss", drafts);
  await byHand(organisation, "till1", "boss", [
    () => ({ kind: "ImportUndone", body: { batch: `till1@s1:${base}`, reason: "试" } }),
  ]);
}

/** Value goes from the first till to the server, and from there to the cashier's device. */
async function moveSomeValue(organisation: TestOrganisation, member: string): Promise<void> {
  for (const [from, to] of [
    ["till1", "srv1"],
    ["srv1", "crook"],
  ] as const) {
    const { purses } = organisation.serverLedger.books;
    const lines = spendFragments(purses.fragments(member, `${from}@s1`), 40_00);
    const value = [...lines, ...creditLines(lines, `${to}@s1`, 1)];
    await byHand(organisation, from, "", [() => ({ kind: "ValueMoved", body: { value } })]);
  }
}

function runsOf(organisation: TestOrganisation): Run[] {
  const elements = organisation.documents.get(shopDocument) ?? [];
  const runs: Run[] = [];
  let operations: string[] = [];
  for (const element of elements)
    if (element.startsWith('{"chain":')) {
      runs.push({ operations, seal: element });
      operations = [];
    } else operations.push(element);
  return runs;
}

export const elementsOfRuns = (runs: readonly Run[]): string[] => runs.flatMap(elementsOf);

export async function enter(ledger: Ledger, run: Run): Promise<void> {
  const checked = await ledger.check(run, { verify: false });
  if (!checked.ok) throw new Error(checked.refusal.code);
  ledger.enter(checked.value, 0);
}

/** What seals say; each was made by the harness. */
function hashesOf(runs: readonly Run[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const run of runs) {
    const seal = readSeal(run.seal);
    if (!seal) throw new Error("unreachable");
    hashes.set(`${seal.chain}:${seal.first}`, seal.prev);
    hashes.set(`${seal.chain}:${seal.last + 1}`, seal.head);
  }
  return hashes;
}

/** Chains that are not what their devices sealed: `[]` for a true copy. */
export function untrueChains(
  heads: ReadonlyMap<ChainId, { next: number; hash: string }>,
  { headHashes }: Corpus,
): string[] {
  return [...heads]
    .filter(([, { next }]) => next > 0)
    .filter(([chain, { next, hash }]) => headHashes.get(`${chain}:${next}`) !== hash)
    .map(([chain, { next }]) => `${chain}:${next}`);
}

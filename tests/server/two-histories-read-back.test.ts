import { expect, test } from "vitest";
import { auditDocuments } from "../../server/snapshots/audit-documents.ts";
import { piecesOfStore } from "../../server/snapshots/pieces.ts";
import { recoverySigner } from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { authorRun, type Draft } from "../../shared/replica/author.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { ledgerOf, shuffled } from "../harness/fold-runs.ts";
import {
  jsSignatures,
  month,
  signerOf,
  startMs,
  TestOrganisation,
} from "../harness/organisation.ts";
import { addMember } from "../harness/shop.ts";

const name = journalDocument(1, "s1", month);
const chain = "till1@s1";
const orders = 8;

/** Two histories of one device after a common beginning, cut into runs at other places. */
async function histories(organisation: TestOrganisation) {
  const till = await organisation.enrol("till1");
  await addMember(till.replica, "孟文", "13800000001");
  const common = await till.replica.runsFrom(chain, 0, 1);
  const body = JSON.parse(common[0]?.operations[0] ?? "").body as Draft["body"];
  const goOn = async (lengths: readonly number[], laterMs: number): Promise<Run[]> => {
    const runs: Run[] = [];
    for (const length of lengths) {
      const { ledger } = await ledgerOf(organisation.authority, [...common, ...runs]);
      const clock = { nowMs: () => startMs + laterMs };
      const author = { device: "till1", store: "s1", staff: "boss", attested: true };
      const drafts = Array.from({ length }, () => () => ({ kind: "MemberAdded", body }));
      runs.push(await authorRun({ ledger, clock, signer: signerOf("till1") }, author, drafts));
    }
    return runs;
  };
  return { common, one: await goOn([1, 3, 1], 1000), other: await goOn([2, 1, 1, 2], 2000) };
}

async function cutAt({ state, recovery }: TestOrganisation, last: Run | undefined) {
  const seal = readSeal(last?.seal ?? "");
  if (!state || !seal) throw new Error("there is something to freeze");
  const body = { device: "till1", cut: { [chain]: { next: seal.last + 1, hash: seal.head } } };
  const keys = [{ by: "recovery", signer: recoverySigner(recovery) }];
  return signEntry(state, { kind: "DeviceFrozen", body }, keys, startMs);
}

test("two histories read back as they were folded, wherever their runs end and in whatever order they were stored [J6]", async () => {
  const organisation = await TestOrganisation.found();
  const { common, one, other } = await histories(organisation);
  for (const last of [one.at(-1), other.at(-1), other[1], common[0]]) {
    const authority = [...organisation.authority, await cutAt(organisation, last)];
    for (let order = 0; order < orders; order++) {
      const store = createMemoryStore();
      const elements = shuffled([...common, ...one, ...other], order).flatMap(elementsOf);
      await store.commit({
        append: [
          { name: authorityDocument, from: 0, elements: authority },
          { name, from: 0, elements },
        ],
      });
      const held = await store.load();
      const { ledger } = await loadLedger(store, held, jsSignatures, startMs);
      const audited = await auditDocuments(
        held.documents.map((document) => document.name),
        (document) =>
          piecesOfStore(store, document, document === name ? elements.length : authority.length),
        { signatures: jsSignatures, nowMs: startMs },
      );
      expect(audited.damage).toEqual([]);
      expect([...audited.ledger.apart].sort()).toEqual([...ledger.apart].sort());
      expect(summarise(audited.ledger)).toEqual(summarise(ledger));
    }
  }
});

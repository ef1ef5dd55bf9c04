import type { ImportPlan, MemberDraft, PurchaseDraft } from "../imports/import-plan.ts";
import { toBase64Url } from "../journal/bytes.ts";
import type { OperationRef } from "../journal/operation.ts";
import type { RandomSource } from "../journal/ports.ts";
import { hashOfKey, type MemberKey, newMemberKey, sealFields } from "../members/member-fields.ts";
import { type MemberId, sealContext } from "../members/member-kinds.ts";
import { assert } from "../outcome/assert.ts";
import type { Drafting } from "./author.ts";

/** Shown on a balance that came from an old system, until somebody has checked it with the member. */
const openingNote = "导入余额, 待核对";

export interface ImportSource {
  name: string;
  /** SHA-256 of the file */
  hash: string;
  rows: number;
}

export interface ImportRun {
  drafts: Drafting[];
  /** keys of the members that the run adds; filled while its drafts are stamped */
  keys: [MemberId, string][];
  /** members done once this run is recorded */
  members: number;
}

export interface ImportTools {
  org: string;
  random: RandomSource;
  /** full pinyin and readings of a name, for search */
  pinyinOf: (name: string) => string;
}

const draftsMax = 300;
/** characters of sealed text in one run, well below its size */
const textMax = 300_000;
const purchasesMax = 100;

export const openImport = (sources: readonly ImportSource[]): Drafting => {
  const body = {
    sources: sources.map(({ name, hash, rows }) => ({ name: name.slice(0, 200), hash, rows })),
  };
  return () => ({ kind: "ImportOpened", body });
};

/** The batch's operations as runs, member by member, in the order of the file; the closing one last. */
export function* importRuns(
  plan: ImportPlan,
  batch: OperationRef,
  tools: ImportTools,
): Generator<ImportRun> {
  let run: ImportRun = { drafts: [], keys: [], members: 0 };
  let operations = 0;
  let text = 0;
  let members = 0;
  for (const draft of plan.members) {
    const length = lengthOf(draft);
    if (run.drafts.length > 0 && (run.drafts.length >= draftsMax || text + length > textMax)) {
      yield run;
      run = { drafts: [], keys: [], members };
      text = 0;
    }
    const drafts = draftsOfMember(draft, batch, run.keys, tools);
    for (const drafting of drafts) {
      if (run.drafts.length >= draftsMax) {
        yield run;
        run = { drafts: [], keys: [], members };
        text = 0;
      }
      run.drafts.push(drafting);
    }
    operations += drafts.length;
    text += Math.min(length, textMax);
    members++;
    run.members = members;
  }
  const { openingFen, openingBonusFen, purchases, purchasesFen } = plan.totals;
  if (run.drafts.length > 0) yield run;
  const stated = { batch, operations, members, purchases };
  yield {
    drafts: [
      () => ({
        kind: "ImportClosed",
        body: { ...stated, opening: openingFen + openingBonusFen, purchased: purchasesFen },
      }),
    ],
    keys: [],
    members,
  };
}

/** Characters that a member's operations will take, a safe guess from above. */
const lengthOf = (draft: MemberDraft): number =>
  JSON.stringify(draft).length * 2 + (2 + draft.purchases.length / 10) * 700;

function draftsOfMember(
  draft: MemberDraft,
  batch: OperationRef,
  keys: [MemberId, string][],
  { org, random, pinyinOf }: ImportTools,
): Drafting[] {
  const memberKey = newMemberKey(random);
  const pinyin = pinyinOf(draft.fields["name"] ?? "");
  const fields = pinyin ? { ...draft.fields, pinyin } : draft.fields;
  let member: MemberId | undefined;
  const memberOf = (): MemberId => {
    assert(member !== undefined, "a member is stamped before what belongs to it");
    return member;
  };
  const drafts: Drafting[] = [
    ({ ref }) => {
      member = ref;
      keys.push([ref, toBase64Url(memberKey)]);
      const sealed = sealFields(memberKey, sealContext(org, ref), fields, random);
      const keyHash = hashOfKey(memberKey);
      return {
        kind: "MemberAdded",
        body: { keyHash, fields: Object.keys(fields).sort(), sealed, batch },
      };
    },
  ];
  const { openingFen: principal, openingBonusFen: bonus } = draft;
  if (principal + bonus > 0)
    drafts.push(({ ref, chain, store, term }) => ({
      kind: "OpeningBalanceImported",
      body: {
        member: memberOf(),
        batch,
        principal,
        bonus,
        note: openingNote,
        value: [{ purse: chain, lot: ref, store, term, principal, bonus }],
      },
    }));
  for (const part of purchaseParts(draft.purchases))
    drafts.push(purchasesDraft(part, batch, memberOf, { org, random, memberKey }));
  return drafts;
}

function purchasesDraft(
  part: readonly PurchaseDraft[],
  batch: OperationRef,
  memberOf: () => MemberId,
  { org, random, memberKey }: { org: string; random: RandomSource; memberKey: MemberKey },
): Drafting {
  return () => {
    const details: Record<string, string> = {};
    part.forEach((purchase, index) => {
      for (const [name, value] of Object.entries(purchase.details))
        details[`${index}.${name}`] = value;
    });
    const sealed = sealFields(memberKey, sealContext(org, memberOf()), details, random);
    const purchases = part.map(({ at, amountFen }) => ({ at, amount: amountFen }));
    return { kind: "PurchasesImported", body: { batch, member: memberOf(), purchases, sealed } };
  };
}

/** At most a hundred purchases, and no more text than an operation takes. */
function purchaseParts(purchases: readonly PurchaseDraft[]): PurchaseDraft[][] {
  const parts: PurchaseDraft[][] = [];
  let length = 0;
  for (const purchase of purchases) {
    const size = JSON.stringify(purchase).length * 3 + 80;
    const last = parts[parts.length - 1];
    if (last && last.length < purchasesMax && length + size < 30_000) {
      last.push(purchase);
      length += size;
    } else {
      parts.push([purchase]);
      length = size;
    }
  }
  return parts;
}

import { authorityDocument, type DocumentName } from "../../shared/documents/document-name.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { byMonth } from "../../shared/replica/enter-runs.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import { RunAudit } from "./audit-runs.ts";
import { elementsText, type Finding } from "./finding.ts";
import type { Piece } from "./pieces.ts";
import { memberAdded } from "./write-document.ts";

export interface AuditedDocuments {
  /** folded from these documents alone; its authority is undefined when entry 0 is lost */
  ledger: Ledger;
  damage: Finding[];
  /** members added, with the hash of their key */
  members: [MemberId, string][];
  checked: { documents: number; elements: number; authorityEntries: number; seals: number };
}

interface AuditOptions {
  signatures: Signatures;
  nowMs: number;
}

/** What reading once taught for reading again. */
interface AuditedAgain {
  /** hashes that runs lead to which stand apart, though they came first */
  avoid: ReadonlySet<string>;
  /** see `RunAudit` */
  closely: ReadonlySet<ChainId>;
}

const roundsMost = 8;

/**
 * Reads documents back and rebuilds everything from them, believing nothing that is not signed. Read
 * again where a device has two histories and the one that came first is not the one that counts, and
 * where whether it has two is seen only by comparing them operation by operation.
 */
export async function auditDocuments(
  names: readonly DocumentName[],
  piecesOf: (name: DocumentName) => AsyncIterable<Piece>,
  options: AuditOptions,
): Promise<AuditedDocuments> {
  const avoid = new Set<string>();
  const closely = new Set<ChainId>();
  for (let round = 0; ; ) {
    const again = { ...options, avoid, closely };
    const { audited, wrong, doubtful } = await auditOnce(names, piecesOf, again);
    const isToBeCompared = [...doubtful].some((chain) => !closely.has(chain));
    for (const chain of doubtful) closely.add(chain);
    if (isToBeCompared) continue;
    if (wrong.length === 0 || round++ === roundsMost) return audited;
    for (const head of wrong) avoid.add(head);
  }
}

async function auditOnce(
  names: readonly DocumentName[],
  piecesOf: (name: DocumentName) => AsyncIterable<Piece>,
  { signatures, nowMs, avoid, closely }: AuditOptions & AuditedAgain,
): Promise<{ audited: AuditedDocuments; wrong: string[]; doubtful: ReadonlySet<ChainId> }> {
  const ledger = new Ledger(signatures, avoid);
  const checked = { documents: names.length, elements: 0, authorityEntries: 0, seals: 0 };
  const audited: AuditedDocuments = { ledger, damage: [], members: [], checked };
  await auditAuthority(audited, piecesOf(authorityDocument));
  ledger.refoldNeeded = false;
  const journals = names.filter((name) => name !== authorityDocument).map((name) => ({ name }));
  const runs = new RunAudit(ledger, signatures, closely);
  for (const { name } of journals.sort(byMonth))
    await auditJournal(audited, runs, name, piecesOf(name), nowMs);
  if (ledger.authority) await runs.finish(nowMs);
  checked.seals = runs.seals;
  audited.damage.push(...runs.findings);
  const wrong = ledger.authority ? await runs.wronglyCounted() : [];
  return { audited, wrong, doubtful: runs.doubtful };
}

async function auditAuthority(
  { ledger, damage, checked }: AuditedDocuments,
  pieces: AsyncIterable<Piece>,
): Promise<void> {
  const lose = (seq: number, why: string) =>
    damage.push({
      where: authorityDocument,
      what: `entry ${seq} ${why}; it and what follows cannot be believed`,
      document: authorityDocument,
      elements: { first: seq, last: seq },
    });
  let isBroken = false;
  for await (const piece of pieces) {
    if ("damage" in piece) {
      damage.push(piece.damage);
      isBroken = true;
      continue;
    }
    checked.elements += piece.elements.length;
    for (const [index, text] of piece.elements.entries()) {
      if (isBroken) break;
      const added = await ledger.addAuthority(text);
      if (added.ok) checked.authorityEntries++;
      else lose(piece.from + index, `is refused (${added.refusal})`);
      isBroken = !added.ok;
    }
  }
  if (!ledger.authority && !isBroken) lose(0, "is missing");
}

async function auditJournal(
  audited: AuditedDocuments,
  runs: RunAudit,
  name: DocumentName,
  pieces: AsyncIterable<Piece>,
  nowMs: number,
): Promise<void> {
  const { damage, members, checked, ledger } = audited;
  let tail: string[] = [];
  let end = 0;
  let isAfterHole = false;
  for await (const piece of pieces) {
    if ("damage" in piece) {
      damage.push(piece.damage);
      tail = [];
      isAfterHole = true;
      end = piece.from + piece.count;
      continue;
    }
    checked.elements += piece.elements.length;
    for (const text of piece.elements) {
      const added = memberAdded(text);
      if (added) members.push(added);
    }
    const all = [...tail, ...piece.elements];
    const cut = runsIn(all, piece.from - tail.length);
    tail = all.slice(cut.whole);
    end = piece.from + piece.elements.length;
    const placed = cut.runs.map(({ run, at }) => ({ run, document: name, at }));
    // The first run after a hole may have lost its beginning; its chain will show what is missing.
    if (isAfterHole && placed[0] && isBeheaded(placed[0].run)) placed.shift();
    if (cut.runs.length > 0) isAfterHole = false;
    if (ledger.authority) await runs.take(placed, nowMs);
  }
  if (tail.length > 0 && !isAfterHole) damage.push(unsealed(name, end - tail.length, end - 1));
}

function isBeheaded({ operations, seal }: { operations: readonly string[]; seal: string }) {
  const read = readSeal(seal);
  return read !== undefined && operations.length < read.last - read.first + 1;
}

const unsealed = (name: DocumentName, first: number, last: number): Finding => ({
  where: name,
  what: `${elementsText(first, last)} belong to no sealed run`,
  document: name,
  elements: { first, last },
});

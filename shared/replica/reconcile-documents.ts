import { type DocumentName, splitJournalName } from "../documents/document-name.ts";
import { hashText } from "../journal/bytes.ts";
import { isSealText, readSeal } from "../journal/seal.ts";
import type { DeviceMessage, ServerMessage } from "../sync/messages.ts";
import type { DeviceReplica } from "./device-replica.ts";
import type { OfferedDocument } from "./followed-months.ts";
import type { Refilled } from "./server-watch.ts";
import type { Missing } from "./witness.ts";

export interface ReconcileDeps {
  replica: DeviceReplica;
  /** sends and waits for the answer with the same id; undefined when none comes */
  ask(message: (id: number) => DeviceMessage): Promise<ServerMessage | undefined>;
}

const readMost = 2000;
/** Characters of one piece, well below a mebibyte with what is wrapped around it. */
const pieceLengthMax = 300_000;

/**
 * Before documents are followed: does the server's begin as ours do? One that was put back to an older
 * copy of itself gets the rest from us, exactly as it had written it.
 * @returns documents that differ: what is in them comes by heads, not by following; and what was
 * given back
 */
export async function reconcileDocuments(
  { replica, ask }: ReconcileDeps,
  offered: readonly OfferedDocument[],
): Promise<{ differing: Set<DocumentName>; refilled: Refilled }> {
  const refilled: Refilled = { lost: [], authority: 0 };
  const differing = new Set<DocumentName>();
  const offeredByName = new Map(offered.map((document) => [document.name, document]));
  for (const { name, length } of replica.documents()) {
    const there = offeredByName.get(name);
    const isOfThisTerm = splitJournalName(name)?.term === replica.authority.term;
    if (!isOfThisTerm || length === 0) continue;
    if (there && !there.running && there.length === length) continue;
    const [final = ""] = await replica.readDocument(name, length - 1, 1);
    const last = hashText(final);
    const answer = await ask((id) => ({ type: "compare", id, name, length, last }));
    if (answer?.type !== "compared" || answer.standing === "same") continue;
    const isBeginning = answer.standing === "shorter" && (await isOurs(replica, name, answer));
    if (!isBeginning) differing.add(name);
    else {
      refilled.lost.push(...(await operationsFrom(replica, name, answer.length)));
      if (!(await sendTail({ replica, ask }, name, answer.length))) differing.add(name);
    }
  }
  return { differing, refilled };
}

/** The operations of a document from an element on, by its seals. */
async function operationsFrom(
  replica: DeviceReplica,
  name: DocumentName,
  from: number,
): Promise<Missing[]> {
  const found: Missing[] = [];
  for (let at = from; at < replica.documentLength(name); ) {
    const elements = await replica.readDocument(name, at, readMost);
    if (elements.length === 0) break;
    for (const element of elements) {
      const seal = isSealText(element) ? readSeal(element) : undefined;
      if (seal) found.push({ chain: seal.chain, from: seal.first, to: seal.last });
    }
    at += elements.length;
  }
  return found;
}

/** Whether the server's last element is what stands there in our copy. */
async function isOurs(
  replica: DeviceReplica,
  name: DocumentName,
  { length, last }: { length: number; last: string },
): Promise<boolean> {
  if (length === 0) return true;
  const [own] = await replica.readDocument(name, length - 1, 1);
  return own !== undefined && hashText(own) === last;
}

/** @returns whether the server now has all that we have of the document */
export async function sendTail(
  { replica, ask }: ReconcileDeps,
  name: DocumentName,
  from: number,
): Promise<boolean> {
  for (let at = from; at < replica.documentLength(name); ) {
    const elements = piece(await replica.readDocument(name, at, readMost), name);
    if (elements.length === 0) return true;
    const start = at;
    const answer = await ask((id) => ({ type: "tail", id, name, from: start, elements }));
    // Nobody else writes there meanwhile; one that says it took less would be sent the rest for ever.
    const end = start + elements.length;
    if (answer?.type !== "tail-taken" || answer.code !== undefined || answer.length !== end)
      return false;
    at = end;
  }
  return true;
}

/** As many elements as fit a message, whole runs only; every entry of the authority log is whole. */
function piece(elements: readonly string[], name: DocumentName): string[] {
  let length = 0;
  let whole = 0;
  for (const [index, element] of elements.entries()) {
    length += element.length;
    if (whole > 0 && length > pieceLengthMax) break;
    if (isSealText(element) || splitJournalName(name) === undefined) whole = index + 1;
  }
  return elements.slice(0, whole);
}

import { authorityDocument } from "../documents/document-name.ts";
import { hashText } from "../journal/bytes.ts";
import { type ReconcileDeps, sendTail } from "./reconcile-documents.ts";

/**
 * Does the server's authority log begin as ours does? One that was put back to an older copy of itself
 * gets the rest from us.
 * @returns how many entries it lacked; undefined when the two have parted
 */
export async function reconcileLog({ replica, ask }: ReconcileDeps): Promise<number | undefined> {
  const name = authorityDocument;
  const hashOf = (seq: number) => hashText(replica.authority.texts[seq] ?? "");
  const length = replica.documentLength(name);
  const answer = await ask((id) => ({
    type: "compare",
    id,
    name,
    length,
    last: hashOf(length - 1),
  }));
  if (answer?.type !== "compared" || answer.standing === "same") return 0;
  const isBeginning =
    answer.standing === "shorter" && answer.length > 0 && answer.last === hashOf(answer.length - 1);
  if (!isBeginning || !(await sendTail({ replica, ask }, name, answer.length))) return undefined;
  return length - answer.length;
}

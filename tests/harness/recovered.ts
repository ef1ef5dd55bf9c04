import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { appendEntry } from "../../shared/access/authority-log.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { type AuthorityHead, deviceOfChain } from "../../shared/journal/operation.ts";
import { jsSignatures, signerOf, TestOrganisation } from "./organisation.ts";

/** The server died, and a new one was made of the first entries of its log only. */
export async function recoveredFrom(
  before: TestOrganisation,
  entries: number,
  { heads = new Map(), server = "srv2" }: { heads?: Heads; server?: string } = {},
): Promise<TestOrganisation> {
  const after = new TestOrganisation();
  after.clock.now = before.clock.now;
  for (const text of before.authority.slice(0, entries)) {
    const appended = await appendEntry(after.state, text, jsSignatures);
    if (!appended.ok) throw new Error(appended.refusal);
    after.state = appended.value;
    after.authority.push(text);
    await after.serverLedger.addAuthority(text);
  }
  const { term = 0, server: closes = "" } = after.state ?? {};
  const cut = [...heads].filter(([chain]) => deviceOfChain(chain) === closes);
  await after.append({
    kind: "TermOpened",
    body: {
      term: term + 1,
      server: { device: server, key: signerOf(server).publicKey },
      closes,
      cut: Object.fromEntries(cut),
    },
  });
  return after;
}

export const keyOf = (by: string, name = by.slice(by.indexOf(":") + 1)): AuthorityKey => ({
  by,
  signer: signerOf(name),
});

/** What the server does with lost entries that somebody brings. */
export const recordLost = (
  organisation: TestOrganisation,
  before: TestOrganisation,
  from: number,
  keys = [keyOf(`device:${organisation.state?.server}`)],
): Promise<void> => {
  const after = before.state?.heads[from - 1] ?? "";
  const entries = before.authority.slice(from);
  return organisation.append({ kind: "LostEntriesRecorded", body: { after, entries } }, keys);
};

/** The refusal of an entry, with what was said about it by the harness. */
export const refusalOfEntry = (
  organisation: TestOrganisation,
  proposal: AuthorityProposal,
  keys: AuthorityKey[],
): Promise<string> =>
  organisation.append(proposal, keys).then(
    () => "taken",
    (error: Error) => error.message.replace("authority entry refused: ", ""),
  );

export const newestHead = ({ state }: TestOrganisation): AuthorityHead => state?.heads.at(-1) ?? "";

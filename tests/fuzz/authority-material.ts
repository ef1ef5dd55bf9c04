import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { type AuthorityKey, signEntry } from "../../shared/access/sign-entry.ts";
import { type Corpus, quickSigner } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";

/** What an open invitation lets its holder enrol. */
const invited = {
  store: "s1",
  ceiling: "cashier",
  till: false,
  staff: "amy",
  replaces: undefined,
} as const;

const invitation: AuthorityKey = {
  by: `invitation:${quickSigner("guest").publicKey}`,
  signer: quickSigner("guest"),
};
const owner: AuthorityKey = { by: "staff:boss", signer: quickSigner("boss") };

/** Keys that an attacker has, under names to which they are not entitled. */
const stolenNames: readonly AuthorityKey[] = [
  invitation,
  { by: "recovery", signer: quickSigner("crook") },
  { by: "staff:boss", signer: quickSigner("crook") },
  { by: "staff:amy", signer: quickSigner("crook") },
  { by: "staff:boss", signer: quickSigner("guest") },
  { by: "recovery", signer: quickSigner("srv1") },
  { by: `invitation:${quickSigner("crook").publicKey}`, signer: quickSigner("crook") },
];

const key = quickSigner("new").publicKey;

const proposals: readonly AuthorityProposal[] = [
  { kind: "StaffAdded", body: { staff: "eve", name: "夏娃", role: "owner" } },
  { kind: "StaffChanged", body: { staff: "amy", name: "小王", role: "owner", active: true } },
  { kind: "StoreAdded", body: { store: "s2", name: "分店" } },
  { kind: "TopUpPresetsSet", body: { presets: [{ principal: 100, bonus: 100_000_00 }] } },
  {
    kind: "DeviceInvited",
    body: { key, store: "s1", ceiling: "owner", till: true, expires: 9_000_000_000_000 },
  },
  {
    kind: "DeviceEnrolled",
    body: {
      device: "new1",
      name: "新",
      key,
      store: "s1",
      ceiling: "cashier",
      till: false,
      staff: "amy",
    },
  },
  {
    kind: "DeviceEnrolled",
    body: {
      device: "new2",
      name: "新",
      key,
      store: "s1",
      ceiling: "owner",
      till: true,
      staff: "boss",
      staffKey: key,
      replaces: "till1",
      cut: {},
    },
  },
  {
    kind: "TermOpened",
    body: { term: 2, server: { device: "srv2", key }, closes: "srv1", cut: {} },
  },
];

export interface AuthorityMaterial {
  log: readonly string[];
  state: AuthorityState;
  /** the next entries that somebody entitled has signed, and who */
  genuine: readonly string[];
}

/** The corpus's log with an open invitation at its end. */
export async function authorityMaterial({ organisation }: Corpus): Promise<AuthorityMaterial> {
  const { authority, recoveryKey, clock } = organisation;
  const before = await stateAfter(authority);
  const { store, ceiling, till, staff } = invited;
  const body = { key: invitation.signer.publicKey, store, ceiling, till, staff };
  const invite = await signEntry(
    before,
    { kind: "DeviceInvited", body: { ...body, expires: clock.nowMs() + 60_000 } },
    [recoveryKey],
    clock.nowMs(),
  );
  const log = [...authority, invite];
  const state = await stateAfter(log);
  const genuine: string[] = [];
  for (const proposal of proposals)
    for (const by of [recoveryKey, owner])
      genuine.push(await signEntry(state, proposal, [by], clock.nowMs()));
  const [, , , , , enrolment] = proposals;
  if (enrolment) genuine.push(await signEntry(state, enrolment, [invitation], clock.nowMs()));
  return { log, state, genuine };
}

export async function stateAfter(log: readonly string[]): Promise<AuthorityState> {
  const read = await readAuthorityLog(log, nodeSignatures);
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
}

/** The enrolment that the invitation allows, with one or two things better than it allows. */
function beyondInvitation(dice: Dice): AuthorityProposal {
  const body: Record<string, unknown> = { ...invited, device: "new3", name: "新", key };
  for (let left = dice.few(2); left > 0; left--)
    Object.assign(
      body,
      dice.of<object>([
        { ceiling: "owner" },
        { ceiling: "manager" },
        { till: true },
        { staff: "boss" },
        { staff: "boss", staffKey: key },
        { staff: undefined, staffKey: key },
        { replaces: "till1", cut: {} },
        { store: "s2" },
        { device: "till1" },
        { name: "别的" },
      ]),
    );
  return { kind: "DeviceEnrolled", body } as unknown as AuthorityProposal;
}

/** An entry that claims a right: changed after it was signed, or signed by who has none. */
export async function crookedEntry(
  { genuine, log, state }: AuthorityMaterial,
  dice: Dice,
): Promise<string> {
  if (dice.oneIn(2)) {
    const text = dice.of([...genuine, ...log]);
    if (dice.oneIn(4)) return roughen(text, dice);
    const other = JSON.parse(dice.of([...genuine, ...log])) as Tree;
    return writeTree(mutateTree(JSON.parse(text) as Tree, dice, other), dice.oneIn(2));
  }
  if (dice.oneIn(4)) return signEntry(state, beyondInvitation(dice), [invitation], 1);
  const proposal = dice.of(proposals);
  const body = dice.oneIn(2)
    ? proposal.body
    : mutateTree(
        proposal.body as unknown as Tree,
        dice,
        dice.of(proposals).body as unknown as Tree,
      );
  const keys = Array.from({ length: dice.few(3) }, () => dice.of(stolenNames));
  try {
    return await signEntry(state, { ...proposal, body } as AuthorityProposal, keys, 1);
  } catch {
    // What cannot be signed is sent without a signature that fits.
    return writeTree({ ...(JSON.parse(dice.of(genuine)) as object), body: body as Tree }, true);
  }
}

/** Whether an entry may be taken: decided without the product, from what it says and who signed. */
export function mayBeTaken(text: string, { genuine }: AuthorityMaterial): boolean {
  if (genuine.includes(text)) return true;
  const entry = JSON.parse(text) as { [key: string]: Tree };
  const { kind, body, sigs } = entry as unknown as {
    kind: string;
    body: Record<string, unknown>;
    sigs: ({ by: string } & { [key: string]: Tree })[];
  };
  // Signatures do not sign each other: one may stand there twice, or beside another of the same entry.
  if (sigs.some((sig) => genuine.includes(writeTree({ ...entry, sigs: [sig] }, true)))) return true;
  const byGuest = sigs.some(({ by }) => by === invitation.by);
  const isWithin = Object.entries(invited).every(([name, value]) => body[name] === value);
  return kind === "DeviceEnrolled" && byGuest && isWithin;
}

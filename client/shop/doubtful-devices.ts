import { readEntry } from "../../shared/access/authority-entry.ts";
import type { AuthorityState, Device } from "../../shared/access/authority-state.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { deviceOfChain, readOperation } from "../../shared/journal/operation.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { IdentityTrouble } from "../../shared/replica/standing.ts";
import { heldBy } from "../../shared/stored-value/spend-fragments.ts";
import { faceOf } from "../../shared/stored-value/value-line.ts";
import { readKeptApart } from "./kept-apart.ts";

/** A device whose identity is in doubt, and what that holds up. */
export interface DoubtfulDevice {
  device: string;
  /** who goes on in its place; undefined while it is only frozen */
  by: string | undefined;
  /** as far as it can be told from here */
  why: IdentityTrouble | "revoked";
  /** wall milliseconds of the entry that closed it */
  atMs: number;
  /** operations in a second history, and what they come to, fen */
  apart: number;
  apartFen: number;
  /** operations that count, recorded before anybody had confirmed where the device stood */
  unattested: number;
  /** value in its purse that nobody may spend until the owner has looked, fen */
  frozenFen: number;
}

/** Older operations were confirmed by many contacts since. */
const lookedAtMax = 500;

/** Closed identities that wait for somebody entitled. */
export const devicesInDoubt = ({ devices }: AuthorityState): Device[] =>
  [...devices.values()].filter(
    ({ server, closed }) => !server && closed && closed.settledSince === undefined,
  );

export async function readDoubtfulDevices(
  replica: Pick<
    DeviceReplica,
    "authority" | "books" | "branches" | "heads" | "runOf" | "runsFrom" | "missing" | "readDocument"
  >,
): Promise<DoubtfulDevice[]> {
  const doubtful = devicesInDoubt(replica.authority);
  if (doubtful.length === 0) return [];
  const apart = new Map((await readKeptApart(replica)).map((kept) => [kept.device, kept]));
  const found: DoubtfulDevice[] = [];
  for (const { id, store, closed } of doubtful) {
    if (!closed) continue;
    const kept = apart.get(id);
    const isMissing = replica.missing().some(({ chain }) => deviceOfChain(chain) === id);
    const why = kept || closed.by === undefined ? "copied" : isMissing ? "lost" : "put-back";
    const [text = ""] = await replica.readDocument(authorityDocument, closed.since, 1);
    const entry = readEntry(text);
    found.push({
      device: id,
      by: closed.by,
      why: closed.why === "revoked" ? "revoked" : entry?.kind === "DeviceFrozen" ? "copied" : why,
      atMs: entry?.at ?? 0,
      apart: kept?.count ?? 0,
      apartFen: kept?.amountFen ?? 0,
      unattested: await countUnattested(replica, `${id}@${store}`),
      frozenFen: frozenIn(replica, `${id}@${store}`),
    });
  }
  return found;
}

/** Among the newest of a chain; what people did, not what the device did by itself. */
async function countUnattested(
  replica: Pick<DeviceReplica, "heads" | "runsFrom">,
  chain: string,
): Promise<number> {
  const next = replica.heads().get(chain)?.next ?? 0;
  const runs = await replica.runsFrom(chain, Math.max(0, next - lookedAtMax), lookedAtMax);
  let count = 0;
  for (const { operations } of runs)
    for (const text of operations) {
      const operation = readOperation(text);
      if (operation && !operation.att && operation.staff !== "") count++;
    }
  return count;
}

function frozenIn({ books }: Pick<DeviceReplica, "books">, purse: string): number {
  let fen = 0;
  for (const member of books.purses.members())
    fen += faceOf(heldBy(books.purses.fragments(member, purse)));
  return fen;
}

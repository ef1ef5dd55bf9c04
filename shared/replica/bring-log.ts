import * as z from "zod/mini";
import type { ServerApi } from "../sync/server-api.ts";
import type { DeviceReplica } from "./device-replica.ts";
import { headsOf, type LostBranch } from "./log-keeper.ts";

const compared = z.object({
  /** of our heads, how many the server knows: in its log, or as lost entries that it keeps */
  known: z.number(),
  /** how many are in its log */
  held: z.number(),
  /** the owner has still to say what becomes of the others */
  open: z.boolean(),
});

/**
 * What came of bringing our authority log to a server that does not let us in. `taken`: it lacked
 * something and has it now; `known`: it has all of ours, so it knows why we are not let in;
 * `awaiting-owner`: a recovery left behind the entry that enrolled us, and the owner has not given it
 * again; `refused`: it takes nothing.
 */
export type Brought = "taken" | "known" | "awaiting-owner" | "refused";

interface BringDeps {
  replica: DeviceReplica;
  api: ServerApi;
}

const entriesAtOnce = 200;
const lengthAtOnce = 200_000;

/** @throws Unreachable */
export async function bringLog({ replica, api }: BringDeps): Promise<Brought> {
  const { heads, texts, devices } = replica.authority;
  const answer = await api.post("/api/v1/authority/compare", { heads });
  const { data } = compared.safeParse(answer.body);
  const after = heads[(data?.known ?? 0) - 1];
  if (answer.status !== 200 || !data || after === undefined) return "refused";
  const entries = texts.slice(data.known);
  if (entries.length > 0)
    return (await bringEntries(api, { after, entries })) ? "taken" : "refused";
  const own = devices.get(replica.device);
  const isLeft = own && !own.closed && own.since >= data.held;
  return isLeft && data.open ? "awaiting-owner" : "known";
}

/**
 * Brings what is kept aside here and the log does not know.
 * @throws Unreachable
 */
export async function bringLostEntries({ replica, api }: BringDeps): Promise<void> {
  for (const branch of replica.lostEntries()) await bringEntries(api, branch);
}

async function bringEntries(api: ServerApi, branch: LostBranch): Promise<boolean> {
  const heads = headsOf(branch);
  for (let at = 0; at < branch.entries.length; ) {
    const entries = piece(branch.entries.slice(at, at + entriesAtOnce));
    const after = heads[at - 1] ?? branch.after;
    const answer = await api.post("/api/v1/authority/tail", { after, entries });
    if (answer.status !== 200) return false;
    at += entries.length;
  }
  return true;
}

/** As many as fit a request; at least one. */
function piece(entries: readonly string[]): string[] {
  let length = 0;
  const over = entries.findIndex((text, index) => {
    length += text.length;
    return index > 0 && length > lengthAtOnce;
  });
  return over < 0 ? [...entries] : entries.slice(0, over);
}

import { type AuthorityState, authorityHead } from "../access/authority-state.ts";
import type { CanonicalValue } from "../journal/canonical-json.ts";
import {
  type ChainId,
  chainOf,
  type Operation,
  type OperationRef,
  operationLengthMax,
  writeOperation,
} from "../journal/operation.ts";
import type { Clock, Signer } from "../journal/ports.ts";
import { type Run, runOperationsMax } from "../journal/run.ts";
import { sealedBytes, writeSeal } from "../journal/seal.ts";
import { assert } from "../outcome/assert.ts";
import { businessDateOf } from "../time/business-date.ts";
import { type Timestamp, tick } from "../time/hybrid-clock.ts";
import type { Ledger } from "./ledger.ts";

/** What a decision wants recorded. */
export interface Draft {
  kind: string;
  body: { readonly [key: string]: CanonicalValue | undefined };
}

/** What a draft may need to know of the operation that it becomes. */
export interface Stamp {
  ref: OperationRef;
  chain: ChainId;
  org: string;
  store: string;
  term: number;
  hlc: Timestamp;
}

export type Drafting = (stamp: Stamp) => Draft;

export interface Author {
  device: string;
  store: string;
  /** empty for what the device does by itself */
  staff: string;
  attested: boolean;
}

/** Turns drafts into the next run of a chain, stamped and sealed; enters nothing. */
export async function authorRun(
  { ledger, clock, signer }: { ledger: Ledger; clock: Clock; signer: Signer },
  author: Author,
  drafts: readonly Drafting[],
): Promise<Run> {
  assert(drafts.length > 0 && drafts.length <= runOperationsMax, "a run has 1 to 500 operations");
  const authority = ledger.log;
  const chain = chainOf(author);
  const head = ledger.head(chain);
  const hash = ledger.runningHash(chain);
  const nowMs = clock.nowMs();
  let hlc = ledger.clock;
  const operations: string[] = [];
  drafts.forEach((drafting, index) => {
    hlc = tick(hlc, nowMs);
    const operation = stamped(authority, author, head.next + index, hlc, drafting);
    const text = writeOperation(operation);
    assert(text.length <= operationLengthMax, "an operation stays below its size");
    hash.add(text);
    operations.push(text);
  });
  const unsigned = {
    v: 1 as const,
    org: authority.org,
    chain,
    first: head.next,
    last: head.next + operations.length - 1,
    prev: head.hash,
    head: hash.toString(),
  };
  const sig = await signer.sign(sealedBytes(unsigned));
  return { operations, seal: writeSeal({ ...unsigned, sig }) };
}

function stamped(
  authority: AuthorityState,
  author: Author,
  seq: number,
  hlc: Timestamp,
  drafting: Drafting,
): Operation {
  const { org, term } = authority;
  const { device, store, staff, attested } = author;
  const chain = chainOf(author);
  const draft = drafting({ ref: `${chain}:${seq}`, chain, org, store, term, hlc });
  return {
    v: 1,
    org,
    store,
    term,
    device,
    staff,
    seq,
    auth: authorityHead(authority),
    att: attested,
    hlc,
    date: businessDateOf(hlc[0], authority.timeZone),
    ...draft,
  };
}

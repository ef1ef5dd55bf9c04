import {
  deviceOfChain,
  type Operation,
  type OperationRef,
  refOf,
  splitRef,
} from "../../shared/journal/operation.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { ValueLine } from "../../shared/stored-value/value-line.ts";
import type { Relay } from "../relay/relay.ts";
import { operationsAfter } from "./operations-after.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** Something that took back, meanwhile, what a plan takes back as well. */
export interface Disturbance {
  /** kind of the operation, or `DeviceClosed` */
  kind: string;
  /** the operation, or the device */
  ref: string;
  /** empty for a device */
  member: OperationRef;
}

/**
 * What speaks against carrying out a plan now: done on top of that, it would take the same thing back
 * twice. New sales, top-ups and edits do not; they stand as they are.
 */
export async function disturbancesOf(
  plan: RestorePlan,
  relay: Pick<Relay, "heads" | "runsFrom" | "ledger">,
): Promise<Disturbance[]> {
  const found = closedSince(plan, relay.ledger);
  const affected = affectedBy(plan);
  for await (const operation of operationsAfter(relay, (chain) => plan.heads[chain]?.next ?? 0)) {
    const disturbance = disturbedBy(operation, { plan, affected, ledger: relay.ledger });
    if (disturbance) found.push(disturbance);
  }
  return found;
}

export const affectedBy = ({ members }: RestorePlan): ReadonlySet<OperationRef> =>
  new Set(members.map(({ member }) => member));

/** Whether an operation that came after a plan was made takes back what the plan does. */
export function disturbedBy(
  operation: Operation,
  {
    plan,
    affected,
    ledger: { books, fold },
  }: { plan: RestorePlan; affected: ReadonlySet<OperationRef>; ledger: Ledger },
): Disturbance | undefined {
  const ref = refOf(operation);
  if (!fold.isCounted(ref)) return undefined;
  const isOld = (target: OperationRef) => {
    const { chain, seq } = splitRef(target);
    return seq < (plan.heads[chain]?.next ?? 0);
  };
  const { kind, body } = operation;
  const found = (members: readonly (OperationRef | undefined)[]) => {
    const member = members.find((one) => one !== undefined && affected.has(one));
    return member === undefined ? undefined : { kind, ref, member };
  };
  switch (kind) {
    case "OperationReversed": {
      const target = String(body["target"]);
      return isOld(target) ? found([books.sales.get(target)?.member]) : undefined;
    }
    case "LotsVoided": {
      const lines = body["value"] as unknown as readonly ValueLine[];
      const old = lines.filter(({ lot }) => isOld(lot));
      return found(old.map(({ lot }) => books.lots.get(lot)?.member));
    }
    case "ImportUndone": {
      const batch = String(body["batch"]);
      return isOld(batch) ? found(books.imports.get(batch)?.members ?? []) : undefined;
    }
    case "MemberRestored":
      return found([String(body["member"])]);
    default:
      return undefined;
  }
}

/** Devices that were closed since at a cut behind what was compared: some of that counts no more. */
function closedSince({ heads, authoritySeq }: RestorePlan, { log }: Ledger): Disturbance[] {
  return Object.entries(heads).flatMap(([chain, { next }]) => {
    const device = deviceOfChain(chain);
    const closed = log.devices.get(device)?.closed;
    const isCut = closed && closed.since > authoritySeq && (closed.cut[chain]?.next ?? 0) < next;
    return isCut ? [{ kind: "DeviceClosed", ref: device, member: "" }] : [];
  });
}

import { deviceOfChain, splitRef } from "../../shared/journal/operation.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";

/** Value of a member that was spent twice in good faith, or is still to come back from a till. */
export interface DisputedValue {
  member: MemberId;
  /** how far it stands below zero, fen */
  fen: number;
  /** of that: to come back when whoever holds it is in contact; settles by itself */
  owedFen: number;
  /** devices that had been replaced and spent some of it, not knowing */
  devices: string[];
}

/** Members whose value is disputed, the largest amount first; the server's purse answers for it. */
export function readDisputedValue({ books }: Pick<DeviceReplica, "books">): DisputedValue[] {
  const byMember = new Map<MemberId, DisputedValue>();
  for (const { member, leftPrincipal, leftBonus, isDebt, late } of books.purses.disputed()) {
    const found = byMember.get(member) ?? { member, fen: 0, owedFen: 0, devices: [] };
    byMember.set(member, found);
    const fen = 0 - Math.min(0, leftPrincipal) - Math.min(0, leftBonus);
    found.fen += fen;
    if (isDebt) found.owedFen += fen;
    const spenders = late.map(({ operation }) => deviceOfChain(splitRef(operation).chain));
    found.devices = [...new Set([...found.devices, ...spenders])];
  }
  return [...byMember.values()].sort((a, b) => b.fen - a.fen || (a.member < b.member ? -1 : 1));
}

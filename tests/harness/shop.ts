import type { Command, Refusal } from "../../shared/replica/commands.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";

/** The founder is the first on the staff. */
const ownerOf = (replica: DeviceReplica): string => [...replica.authority.staff.keys()][0] ?? "";

/** Does a command that must succeed; returns the last operation's reference. */
export async function act(
  replica: DeviceReplica,
  command: Command,
  staff = ownerOf(replica),
): Promise<string> {
  const performed = await replica.perform(command, staff);
  if (!performed.ok)
    throw new Error(`${command.command} refused: ${JSON.stringify(performed.refusal)}`);
  return performed.value.operations.at(-1) ?? "";
}

/** Does a command that must be refused. */
export async function refusalOf(
  replica: DeviceReplica,
  command: Command,
  staff = ownerOf(replica),
): Promise<Refusal> {
  const performed = await replica.perform(command, staff);
  if (performed.ok) throw new Error(`${command.command} was done`);
  return performed.refusal;
}

export const addMember = (replica: DeviceReplica, name: string, phone: string): Promise<string> =>
  act(replica, { command: "AddMember", fields: { name, phone } });

export const topUp = (
  replica: DeviceReplica,
  member: string,
  principal: number,
  bonus = 0,
): Promise<string> =>
  act(replica, {
    command: "TopUp",
    member,
    principal,
    bonus,
    tenders: [{ tender: "cash", amount: principal }],
  });

export const chargeCommand = (member: string, amount: number): Command => ({
  command: "RecordSale",
  member,
  items: [{ name: "消费", quantity: 1, list: amount, discount: 0 }],
  tenders: [{ tender: "stored-value", amount }],
});

export const charge = (replica: DeviceReplica, member: string, amount: number): Promise<string> =>
  act(replica, chargeCommand(member, amount));

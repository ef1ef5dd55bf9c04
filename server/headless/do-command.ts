import * as z from "zod/mini";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { roleNow } from "../../shared/access/authority-state.ts";
import { newPairingCode, pairingSigner } from "../../shared/access/pairing-code.ts";
import type { OperationRef } from "../../shared/journal/operation.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Command, Refusal } from "../../shared/replica/commands.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { Platform } from "../platform.ts";
import type { HeadlessReplica } from "./headless-replica.ts";

const member = z.string();
const fen = z.number();
const fields = z.record(z.string(), z.string());
const role = z.enum(["owner", "manager", "cashier"]);
const outside = z.enum(["cash", "wechat", "alipay", "card", "other"]);
const any = z.enum(["stored-value", "cash", "wechat", "alipay", "card", "other"]);

/** Commands as scripts write them; amounts in fen. */
const scripted = z.discriminatedUnion("command", [
  z.strictObject({ command: z.literal("AddMember"), fields }),
  z.strictObject({ command: z.literal("EditMember"), member, fields }),
  z.strictObject({
    command: z.literal("TopUp"),
    member,
    principal: fen,
    bonus: z._default(fen, 0),
    tenders: z.array(z.strictObject({ tender: outside, amount: fen })),
    note: z.optional(z.string()),
  }),
  z.strictObject({
    command: z.literal("RecordSale"),
    member: z.optional(member),
    items: z.array(
      z.strictObject({ name: z.string(), quantity: z.number(), list: fen, discount: fen }),
    ),
    tenders: z.array(z.strictObject({ tender: any, amount: fen })),
    note: z.optional(z.string()),
  }),
  z.strictObject({ command: z.literal("Reverse"), target: z.string(), reason: z.string() }),
  z.strictObject({ command: z.literal("UndoImport"), batch: z.string(), reason: z.string() }),
]);

const administrative = z.discriminatedUnion("command", [
  z.strictObject({
    command: z.literal("InviteDevice"),
    ceiling: z._default(role, "cashier"),
    till: z._default(z.boolean(), true),
    store: z.optional(z.string()),
    staff: z.optional(z.string()),
    replaces: z.optional(z.string()),
    minutes: z._default(z.number().check(z.minimum(1), z.maximum(1440)), 30),
  }),
  z.strictObject({ command: z.literal("AddStaff"), name: z.string(), role }),
  z.strictObject({
    command: z.literal("AddStore"),
    name: z.string(),
    label: z.optional(z.string()),
  }),
  z.strictObject({
    command: z.literal("SetTopUpPresets"),
    presets: z.array(z.strictObject({ principal: fen, bonus: fen })),
  }),
]);

export type DoneCommand = { operations: OperationRef[] } | { code: string } | { id: string };

/**
 * Does a command given as JSON, in a person's name.
 * @param connect a session to wait on, for changes of rights; absent when offline
 */
export async function doCommand(
  platform: Platform,
  headless: HeadlessReplica,
  json: unknown,
  { staff, session }: { staff?: string | undefined; session?: DeviceSession | undefined },
): Promise<Result<DoneCommand, Refusal | { code: string; detail?: string }>> {
  const change = administrative.safeParse(json);
  if (change.success) return changeRights(platform, headless, change.data, session);
  const command = scripted.safeParse(json);
  if (!command.success)
    return refuse({ code: "command-malformed", detail: z.prettifyError(command.error) });
  const person = staffNamed(headless, staff);
  if (person === undefined) return refuse({ code: "staff-unknown" });
  return perform(headless, command.data as Command, person, session);
}

/** A charge whose value lives elsewhere is tried again once the home server has moved it here. */
async function perform(
  { replica }: HeadlessReplica,
  command: Command,
  person: string,
  session: DeviceSession | undefined,
): Promise<Result<DoneCommand, Refusal | { code: string }>> {
  const first = await replica.perform(command, person);
  const isElsewhere = !first.ok && first.refusal.code === "value-elsewhere";
  if (!isElsewhere || !session || command.command !== "RecordSale" || !command.member) return first;
  const wanted = first.refusal.code === "value-elsewhere" ? first.refusal.wanted : 0;
  const moved = await session.requestValue(command.member, wanted);
  return moved.ok ? replica.perform(command, person) : first;
}

/** A person by id or name; without one the personal key's owner, or the first owner. */
function staffNamed(
  { replica, personalKey }: HeadlessReplica,
  wanted?: string,
): string | undefined {
  const staff = [...replica.authority.staff.values()];
  if (wanted !== undefined)
    return staff.find((person) => person.id === wanted || person.name === wanted)?.id;
  return (
    personalKey?.by.slice("staff:".length) ??
    staff.find((person) => roleNow(person) === "owner")?.id
  );
}

async function changeRights(
  platform: Platform,
  { replica, personalKey }: HeadlessReplica,
  change: z.infer<typeof administrative>,
  session: DeviceSession | undefined,
): Promise<Result<DoneCommand, { code: string }>> {
  if (!personalKey) return refuse({ code: "no-personal-key" });
  if (!session) return refuse({ code: "offline" });
  const { proposal, answer } = proposalOf(
    platform,
    change,
    [...replica.authority.stores.keys()][0] ?? "",
  );
  const changed = await session.changeAuthority(proposal, [personalKey]);
  return changed.ok ? done(answer) : refuse({ code: changed.refusal });
}

function proposalOf(
  { clock, random }: Platform,
  change: z.infer<typeof administrative>,
  firstStore: string,
): { proposal: AuthorityProposal; answer: DoneCommand } {
  const id = newId(random);
  switch (change.command) {
    case "AddStaff": {
      const { name, role: given } = change;
      const body = { staff: id, name, role: given };
      return { proposal: { kind: "StaffAdded", body }, answer: { id } };
    }
    case "AddStore": {
      const { name, label } = change;
      return { proposal: { kind: "StoreAdded", body: { store: id, name, label } }, answer: { id } };
    }
    case "SetTopUpPresets": {
      const { presets } = change;
      return { proposal: { kind: "TopUpPresetsSet", body: { presets } }, answer: { id: "" } };
    }
    case "InviteDevice": {
      const { ceiling, till, staff, replaces, minutes, store = firstStore } = change;
      const code = newPairingCode(random);
      const key = pairingSigner(code).publicKey;
      const expires = clock.nowMs() + minutes * 60_000;
      const body = { key, store, ceiling, till, staff, replaces, expires };
      return { proposal: { kind: "DeviceInvited", body }, answer: { code } };
    }
  }
}

import { doCommand } from "../../server/headless/do-command.ts";
import type { ImportPlan } from "../../shared/imports/import-plan.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";
import type { Dice } from "./dice.ts";
import type { Scheduler } from "./scheduler.ts";
import type { RunningTill, TillMachine } from "./till-machine.ts";
import type { Trace } from "./trace.ts";
import type { Witness } from "./witness.ts";

export interface CounterDeps {
  scheduler: Scheduler;
  trace: Trace;
  dice: Dice;
  witness: Witness;
  /** whether the shop is still open */
  isOpen(): boolean;
  /** between two customers, at most */
  restMsMost: number;
}

/** How often what is done. */
const habits = {
  AddMember: 14,
  EditMember: 16,
  TopUp: 20,
  RecordSale: 34,
  Reverse: 9,
  Import: 2,
  UndoImport: 2,
  Rights: 3,
};
type Habit = keyof typeof habits;

/** Somebody at the counter of one till: one thing after the other, for as long as the program lives. */
export async function workAt(
  till: TillMachine,
  running: RunningTill,
  deps: CounterDeps,
): Promise<void> {
  const { scheduler, dice, restMsMost } = deps;
  for (;;) {
    await scheduler.wait(dice.between(50, restMsMost), running.life);
    if (!deps.isOpen()) return;
    const members = [...running.headless.replica.members()];
    const habit = dice.weighted(members.length < 2 ? { ...habits, AddMember: 100 } : habits);
    await serve(habit, members, till, running, deps);
  }
}

async function serve(
  habit: Habit,
  members: readonly MemberView[],
  till: TillMachine,
  running: RunningTill,
  deps: CounterDeps,
): Promise<void> {
  const { dice, witness, trace } = deps;
  const { replica } = running.headless;
  if (habit === "Import") return importSome(till, running, deps);
  if (habit === "Rights") return changeRights(running, deps);
  const wish = wishOf(habit, members, running, dice);
  if (!wish) return;
  const { session, headless, platform } = running;
  const done = await doCommand(platform, headless, wish.json, { session, staff: wish.staff });
  const words = `${till.name} ${JSON.stringify(wish.json)}`;
  if (done.ok && "operations" in done.value) {
    const refs = done.value.operations;
    trace.say(`${words} → ${refs.join(" ")}`);
    witness.did({ till: till.name, command: habit, refs, takings: wish.takings });
  } else trace.say(`${words} → ${JSON.stringify(done)}`);
  if (replica.unsent() > 200) throw new Error("a till falls ever further behind");
}

interface Wish {
  json: { command: string };
  staff: string | undefined;
  takings: Record<string, number>;
}

function wishOf(
  habit: Exclude<Habit, "Import" | "Rights">,
  members: readonly MemberView[],
  { headless }: RunningTill,
  dice: Dice,
): Wish | undefined {
  const staff = dice.pick([...headless.replica.authority.staff.keys()]);
  const { books } = headless.replica;
  const wish = (json: object, takings: Record<string, number> = {}): Wish => ({
    json: { command: habit, ...json },
    staff,
    takings,
  });
  if (habit === "AddMember") return wish({ fields: newFields(dice) });
  if (habit === "UndoImport") {
    const batches = [...books.imports.keys()];
    return batches.length > 0 ? wish({ batch: dice.pick(batches), reason: "试" }) : undefined;
  }
  if (habit === "Reverse") {
    const targets = [...books.sales.keys(), ...books.lots.keys()].slice(-12);
    if (targets.length === 0) return undefined;
    const target = dice.pick(targets);
    const sale = books.sales.get(target);
    return wish(
      { target, reason: "撤销" },
      sale ? {} : { cash: -(books.lots.get(target)?.principal ?? 0) },
    );
  }
  if (members.length === 0) return undefined;
  const { id: member } = dice.pick(members);
  if (habit === "EditMember") {
    const field = dice.pick(["name", "note", "level", "birthday"]);
    const value =
      field === "birthday" ? `0${dice.between(1, 9)}-1${dice.between(0, 9)}` : word(dice);
    return wish({ member, fields: { [field]: value } });
  }
  if (habit === "TopUp") {
    const principal = dice.between(1, 500) * 100;
    const bonus = dice.chance(0.5) ? dice.between(0, 5000) : 0;
    const tender = dice.pick(["cash", "wechat", "alipay"]);
    return wish(
      { member, principal, bonus, tenders: [{ tender, amount: principal }] },
      { [tender]: principal },
    );
  }
  return saleOf(member, headless.replica.spendable(member), books.balances.get(member), dice, wish);
}

function saleOf(
  member: string,
  here: number,
  balance: { principal: number; bonus: number } | undefined,
  dice: Dice,
  wish: (json: object, takings: Record<string, number>) => Wish,
): Wish {
  const all = Math.max(0, (balance?.principal ?? 0) + (balance?.bonus ?? 0));
  const stored = dice.chance(0.75)
    ? dice.between(0, dice.chance(0.8) ? Math.max(here, all) : all + 100)
    : 0;
  const cash = stored === 0 || dice.chance(0.3) ? dice.between(1, 9000) : 0;
  const discount = dice.chance(0.2) ? dice.between(0, 500) : 0;
  const tenders = [
    ...(stored > 0 ? [{ tender: "stored-value", amount: stored }] : []),
    ...(cash > 0 ? [{ tender: "cash", amount: cash }] : []),
  ];
  const item = { name: "护理", quantity: 1, list: stored + cash + discount, discount };
  const isKnown = stored > 0 || dice.chance(0.7);
  return wish({ ...(isKnown ? { member } : {}), items: [item], tenders }, cash > 0 ? { cash } : {});
}

async function importSome(
  till: TillMachine,
  running: RunningTill,
  { dice, witness, trace }: CounterDeps,
): Promise<void> {
  const { replica } = running.headless;
  const [staff = ""] = replica.authority.staff.keys();
  const source = { name: "members.csv", hash: "0", rows: 3 };
  const imported = await replica.importMembers(smallPlan(dice), [source], staff);
  trace.say(`${till.name} imports → ${JSON.stringify(imported)}`);
  if (imported.ok)
    witness.did({
      till: till.name,
      command: "Import",
      refs: [imported.value.batch],
      takings: {},
    });
}

/** Only the owner's own device holds a key that may change rights; others are told so. */
async function changeRights(running: RunningTill, { dice, trace }: CounterDeps): Promise<void> {
  const { platform, headless, session } = running;
  if (!headless.personalKey) return;
  const json = dice.chance(0.5)
    ? { command: "AddStaff", name: word(dice), role: dice.pick(["manager", "cashier"]) }
    : { command: "SetTopUpPresets", presets: [{ principal: dice.between(1, 99) * 100, bonus: 0 }] };
  const done = await doCommand(platform, headless, json, { session });
  trace.say(`rights ${JSON.stringify(json)} → ${JSON.stringify(done)}`);
}

function smallPlan(dice: Dice): ImportPlan {
  const members = Array.from({ length: dice.between(1, 4) }, (_, row) => ({
    row: row + 2,
    fields: newFields(dice),
    openingFen: dice.between(0, 9) * 1000,
    openingBonusFen: dice.between(0, 3) * 500,
    spentFen: undefined,
    purchases: dice.chance(0.5)
      ? [
          {
            row: 2,
            amountFen: dice.between(1, 9999),
            at: "2026-01-02",
            details: { 项目: "洗剪吹" },
          },
        ]
      : [],
  }));
  const sum = (of: (member: (typeof members)[number]) => number) =>
    members.reduce((total, member) => total + of(member), 0);
  const totals = {
    members: members.length,
    openingFen: sum((member) => member.openingFen),
    openingBonusFen: sum((member) => member.openingBonusFen),
    purchases: sum((member) => member.purchases.length),
    purchasesFen: sum((member) => member.purchases[0]?.amountFen ?? 0),
    spentControlFen: 0,
    spentDifferenceFen: 0,
    membersWithSpentDifference: 0,
  };
  return { members, totals, storeLabels: [], rejects: [], warnings: [] };
}

const newFields = (dice: Dice): Record<string, string> => ({
  name: word(dice),
  phone: `138${String(dice.between(0, 99_999_999)).padStart(8, "0")}`,
  ...(dice.chance(0.3) ? { card: `C${dice.between(1, 40)}` } : {}),
});

const word = (dice: Dice): string =>
  dice.pick(["王", "李", "张", "陈"]) + dice.pick(["芳", "伟", "娜", "敏"]) + dice.between(1, 99);

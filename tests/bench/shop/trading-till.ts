import { nodeSignatures } from "../../../server/adapters/node-signatures.ts";
import { fromBase64Url } from "../../../shared/journal/bytes.ts";
import type { Run } from "../../../shared/journal/run.ts";
import type { MemberKey } from "../../../shared/members/member-fields.ts";
import { authorRun, type Drafting } from "../../../shared/replica/author.ts";
import type { Command } from "../../../shared/replica/commands.ts";
import { decide } from "../../../shared/replica/decide.ts";
import { Ledger } from "../../../shared/replica/ledger.ts";
import { type BenchShop, clock, random, tillSigner } from "./bench-shop.ts";

export interface TradedRun {
  run: Run;
  /** of members that it adds */
  keys: [member: string, key: string][];
}

/** The only till of a shop with members: they come, top up, and pay from their balance or in cash. */
export class TradingTill {
  readonly members: string[] = [];
  readonly #ledger = new Ledger(nodeSignatures);
  readonly #shop: BenchShop;
  readonly #keys = new Map<string, MemberKey>();
  #sold = 0;

  private constructor(shop: BenchShop) {
    this.#shop = shop;
  }

  static async open(shop: BenchShop): Promise<TradingTill> {
    const till = new TradingTill(shop);
    for (const text of shop.authority) await till.#ledger.addAuthority(text);
    return till;
  }

  /** A member who pays ¥500 in and gets ¥50 besides. */
  async join(): Promise<TradedRun[]> {
    const nth = this.members.length;
    const phone = `138${String(nth).padStart(8, "0")}`;
    const fields = { name: `会员${nth}`, phone, card: `VIP${nth}` };
    const added = await this.#act({ command: "AddMember", fields });
    const member = added.keys[0]?.[0] ?? "";
    this.members.push(member);
    const tenders = [{ tender: "cash" as const, amount: 500_00 }];
    const paid = { principal: 500_00, bonus: 50_00, tenders };
    return [added, await this.#act({ command: "TopUp", member, ...paid })];
  }

  /** Every third is paid from somebody's balance. */
  sell(): Promise<TradedRun> {
    const nth = this.#sold++;
    const amount = 18_00 + (nth % 20) * 100;
    const items = [{ name: "美式咖啡", quantity: 1, list: amount, discount: 0 }];
    const member = nth % 3 === 0 ? this.members[(nth / 3) % this.members.length] : undefined;
    return member !== undefined && this.#owns(member) > amount
      ? this.#act({
          ...{ command: "RecordSale", member, items },
          tenders: [{ tender: "stored-value", amount }],
        })
      : this.#act({ command: "RecordSale", items, tenders: [{ tender: "cash", amount }] });
  }

  get #till(): BenchShop["devices"][number] {
    const [till] = this.#shop.devices;
    if (!till) throw new Error("the shop has no till");
    return till;
  }

  get #chain(): string {
    return `${this.#till.id}@${this.#shop.store}`;
  }

  #owns(member: string): number {
    const { principal = 0, bonus = 0 } = this.#ledger.books.balances.get(member) ?? {};
    return principal + bonus;
  }

  async #act(command: Command): Promise<TradedRun> {
    const { org } = this.#shop;
    const { books } = this.#ledger;
    const chain = this.#chain;
    const decided = decide(command, {
      ...{ org, books, random, chain },
      keyOf: (member) => this.#keys.get(member),
      fieldsOf: () => ({}),
      memberByCard: () => undefined,
    });
    if (!decided.ok) throw new Error(decided.refusal.code);
    const { drafts, newKey } = decided.value;
    const run = await this.#write(drafts);
    const keys: TradedRun["keys"] = [];
    if (newKey) {
      const member = `${chain}:${this.#ledger.head(chain).next - 1}`;
      keys.push([member, newKey.key]);
      this.#keys.set(member, fromBase64Url(newKey.key) as MemberKey);
    }
    return { run, keys };
  }

  async #write(drafts: readonly Drafting[]): Promise<Run> {
    const { store, staff } = this.#shop;
    const author = { device: this.#till.id, store, staff, attested: true };
    const deps = { ledger: this.#ledger, clock, signer: tillSigner(this.#till) };
    const run = await authorRun(deps, author, drafts);
    const checked = await this.#ledger.check(run, { verify: false });
    if (!checked.ok) throw new Error(checked.refusal.code);
    this.#ledger.enter(checked.value, clock.nowMs());
    return run;
  }
}

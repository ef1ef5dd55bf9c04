import { nodeSignatures } from "../../../server/adapters/node-signatures.ts";
import type { Run } from "../../../shared/journal/run.ts";
import { authorRun, type Drafting } from "../../../shared/replica/author.ts";
import { Ledger } from "../../../shared/replica/ledger.ts";
import { type BenchShop, clock, tillSigner } from "./bench-shop.ts";

/** One till that rings up sales, each a run of its own, as a counter does. */
export class SalesAuthor {
  readonly #ledger = new Ledger(nodeSignatures);
  readonly #shop: BenchShop;
  readonly #till: BenchShop["devices"][number];
  #sold = 0;

  private constructor(shop: BenchShop, till: BenchShop["devices"][number]) {
    this.#shop = shop;
    this.#till = till;
  }

  static async open(shop: BenchShop, nth: number): Promise<SalesAuthor> {
    const till = shop.devices[nth];
    if (!till) throw new Error(`there is no till ${nth}`);
    const author = new SalesAuthor(shop, till);
    for (const text of shop.authority) await author.#ledger.addAuthority(text);
    return author;
  }

  /** The next sale, signed; of a usual size: one item, paid in cash. */
  sell(): Promise<Run> {
    return this.write([saleOf(this.#sold++)]);
  }

  async write(drafts: readonly Drafting[]): Promise<Run> {
    const { store, staff } = this.#shop;
    const author = { device: this.#till.id, store, staff, attested: true };
    const signer = tillSigner(this.#till);
    const run = await authorRun({ ledger: this.#ledger, clock, signer }, author, drafts);
    const checked = await this.#ledger.check(run, { verify: false });
    if (!checked.ok) throw new Error(checked.refusal.code);
    this.#ledger.enter(checked.value, clock.nowMs());
    return run;
  }
}

const saleOf =
  (nth: number): Drafting =>
  () => {
    const list = 2800 + (nth % 50) * 100;
    const item = { name: "美式咖啡", quantity: 1, list, discount: 0, payable: list };
    const tenders = [{ tender: "cash", amount: list }];
    return { kind: "SaleRecorded", body: { items: [item], tenders, value: [] } };
  };

/** Who wrote an operation and as its which; read without parsing, it is done for every delivery. */
export function authorOf(text: string): { till: number; nth: number } | undefined {
  const device = text.indexOf('"device":"till');
  const seq = text.indexOf('"seq":', device);
  if (device < 0 || seq < 0) return undefined;
  return {
    till: Number.parseInt(text.slice(device + 14, device + 18), 10),
    nth: Number.parseInt(text.slice(seq + 6, seq + 16), 10),
  };
}

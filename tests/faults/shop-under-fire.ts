import { expect } from "vitest";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import type { Outcome } from "../../server/cli/outcome.ts";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import type { LiveReport } from "../../server/snapshots/verify-live.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { submitEntry } from "../../shared/replica/server-contact.ts";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import { act, chargeCommand } from "../harness/shop.ts";
import { enrolRaw, syncFrame } from "../server/raw-device.ts";
import {
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
} from "../server/server-harness.ts";
import { expectOnce, expectWhole, type Kept } from "./kept-once.ts";
import { Sender } from "./sender.ts";

const saleFen = 1_25;
const topUpFen = 10_00;
const chargeFen = 3_50;
const settleMsMax = 30_000;
/** Runs of one sender on their way at once. */
const inFlight = 2;

/** Two sales in one run: they count together or not at all. */
const sale: Drafting = () => ({
  kind: "SaleRecorded",
  body: {
    items: [{ name: "洗发", quantity: 1, list: saleFen, discount: 0, payable: saleFen }],
    tenders: [{ tender: "cash", amount: saleFen }],
    value: [],
  },
});

/**
 * A till with members and money, and two stores' devices that sell for cash, at a server that is killed
 * again and again. Knows what was acknowledged, and what all of it comes to.
 */
export class ShopUnderFire {
  readonly dir: string;
  readonly port: number;
  readonly till: HeadlessReplica;
  readonly session: DeviceSession;
  readonly acknowledgedEntries: string[] = [];
  readonly #founded: FoundedServer;
  readonly #owner: string;
  readonly #senders: Sender[] = [];
  readonly #tillOperations: string[] = [];
  #member = "";
  #topUps = 0;
  #charges = 0;
  #presets = 0;
  #newStore: Sender | undefined;

  private constructor(
    dir: string,
    founded: FoundedServer,
    till: HeadlessReplica,
    session: DeviceSession,
  ) {
    this.dir = dir;
    this.#founded = founded;
    this.port = founded.server.port;
    this.till = till;
    this.session = session;
    this.#owner = [...till.replica.authority.staff.keys()][0] ?? "";
  }

  /** The server that founded it has stopped when this resolves. */
  static async open(): Promise<ShopUnderFire> {
    const dir = await scratchFolder();
    const founded = await startFoundedServer(dir);
    const till = await joinDevice(founded.platform, founded.url, founded.ownerCode, "前台");
    const shop = new ShopUnderFire(dir, founded, till, till.connect());
    await eventually(() => shop.session.isSettled(), "the till is online");
    const [store = ""] = till.replica.authority.stores.keys();
    shop.#senders.push(await shop.#enrol(store), await shop.#enrol(await shop.#addStore()));
    await founded.stop();
    return shop;
  }

  async #addStore(): Promise<string> {
    const added = await this.#change({ command: "AddStore", name: "分店" });
    return "id" in added ? added.id : "";
  }

  async #enrol(store: string): Promise<Sender> {
    const invited = await this.#change({ command: "InviteDevice", till: false, store });
    return new Sender(await enrolRaw(this.#founded, "code" in invited ? invited.code : ""));
  }

  async #change(command: object) {
    const { platform } = this.#founded;
    const changed = await doCommand(platform, this.till, command, { session: this.session });
    if (!changed.ok) throw new Error(changed.refusal.code);
    return changed.value;
  }

  /** A store of which the server has no document yet, and a device that has sold nothing there. */
  async openNewStore(): Promise<void> {
    this.#newStore = await this.#enrol(await this.#addStore());
    await this.#newStore.connect();
  }

  #allSenders(): Sender[] {
    return this.#newStore ? [...this.#senders, this.#newStore] : this.#senders;
  }

  /** Everybody is back, and everything that was not acknowledged is sent again. */
  async settle(): Promise<void> {
    await Promise.all(this.#allSenders().map((sender) => sender.connect()));
    await eventually(
      () => {
        this.session.retryNow();
        return (
          this.session.isSettled() && this.#allSenders().every((one) => one.unacknowledged === 0)
        );
      },
      "everything is acknowledged",
      settleMsMax,
    );
    await this.#expectAgreement();
    if (this.#newStore) this.#retired.push(this.#newStore);
    this.#newStore = undefined;
  }

  readonly #retired: Sender[] = [];

  /** Works until told to stop; what a death interrupts is taken up again by `settle`. */
  async work(hasEnded: () => boolean): Promise<void> {
    await Promise.all([
      ...this.#allSenders().map(async (sender) => {
        while (!hasEnded()) {
          for (let sent = 0; sent < inFlight; sent++) await sender.write([sale, sale]);
          if (!(await sender.answered())) await eventually(hasEnded, "it died");
        }
      }),
      this.#serve(hasEnded),
      this.#changeRights(hasEnded),
    ]);
  }

  async #serve(hasEnded: () => boolean): Promise<void> {
    const { replica } = this.till;
    for (let nth = 0; !hasEnded(); nth++) {
      if (nth % 2 === 0) {
        const phone = String(13_800_000_000 + this.#tillOperations.length);
        const command = { command: "AddMember", fields: { name: "会员", phone } } as const;
        this.#member = await act(replica, command, this.#owner);
        this.#tillOperations.push(this.#member);
      }
      const member = this.#member;
      const tenders = [{ tender: "cash" as const, amount: topUpFen }];
      const topUp = { command: "TopUp", member, principal: topUpFen, bonus: 0, tenders } as const;
      this.#tillOperations.push(await act(replica, topUp, this.#owner));
      this.#topUps++;
      this.#tillOperations.push(await act(replica, chargeCommand(member, chargeFen), this.#owner));
      this.#charges++;
      await eventually(() => hasEnded() || replica.unsent() === 0, "the till's work is sent");
    }
  }

  async #changeRights(hasEnded: () => boolean): Promise<void> {
    const { replica, personalKey } = this.till;
    const api = this.#founded.platform.httpApi(this.#founded.url);
    while (!hasEnded()) {
      const before = replica.authority.heads.length;
      const presets = [{ principal: 100 * ++this.#presets, bonus: 0 }];
      const proposal = { kind: "TopUpPresetsSet", body: { presets } } as const;
      const entry = await replica.signAuthority(proposal, personalKey ? [personalKey] : []);
      const answer = await submitEntry(api, entry).catch(() => undefined);
      if (answer?.ok) this.acknowledgedEntries.push(entry);
      else if (answer && answer.refusal !== "not-next") throw new Error(answer.refusal);
      const isHere = () => replica.authority.heads.length > before;
      await eventually(() => hasEnded() || isHere() || !answer, "the till hears of it");
      if (!answer) await eventually(hasEnded, "a server that does not answer is gone");
    }
  }

  /** Does what no honest device does; the server writes it down. */
  async offend(hasEnded: () => boolean): Promise<void> {
    const [sender] = this.#senders;
    while (sender && !hasEnded()) {
      const socket = await sender.device.connect("authority").catch(() => undefined);
      if (!socket) return;
      socket.send(syncFrame(2, Uint8Array.of(1, 1, 1, 0, 0)));
      await socket.closed;
    }
  }

  ask(command: string): Promise<Outcome | undefined> {
    return unixControlSocket.ask(this.dir, command, {}).catch(() => undefined);
  }

  /** What may be asked for after the next start, however the server dies. */
  acknowledged(): { texts: string[]; refs: string[] } {
    const runs = [...this.#allSenders(), ...this.#retired].flatMap((one) => [...one.acknowledged]);
    const texts = runs.flatMap(({ operations, seal }) => [...operations, seal]);
    const { replica } = this.till;
    return {
      texts: [...texts, ...this.acknowledgedEntries],
      refs: this.#tillOperations.filter((ref) => replica.saved(ref).onServer),
    };
  }

  expectKept(kept: Kept, { texts, refs }: { texts: string[]; refs: string[] }): void {
    expectOnce(kept, texts);
    expect(refs.filter((ref) => !kept.refs.has(ref))).toEqual([]);
    expectWhole(
      kept,
      [...this.#allSenders(), ...this.#retired].flatMap(({ written }) => written),
    );
  }

  async expectSound(): Promise<void> {
    const verified = await this.ask("verify");
    const report = verified?.json as LiveReport | undefined;
    expect([verified?.exit, report?.damage, report?.missingKeys]).toEqual([0, [], []]);
    const status = (await this.ask("status"))?.json as { trouble?: string } | undefined;
    expect(status).toBeDefined();
    expect(status?.trouble).toBeUndefined();
  }

  /** The state is the same on both sides, and what an account book of our own says. */
  async #expectAgreement(): Promise<void> {
    let state: StateSummary | undefined;
    await eventually(async () => {
      state = (await this.ask("state-hash"))?.json as StateSummary | undefined;
      return state?.hash === this.till.replica.summary().hash;
    }, "the till and the server agree");
    const runs = [...this.#allSenders(), ...this.#retired].flatMap(({ written }) => written);
    const sold = runs.length * 2;
    const { trialBalance, liabilities, counts, disputed } = state as StateSummary;
    expect(Object.values(trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
    expect({
      cash: trialBalance["tender/cash"] ?? 0,
      owed: liabilities.principal,
      sales: counts.sales,
      uncounted: counts.waiting + counts.quarantined + counts.refused + disputed,
    }).toEqual({
      cash: sold * saleFen + this.#topUps * topUpFen,
      owed: this.#topUps * topUpFen - this.#charges * chargeFen,
      sales: sold + this.#charges,
      uncounted: 0,
    });
  }
}

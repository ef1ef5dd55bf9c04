import type { StateSummary } from "../../../shared/replica/state-hash.ts";
import { summarise } from "../../../shared/replica/state-hash.ts";
import type { Checker } from "../checker.ts";
import type { World } from "../world.ts";

const patienceMs = 5 * 60_000;
/** It takes as long as everything before; one history in so many is enough. */
const oneIn = 6;

/**
 * Everything is thrown away but one replica; from it alone, by the recovery that people use, a server
 * grows that holds the same operations and comes to the same. Must be the last: it leaves ruins. [ID4]
 */
export const anySurvivorRefills: Checker = {
  name: "any survivor refills",
  async atEnd(world) {
    const survivors = world.tills.filter(({ running }) => running?.headless.replica.isComplete());
    if (survivors.length === 0) return ["no replica is complete in the end"];
    if (!world.dice.chance(1 / oneIn)) return [];
    const survivor = world.dice.pick(survivors);
    const before = survivor.disk.texts();
    const state = survivor.running?.headless.replica.summary();
    world.trace.say(`— only ${survivor.name} is left`);
    for (const till of world.tills) if (till !== survivor) till.crash();
    world.server.crash("dark");
    world.server.loseDisk();
    world.server.start({ recover: "empty", words: world.words });
    const isRefilled = () => isSame(world, survivor.running?.headless.replica.summary());
    const isBack = await world.until(isRefilled, patienceMs);
    if (!isBack || !state) {
      const { gate } = world.server;
      const own = gate?.relay.authority && summarise(gate.relay.ledger);
      const there = survivor.running?.headless.replica.summary();
      const { state: shown, reason } = survivor.running?.session.status() ?? {};
      return [
        `${survivor.name} alone did not refill a server: it shows ${shown} ${reason ?? ""}`,
        `server ${gate?.relay.trouble() ?? "well"}: ${JSON.stringify(own)}`,
        `${survivor.name}: ${JSON.stringify(there)}`,
      ];
    }
    const { relay } = world.server.gate ?? {};
    const after = relay && summarise(relay.ledger);
    const holdings = (await world.holdings()).get("server");
    const lost = [...before].filter((text) => isOperation(text) && !holdings?.has(text));
    return [
      ...(lost.length > 0 ? [`${lost.length} operations are not on the new server`] : []),
      ...(JSON.stringify(worth(state)) === JSON.stringify(worth(after))
        ? []
        : [
            `was ${JSON.stringify(worth(state))}, is ${JSON.stringify(worth(after))}`,
            JSON.stringify([...(relay?.ledger.fold.exceptions() ?? [])]),
          ]),
    ];
  },
};

/** The new server has opened a term of its own, and both come to the same under one label. */
function isSame({ server }: World, survivor: StateSummary | undefined): boolean {
  const ledger = server.gate?.relay.authority && server.gate.relay.ledger;
  if (!ledger || !survivor) return false;
  const own = summarise(ledger);
  return JSON.stringify(own.label) === JSON.stringify(survivor.label) && own.hash === survivor.hash;
}

/** What people care about; purses may already have moved value home to the new server. */
const worth = (summary: StateSummary | undefined) =>
  summary && {
    members: summary.counts.members,
    lots: summary.counts.lots,
    sales: summary.counts.sales,
    oldPurchases: summary.counts.oldPurchases,
    waiting: summary.counts.waiting,
    quarantined: summary.counts.quarantined,
    refused: summary.counts.refused,
    trialBalance: summary.trialBalance,
    liabilities: summary.liabilities,
    oldPurchasesFen: summary.oldPurchasesFen,
    disputed: summary.disputed,
  };

/** Authority entries and seals are written anew or elsewhere. */
const isOperation = (text: string): boolean => text.includes('"hlc":');

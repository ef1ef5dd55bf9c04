import type { StateSummary } from "../../../shared/replica/state-hash.ts";
import { summarise } from "../../../shared/replica/state-hash.ts";
import type { Checker } from "../checker.ts";
import type { World } from "../world.ts";

/**
 * Under equal labels all replicas have the same state hash, at any time; and in the end all have the
 * same label, because everybody has heard everything.
 */
export const converged: Checker = {
  name: "converged",
  meanwhile: (world) => differences(world),
  atEnd(world) {
    if (world.neverRested) return ["it never came to rest", ...world.neverRested];
    const labels = new Set(summaries(world).map(({ summary }) => JSON.stringify(summary.label)));
    return [...differences(world), ...(labels.size > 1 ? [`${labels.size} labels`] : [])];
  },
};

function differences(world: World): string[] {
  const byLabel = new Map<string, { name: string; summary: StateSummary }>();
  const complaints: string[] = [];
  for (const each of summaries(world)) {
    const label = JSON.stringify(each.summary.label);
    const other = byLabel.get(label) ?? each;
    byLabel.set(label, other);
    if (other.summary.hash !== each.summary.hash)
      complaints.push(
        `${other.name} and ${each.name} differ under one label: ${JSON.stringify(other.summary)} and ${JSON.stringify(each.summary)}`,
      );
  }
  return complaints;
}

function summaries(world: World): { name: string; summary: StateSummary }[] {
  const { gate } = world.server;
  const own = gate?.relay.authority
    ? [{ name: "server", summary: summarise(gate.relay.ledger) }]
    : [];
  return [
    ...own,
    ...world.tills.flatMap(({ name, running }) =>
      running ? [{ name, summary: running.headless.replica.summary() }] : [],
    ),
  ];
}

import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import type { Alarm } from "../../server/relay/alarms.ts";
import { DeviceDesk } from "../../server/relay/device-desk.ts";
import { Relay } from "../../server/relay/relay.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { ManualTimers } from "../server/manual-timers.ts";
import { type Corpus, elementsOfRuns, quickSigner, shopDocument } from "./corpus.ts";

/** The production server without network and disk, holding the known part of a corpus. */
export interface VictimServer {
  relay: Relay;
  desk: DeviceDesk;
  store: MemoryStore;
  timers: ManualTimers;
  alarms: Alarm[];
  clock: { nowMs(): number };
  /** runs that were put aside because they contradict others */
  forks: Set<string>;
}

export async function startVictim(corpus: Corpus): Promise<VictimServer> {
  const store = createMemoryStore();
  const { organisation } = corpus;
  const elements = elementsOfRuns(corpus.runs.slice(0, corpus.known));
  await store.commit({
    append: [
      { name: authorityDocument, from: 0, elements: organisation.authority },
      { name: shopDocument, from: 0, elements },
    ],
    keysAdd: corpus.keys.filter(([member]) => elements.some((text) => isAddedBy(text, member))),
  });
  return openVictim(corpus, store);
}

/** The same as after a restart. */
export async function openVictim(corpus: Corpus, store: MemoryStore): Promise<VictimServer> {
  const { clock } = corpus.organisation;
  const timers = new ManualTimers();
  const alarms: Alarm[] = [];
  const alarm = (raised: Alarm) => void alarms.push(raised);
  const forks = new Set<string>();
  const state = await store.load();
  const loaded = await loadLedger(store, state.documents, nodeSignatures, clock.nowMs());
  const relay = new Relay(
    {
      store,
      clock,
      timers,
      signatures: nodeSignatures,
      device: "srv1",
      signer: quickSigner("srv1"),
      forks: {
        async keep({ run }) {
          const isNew = !forks.has(run.seal);
          forks.add(run.seal);
          return isNew;
        },
      },
      alarm,
    },
    loaded,
    state.keys,
  );
  const keepReports = () => Promise.resolve();
  const desk = new DeviceDesk({ relay, clock, timers, alarm, keptReports: {}, keepReports });
  return { relay, desk, store, timers, alarms, clock, forks };
}

/** Everything that nobody may change without a right; equal before and after what is refused. */
export function stateOf({ relay, store, forks }: VictimServer) {
  return {
    ...summarise(relay.ledger),
    documents: relay.documents(),
    stored: [...store.content.documents].map(([name, { length }]) => `${name} ${length}`),
    keys: relay.keyring.total,
    chains: relay.heads().size,
    forks: forks.size,
    trouble: relay.trouble(),
  };
}

function isAddedBy(text: string, member: string): boolean {
  if (!text.includes('"kind":"MemberAdded"')) return false;
  const { device, store, seq } = JSON.parse(text) as { device: string; store: string; seq: number };
  return `${device}@${store}:${seq}` === member;
}

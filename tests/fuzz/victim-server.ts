import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import type { Alarm } from "../../server/relay/alarms.ts";
import { DeviceDesk } from "../../server/relay/device-desk.ts";
import { Relay } from "../../server/relay/relay.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { writeCheckpoint } from "../../shared/replica/checkpoint.ts";
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

/** A server that knows of no organisation yet. */
export const emptyVictim = (corpus: Corpus): Promise<VictimServer> =>
  openVictim(corpus, createMemoryStore());

/** The same as after a restart. */
export async function openVictim(corpus: Corpus, store: MemoryStore): Promise<VictimServer> {
  const { clock } = corpus.organisation;
  const timers = new ManualTimers();
  const alarms: Alarm[] = [];
  const alarm = (raised: Alarm) => void alarms.push(raised);
  const state = await store.load();
  const loaded = await loadLedger(store, state, nodeSignatures, clock.nowMs());
  const relay = new Relay(
    {
      store,
      clock,
      timers,
      signatures: nodeSignatures,
      device: "srv1",
      signer: quickSigner("srv1"),
      alarm,
    },
    loaded,
    state.keys,
  );
  const keepReports = () => Promise.resolve();
  const signatures = nodeSignatures;
  const reports = { keptReports: {}, keepReports };
  const desk = new DeviceDesk({ relay, clock, timers, signatures, alarm, ...reports });
  return { relay, desk, store, timers, alarms, clock };
}

/** A device shows what this server signed on a day when its documents were longer. */
export async function showPutBack({ relay, desk }: VictimServer): Promise<void> {
  const held = relay.checkpoint();
  const documents = held.documents.map(([name, length]) => [name, length + 1] as [string, number]);
  const text = await writeCheckpoint({ ...held, documents }, quickSigner("srv1"));
  await desk.take({ device: "pc1", send: () => {} }, { type: "checkpoint", text });
}

/** Everything that nobody may change without a right; equal before and after what is refused. */
export function stateOf({ relay, store }: VictimServer) {
  return {
    ...summarise(relay.ledger),
    documents: relay.documents(),
    stored: [...store.content.documents].map(([name, { length }]) => `${name} ${length}`),
    keys: relay.keyring.total,
    chains: relay.heads().size,
    apart: relay.branches().length,
    trouble: relay.trouble(),
  };
}

function isAddedBy(text: string, member: string): boolean {
  if (!text.includes('"kind":"MemberAdded"')) return false;
  const { device, store, seq } = JSON.parse(text) as { device: string; store: string; seq: number };
  return `${device}@${store}:${seq}` === member;
}

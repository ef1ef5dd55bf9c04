import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { nodeSignatures } from "../../../server/adapters/node-signatures.ts";
import { createDeviceReplica } from "../../../shared/replica/device-replica.ts";
import { loadLedger } from "../../../shared/replica/load-ledger.ts";
import { summarise } from "../../../shared/replica/state-hash.ts";
import { clock, random, tillSigner } from "../shop/bench-shop.ts";
import { silentLog } from "../shop/silent-log.ts";

// Opens a replica's folder in a process of its own. Usage: fold-alone.ts fold|open FOLDER ORG STORE
const [mode = "", folder = "", org = "", shopStore = ""] = process.argv.slice(2);
const store = await createNodePlatform(silentLog).openStore(folder);
const began = performance.now();
const secondsSince = (fromMs: number) => (performance.now() - fromMs) / 1000;
const result = mode === "fold" ? await fold() : await open();
const rssMb = process.memoryUsage().rss / 1e6;
process.stdout.write(`${JSON.stringify({ ...result, rssMb })}\n`, () => process.exit(0));

/** Reading, checking and folding everything; then the state hash. */
async function fold() {
  const held = await store.load();
  const { ledger } = await loadLedger(store, held, nodeSignatures, clock.nowMs());
  const seconds = secondsSince(began);
  const hashing = performance.now();
  const { counts } = summarise(ledger);
  return { count: counts.operations, seconds, stateHashSeconds: secondsSince(hashing) };
}

/** Everything until a device can list its members. */
async function open() {
  const replica = await createDeviceReplica({
    store,
    clock,
    random,
    signatures: nodeSignatures,
    signer: tillSigner({ seed: "A".repeat(43) }),
    identity: { org, device: "till0", store: shopStore },
  });
  const count = [...replica.members()].length;
  return { count, seconds: secondsSince(began) };
}

import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { DeviceSession } from "../../shared/replica/device-session.ts";
import type { ApiAnswer, ServerApi } from "../../shared/sync/server-api.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { addMember } from "../harness/shop.ts";
import type { ManualTimers } from "../server/manual-timers.ts";
import { type Corpus, elementsOfRuns, quickSigner, shopDocument } from "./corpus.ts";

/** A browser's end of a socket whose other end says what it likes. */
export class LyingSocket {
  static readonly opened: LyingSocket[] = [];
  /** whether what devices say is kept */
  static listens = false;
  readonly OPEN = 1;
  readyState = 0;
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly url: string;
  /** what the device said and nobody has heard yet */
  readonly heard: Uint8Array[] = [];

  constructor(url: string) {
    this.url = url;
    LyingSocket.opened.push(this);
  }
  send(bytes: Uint8Array): void {
    if (LyingSocket.listens) this.heard.push(bytes);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.({ code: 1000 });
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(data: unknown): void {
    if (this.readyState === 1) this.onmessage?.({ data });
  }
}

/** Answers as a server does that serves this organisation. */
const honestApi: ServerApi = {
  get: async (): Promise<ApiAnswer> => ({
    status: 200,
    body: { mode: "ready", org: "testorg", name: "x", version: "1" },
  }),
  post: async (path): Promise<ApiAnswer> =>
    path.endsWith("challenge")
      ? { status: 200, body: { challenge: "A".repeat(32) } }
      : { status: 200, body: { tickets: ["t1", "t2", "t3"] } },
};

export interface Device {
  store: MemoryStore;
  replica: DeviceReplica;
  /** recorded here, and nowhere else yet */
  unsent: string;
}

export async function openDevice(corpus: Corpus): Promise<Device> {
  const { authority, clock, random } = corpus.organisation;
  const store = createMemoryStore();
  const elements = elementsOfRuns(corpus.runs.slice(0, corpus.known));
  await store.commit({
    append: [
      { name: authorityDocument, from: 0, elements: authority },
      { name: shopDocument, from: 0, elements },
    ],
    keysAdd: [...corpus.keys],
  });
  const replica = await createDeviceReplica({
    store,
    clock,
    random,
    signatures: nodeSignatures,
    signer: quickSigner("pc1"),
    identity: { org: "testorg", device: "pc1", store: "s1" },
  });
  return { store, replica, unsent: await addMember(replica, "离线", "13700000000") };
}

export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Connects a device to whoever holds the other ends of `LyingSocket.opened`. */
export function connectDevice(
  { replica }: Device,
  { organisation: { clock, random } }: Corpus,
  timers: ManualTimers,
): DeviceSession {
  const remembered = new Map<string, string>();
  LyingSocket.opened.length = 0;
  return new DeviceSession({
    replica,
    api: honestApi,
    socketUrl: "ws://localhost/sync",
    WebSocket: LyingSocket,
    signer: quickSigner("pc1"),
    signatures: nodeSignatures,
    clock,
    random,
    timers,
    persisted: () => true,
    remember: {
      get: (name) => remembered.get(name),
      set: (name, value) => void remembered.set(name, value),
    },
  });
}
